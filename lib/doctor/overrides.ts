import type { DeviceInfo } from '../addon/device-info';
import {
  OVERRIDE,
  PRE_VEGA,
  isPreVega,
  isRdna2Relative,
  overrideVariable,
  parseVersion,
} from '../drivers/hsa-override';
import { type DriverBackend, probe } from '../drivers/probe';
import { agrees, offeredGpus } from '../drivers/probe/targets';
import { type KfdGpu, gfxName } from '../drivers/system/kfd';
import { rocmVersion } from '../drivers/system/rocm';
import { type Finding, ok, problem, warning } from './finding';

/** Variables that keep GPUs from a driver. */
const HIDING = ['ROCR_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES', 'CUDA_VISIBLE_DEVICES', 'GPU_DEVICE_ORDINAL'];

/** Whether a device of that target trains with variables set. */
type WorksWith = (variables: Readonly<Record<string, string>>, target: string) => Promise<boolean>;

/** Reads a variable as drivers see it. */
export type Variable = (name: string) => string | undefined;

/**
 * Whether the variables that change what AMD's runtime offers fit the GPUs, and whether one of them would help.
 *
 * @param working The devices that trained.
 * @param answering The drivers that are tried with other variables.
 */
export async function overrideFindings(
  gpus: readonly KfdGpu[],
  working: readonly DeviceInfo[],
  answering: readonly DriverBackend[],
  variable: Variable,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const worksWith: WorksWith = async (variables, target) => {
    const offered = await offeredGpus(answering, variables, signal);
    const device = offered.find(({ isa }) => isa === target);
    return device !== undefined && agrees(await probe({ ask: 'fit', device: device.id }, variables, signal));
  };
  const idle = gpus.filter(({ target }) => !working.some(({ isa }) => isa === target));
  const found = [
    ...versionFindings(gpus, variable),
    ...HIDING.flatMap((name) => hidingFinding(name, variable(name)) ?? []),
    ...(await suggestions(gpus, idle.filter(isRdna2Relative), variable, worksWith)),
    ...(await preVega(idle.filter(isPreVega), variable, worksWith)),
  ];
  return found.length > 0
    ? found
    : [ok('OVERRIDE_NONE', "No variable changes what AMD's driver offers, and none would help.")];
}

/** What is set by HSA_OVERRIDE_GFX_VERSION and its per-node form. */
function versionFindings(gpus: readonly KfdGpu[], variable: Variable): Finding[] {
  const nodes = gpus.map(({ node }) => `${OVERRIDE}_${node}`);
  return [OVERRIDE, ...nodes].flatMap((name, index) => {
    const value = variable(name);
    if (value === undefined) return [];
    // A GPU's own variable goes before the one for all.
    const hit =
      index === 0
        ? gpus.filter(({ node }) => variable(`${OVERRIDE}_${node}`) === undefined)
        : gpus.slice(index - 1, index);
    return versionFinding(name, value, hit, gpus);
  });
}

function versionFinding(
  name: string,
  value: string,
  hit: readonly KfdGpu[],
  gpus: readonly KfdGpu[],
): Finding {
  const version = parseVersion(value);
  if (version === undefined) {
    return problem(
      'OVERRIDE_INVALID',
      `${name}=${value} is no version: AMD's runtime then offers no GPU at all.`,
      `export ${name}=10.3.0  # decimal; this is gfx1030`,
      `unset ${name}`,
    );
  }
  const target = gfxName(version);
  if (gpus.length === 0) {
    return warning(
      'OVERRIDE_UNFIT',
      `${name}=${value} is set, and no AMD GPU is shown that it could be for.`,
      `unset ${name}`,
    );
  }
  const alien = hit.filter((gpu) => gpu.version.major !== version.major);
  if (alien.length > 0) {
    const alike = gpus.filter((gpu) => gpu.version.major === version.major);
    return problem(
      'OVERRIDE_UNFIT',
      `${name}=${value} has the driver take ${listed(alien)} for ${target}, which is of another generation: its code does not run there.`,
      `unset ${name}`,
      ...alike.map((gpu) => `export ${overrideVariable(gpu, gpus)}=${value}`),
    );
  }
  return ok(
    'OVERRIDE_SET',
    `${name}=${value} has the driver take ${listed(hit)} for ${target}.`,
    'npx thalweg check',
  );
}

function listed(gpus: readonly KfdGpu[]): string {
  return gpus.map(({ target, node }) => `${target} (node ${node})`).join(' and ');
}

function hidingFinding(name: string, value: string | undefined): Finding | undefined {
  if (value === undefined) return undefined;
  return warning(
    'OVERRIDE_HIDES',
    `${name}=${value} is set: the driver offers only the GPUs that it lists.`,
    `unset ${name}`,
  );
}

/** For GPUs that gfx1030's code runs on and that do not work: whether they do as a gfx1030. */
async function suggestions(
  gpus: readonly KfdGpu[],
  idle: readonly KfdGpu[],
  variable: Variable,
  worksWith: WorksWith,
): Promise<Finding[]> {
  const free = idle.filter((gpu) =>
    [OVERRIDE, `${OVERRIDE}_${gpu.node}`].every((name) => variable(name) === undefined),
  );
  const findings = await Promise.all(
    free.map(async (gpu) => {
      const name = overrideVariable(gpu, gpus);
      if (!(await worksWith({ [name]: '10.3.0' }, 'gfx1030'))) return undefined;
      return warning(
        'OVERRIDE_SUGGESTED',
        `The driver does not offer ${gpu.target} (node ${gpu.node}) by its own name; taken for gfx1030, it works.`,
        `export ${name}=10.3.0`,
        'npx thalweg fit … --hsa-override',
        "openDevice('gpu', { hsaOverride: 'auto' })",
      );
    }),
  );
  return findings.filter((finding) => finding !== undefined);
}

async function preVega(
  idle: readonly KfdGpu[],
  variable: Variable,
  worksWith: WorksWith,
): Promise<Finding[]> {
  const [gpu] = idle;
  if (gpu === undefined || variable(PRE_VEGA) !== undefined) return [];
  const works = await worksWith({ [PRE_VEGA]: '1' }, gpu.target);
  const rocm = await rocmVersion();
  return [
    works
      ? warning(
          'OVERRIDE_PRE_VEGA',
          `ROCm 5 offers ${gpu.target} on request only; asked, it works.`,
          `export ${PRE_VEGA}=1`,
          'npx thalweg fit … --hsa-override',
        )
      : warning(
          'OVERRIDE_PRE_VEGA',
          `${gpu.target} is older than Vega: ROCm 5 offers it with ${PRE_VEGA}=1, ROCm 6 and later do not${rocm === undefined ? '' : ` (here is ${rocm})`}. Mesa's OpenCL driver may.`,
        ),
  ];
}
