import type { DeviceInfo } from '../addon/device-info';
import { autoDevice, openDevice } from '../devices/open';
import { addon } from '../addon/native';
import { askBackends } from './backends';
import { cacheFinding } from './cache';
import { containerFindings } from './container';
import { type Diagnosis, type Finding, ok } from './finding';
import { gpuFinding } from './gpu';
import { groupFinding } from './groups';
import { icdFindings, readIcds } from './icd';
import { driFindings, kfdFinding } from './kernel';
import { type Machine, hasAmd, lookAtMachine } from './machine';
import { memoryFindings } from './memory';
import { overrideFindings } from './overrides';
import { addonFinding, failureFinding, platformFinding } from './platform';
import { withRemedy } from './remedies';
import { tryDevices } from './trials';
import { tuningFindings } from './tuning';

/** `diagnose`, until a signal ends it, with whose reason it then rejects. */
export async function diagnoseUntil(signal?: AbortSignal): Promise<Diagnosis> {
  const machine = await lookAtMachine();
  const loaded = addonFinding();
  const findings = [
    platformFinding(machine.distribution),
    loaded,
    ...(await machineFindings(machine)),
    ...(loaded.level === 'ok' ? await driverFindings(machine, signal) : []),
  ].map((finding) => withRemedy(finding, machine));
  return { ok: findings.some(({ code }) => code === 'GPU_READY'), findings };
}

/** What can be seen without the addon. */
async function machineFindings(machine: Machine): Promise<Finding[]> {
  return [
    kfdFinding(machine),
    ...driFindings(machine),
    await groupFinding(machine),
    ...containerFindings(machine),
    ...(await icdFindings(await readIcds())),
  ];
}

async function driverFindings(machine: Machine, signal?: AbortSignal): Promise<Finding[]> {
  const { kfd, cards } = machine;
  try {
    const cpu = await describeCpu();
    const { findings, devices, answering } = await askBackends(signal);
    const variable = (name: string): string | undefined => addon().driverVariable(name);
    const trials = await tryDevices(devices, signal);
    return [
      cpuFinding(cpu),
      ...(hasAmd(machine) ? findings : findings.map(withoutAmd)),
      ...trials.compilers,
      ...(await overrideFindings(kfd.gpus, trials.working, answering, variable, signal)),
      ...memoryFindings([cpu, ...devices]),
      await cacheFinding(),
      ...(await tuningFindings([cpu, ...devices])),
      ...trials.devices,
      gpuFinding(devices, trials.working, cards),
    ];
  } catch (error) {
    signal?.throwIfAborted();
    return [failureFinding(error)];
  }
}

const absent = ['HIP_LIBRARY_MISSING', 'HIP_NO_DEVICES'];

/** HIP need not be there, nor see anything, where no AMD GPU is. */
function withoutAmd(finding: Finding): Finding {
  if (!absent.includes(finding.code)) return finding;
  const isMissing = finding.code === 'HIP_LIBRARY_MISSING';
  const what = isMissing ? 'HIP is not installed, nor needed: there is no AMD GPU.' : finding.what;
  return { code: finding.code, level: 'ok', what };
}

/** @throws ThalwegError where a variable has a value that is not allowed */
async function describeCpu(): Promise<DeviceInfo> {
  autoDevice();
  const device = await openDevice('cpu');
  await device.close();
  return device.info;
}

function cpuFinding({ name, computeUnits, driver }: DeviceInfo): Finding {
  return ok('CPU_READY', `The CPU can be used: ${name}, ${computeUnits} threads, ${driver}.`);
}
