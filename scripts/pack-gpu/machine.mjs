/** What a machine is, as far as files and nvidia-smi tell; what is not there is left out. */
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import path from 'node:path';
import { run } from './step.mjs';

function text(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function names(folder) {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const displayClass = /^0x03|^0x12/; // of PCI: display controllers, processing accelerators

/** GPUs on the bus, whether a driver knows them or not. */
function cards() {
  const folder = '/sys/bus/pci/devices';
  return names(folder)
    .map((pci) => ({ pci, of: (name) => text(path.join(folder, pci, name)) }))
    .filter(({ of }) => displayClass.test(of('class') ?? ''))
    .map(({ pci, of }) => ({
      ...{ pci, vendor: of('vendor'), device: of('device') },
      driver: /^DRIVER=(.*)$/m.exec(of('uevent') ?? '')?.[1],
    }));
}

function mayOpen(file) {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The devices' files, and whether this process may open them. */
function files() {
  const known = [
    '/dev/kfd',
    ...names('/dev').flatMap((name) => (/^nvidia/.test(name) ? [`/dev/${name}`] : [])),
  ];
  const render = names('/dev/dri').map((name) => `/dev/dri/${name}`);
  const found = [...known, ...render].filter(
    (file) => text(file) !== undefined || names(path.dirname(file)).includes(path.basename(file)),
  );
  return Object.fromEntries(found.map((file) => [file, mayOpen(file)]));
}

async function nvidiaSmi(env) {
  const fields =
    'name,driver_version,memory.total,pci.bus_id,clocks.max.sm,clocks.max.mem,power.limit,persistence_mode';
  const args = [`--query-gpu=${fields}`, '--format=csv,noheader'];
  const { status, stdout } = await run('nvidia-smi', args, { env, seconds: 30 });
  return status === 0 ? stdout.trim().split('\n') : undefined;
}

export async function machine(env) {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(text('/etc/os-release') ?? '')?.[1];
  const modules = ['amdgpu', 'nvidia', 'i915', 'xe'].map((name) => [
    name,
    text(`/sys/module/${name}/version`),
  ]);
  return {
    system,
    kernel: release(),
    glibc: process.report.getReport().header.glibcVersionRuntime,
    node: process.version,
    processor: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    cards: cards(),
    modules: Object.fromEntries(modules.filter(([, version]) => version !== undefined)),
    nvidia: text('/proc/driver/nvidia/version')?.split('\n')[0],
    nvidiaSmi: await nvidiaSmi(env),
    files: files(),
  };
}
