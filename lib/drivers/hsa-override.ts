import { checkObject, invalid, refuseUnknown } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { addon } from '../addon/native';
import type { DeviceOptions, HsaOverride } from './device-options';
import { refusedTargets } from './probe/targets';
import { type GfxVersion, type KfdGpu, gfxName, readKfd } from './system/kfd';
import { rocmVersion } from './system/rocm';

/** AMD's runtime reads it once, when it starts. */
export const OVERRIDE = 'HSA_OVERRIDE_GFX_VERSION';
/** By which ROCm 5 offers gfx8 to OpenCL; gone in ROCm 6. */
export const PRE_VEGA = 'ROC_ENABLE_PRE_VEGA';

/** gfx1030, whose code gfx1031 to gfx1036 run. */
const RDNA2: HsaOverride = '10.3.0';

/** 'major.minor.step' in the ranges that AMD's runtime takes; undefined for anything else. */
export function parseVersion(text: string): GfxVersion | undefined {
  const [major = 0, minor = 0, step = 0] = (/^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  return major < 1 || major > 63 || minor > 255 || step > 255 ? undefined : { major, minor, step };
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkHsaOverride(value: unknown): HsaOverride {
  if (value === 'auto' || (typeof value === 'string' && parseVersion(value) !== undefined)) {
    return value as HsaOverride;
  }
  throw invalid('hsaOverride', "'auto' or a version in decimal digits, as '10.3.0' for gfx1030", value);
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkDeviceOptions(options: unknown): DeviceOptions {
  checkObject('options', options);
  refuseUnknown(options, ['hsaOverride'], 'openDevice');
  const { hsaOverride } = options as { hsaOverride?: unknown };
  return hsaOverride === undefined ? {} : { hsaOverride: checkHsaOverride(hsaOverride) };
}

/** Whether gfx1030's code is known to run there, which is not a name of its own. */
export function isRdna2Relative({ version: { major, minor, step } }: KfdGpu): boolean {
  return major === 10 && minor === 3 && step >= 1 && step <= 6;
}

/** Whether it is of a generation that ROCm offers on request only, or no more: Fiji, Polaris. */
export function isPreVega({ version: { major } }: KfdGpu): boolean {
  return major === 8;
}

/**
 * The variable that sets the version of one GPU. Among several it is the per-node one, of ROCm 6.2 and later: the other
 * would hit them all.
 */
export function overrideVariable({ node }: KfdGpu, gpus: readonly KfdGpu[]): string {
  return gpus.length === 1 ? OVERRIDE : `${OVERRIDE}_${node}`;
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** What an override comes to: what is to be set, and for 'auto', why that and no more. */
interface Decision {
  readonly variables: readonly Variable[];
  readonly account?: string;
}

/**
 * Sets the variables that an override takes, before a driver reads them.
 *
 * @param device The name of the device that is about to be opened.
 * @returns what 'auto' found, for the message where no GPU can be opened after all; undefined where it had none to look at
 * @throws ThalwegError ERR_INVALID_ARGUMENT where a driver is loaded already, or no GPU could run such code
 */
export async function applyHsaOverride(override: HsaOverride, device: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { state, gpus } = await readKfd();
  const blind = state === 'unreadable';
  const { variables, account }: Decision =
    override !== 'auto'
      ? { variables: explicitVariables(override, gpus, blind) }
      : blind
        ? { variables: [], account: unreadable }
        : await automaticVariables(gpus, device);
  for (const variable of variables) {
    if (addon().setDriverVariable(variable.name, variable.value) === 'too late') throw tooLate(variable);
  }
  return account === undefined ? undefined : `hsaOverride 'auto' ${account}`;
}

const unreadable =
  "set nothing: it may not read the kernel's list of AMD GPUs, /sys/class/kfd/kfd/topology/nodes, and cannot tell what they need. " +
  "Where yours needs a version, name it, as '10.3.0'";

function explicitVariables(value: string, gpus: readonly KfdGpu[], blind: boolean): Variable[] {
  if (blind) return [{ name: OVERRIDE, value }];
  const version = parseVersion(value);
  // Instructions differ between generations: code of another one hangs the card or is refused by it.
  const alike = gpus.filter((gpu) => gpu.version.major === version?.major);
  if (version !== undefined && gpus.length > 0 && alike.length === 0) throw unfit(value, version, gpus);
  return alike
    .filter((gpu) => version !== undefined && gpu.target !== gfxName(version) && isFree(gpu, gpus))
    .map((gpu) => ({ name: overrideVariable(gpu, gpus), value }));
}

async function automaticVariables(gpus: readonly KfdGpu[], device: string): Promise<Decision> {
  const relatives = gpus.filter((gpu) => isRdna2Relative(gpu) && !isSetFor(gpu));
  const old = addon().driverVariable(PRE_VEGA) === undefined ? gpus.filter(isPreVega) : [];
  if (relatives.length + old.length === 0) return { variables: [], ...leftAlone(gpus) };
  const refusal = await refusedTargets(device);
  const fails = (gpu: KfdGpu): boolean => refusal(gpu.target) !== undefined;
  const rocm = old.some(fails) ? await rocmVersion() : undefined;
  const variables = [
    ...relatives.filter(fails).map((gpu) => ({ name: overrideVariable(gpu, gpus), value: RDNA2 })),
    ...(old.some(fails) && (rocm === undefined || rocm.startsWith('5.'))
      ? [{ name: PRE_VEGA, value: '1' }]
      : []),
  ];
  const set = variables.map(({ name, value }) => `${name}=${value}`).join(' and ') || 'nothing';
  const found = [...relatives, ...old].map(
    ({ target }) => `${target}: ${refusal(target) ?? 'works by its own name'}`,
  );
  return { variables, account: `set ${set} (${found.join('; ')})` };
}

/** Of GPUs that no variable of its own helps, or that the user has set one for. */
function leftAlone(gpus: readonly KfdGpu[]): Pick<Decision, 'account'> {
  const told = gpus.map(
    (gpu) => `${gpu.target} ${isSetFor(gpu) ? 'is told a version already' : 'has no other name'}`,
  );
  return told.length === 0 ? {} : { account: `set nothing: ${told.join('; ')}` };
}

/** Whether AMD's runtime is told a version for this GPU, by the user or by us. */
function isSetFor({ node }: KfdGpu): boolean {
  return [OVERRIDE, `${OVERRIDE}_${node}`].some((name) => addon().driverVariable(name) !== undefined);
}

/** Whether the other form of the variable, which the user may have set, says nothing of this GPU. */
function isFree(gpu: KfdGpu, gpus: readonly KfdGpu[]): boolean {
  const other = gpus.length === 1 ? `${OVERRIDE}_${gpu.node}` : OVERRIDE;
  return addon().driverVariable(other) === undefined;
}

function tooLate({ name, value }: Variable): ThalwegError {
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `hsaOverride comes too late: a GPU driver is loaded in this process already, and it has read ${name}. ` +
      'Open this device before anything else looks for devices (devices(), versions(), another device, a descent that is left to choose), ' +
      `or start Node with ${name}=${value}`,
    { option: 'hsaOverride' },
  );
}

function unfit(value: string, version: GfxVersion, gpus: readonly KfdGpu[]): ThalwegError {
  const there = gpus.map(({ target }) => target).join(', ');
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `hsaOverride '${value}' fits no GPU of this machine: it makes the driver compile for ${gfxName(version)}, ` +
      `and ${there} is of another generation. Leave it out, or pass 'auto'`,
    { option: 'hsaOverride' },
  );
}
