import type { DeviceInfo } from '../addon/device-info';
import { type Dtype, bytesPerValue } from '../base/data-types';

/** What time goes into on a device; `thalweg tune` measures it. */
export interface Costs {
  /** Bytes a second on their way to the device, their check included. */
  readonly uploadRate: number;
  /** Bytes of X a second in a pass that all of the device makes. */
  readonly passRate: number;
  /** Seconds to start one launch: a pass and the step after it take two. */
  readonly launchSeconds: number;
  /** Seconds of a step that waits for the one before, besides its rows. */
  readonly stepSeconds: number;
  /** Bytes of X a second in such steps, which one work-group or core takes. */
  readonly stepRate: number;
}

/** What a call does with X. */
export interface Work {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: Dtype;
  /** Passes over all rows. */
  readonly passes: number;
  /** Rows of a step, where steps within a pass wait for one another. */
  readonly stepRows?: number;
  /** Whether rows have several outputs: then kernels make a pass of every batch. */
  readonly several?: boolean;
  /** How many values a row takes a device as long as that holds its sparse columns as what they are, as all do. */
  readonly heldColumns?: number;
}

/** The same work as the CPU device has it. */
function onCpu({ heldColumns, ...work }: Work): Work {
  return { ...work, columns: heldColumns ?? work.columns };
}

/**
 * And as kernels have it: what is sparse is held by rows and by columns, and a pass reads both. Of steps over a few rows
 * these are written out.
 */
function onGpu(work: Work): Work {
  const { columns, heldColumns, stepRows } = work;
  if (heldColumns === undefined || stepRows !== undefined) return work;
  return { ...work, columns: Math.min(2 * heldColumns, columns) };
}

export function bytesOf({ rows, columns, dtype }: Pick<Work, 'rows' | 'columns' | 'dtype'>): number {
  return rows * columns * bytesPerValue[dtype];
}

const launchesAStep = 2;
/** Those of sparse columns, where dense ones stand beside them. */
const launchesOfSparse = 7;
/** Larger batches are a pass each: the bounds of native/device/kernels/plan/sizes.cc. */
const mostStepRows = 1024;
const mostStepElements = 65_536;

/** How long the work takes on a device that X has to be copied to first. */
export function secondsOf(costs: Costs, work: Work): number {
  const { passRate, launchSeconds, stepSeconds, stepRate, uploadRate } = costs;
  const { rows, columns, passes, stepRows, heldColumns, several = false } = work;
  const bytes = bytesOf(work);
  const pass = bytes / passRate;
  const isSparse = heldColumns !== undefined && stepRows === undefined;
  const launches = (isSparse ? launchesOfSparse : launchesAStep) * launchSeconds;
  const once = (): number => {
    if (stepRows === undefined) return pass + launches;
    const steps = Math.ceil(rows / stepRows);
    const large = several || stepRows > mostStepRows || stepRows * columns > mostStepElements;
    // An epoch ends with a pass for its loss.
    return pass + launches + (large ? pass + steps * launches : bytes / stepRate + steps * stepSeconds);
  };
  return bytes / uploadRate + passes * once();
}

/** Two cores read some 15 GB/s of rows; more read more until the memory channels of a server are full. */
function defaultCpu(computeUnits: number): Costs {
  const passRate = Math.min(7.5e9 * computeUnits, 200e9);
  return { uploadRate: 3e9, passRate, launchSeconds: 0.5e-6, stepSeconds: 50e-9, stepRate: 12e9 };
}

/** No GPU is faster: an MI300X (5.3 TB/s) on PCIe 5 x16. What it loses need not ask a driver whether there is one. */
const fastestGpu: Costs = {
  uploadRate: 60e9,
  passRate: 6e12,
  launchSeconds: 1.5e-6,
  stepSeconds: 1e-6,
  stepRate: 50e9,
};

/**
 * Per compute unit cards have 9 GB/s (RX 6500 XT: 144 GB/s, 16 units) to 20 (RX 7900 XTX, MI300X); those
 * of Intel mostly share the CPU's memory. 2 GB/s is the copy and check at 3 that the CPU has as well, and then PCIe 4 x4
 * at 6 (x16: 25). A launch takes some 10 µs.
 */
function defaultGpu({ vendor, computeUnits }: Pick<DeviceInfo, 'vendor' | 'computeUnits'>): Costs {
  const perUnit = vendor.startsWith('Intel') ? 2e9 : 9e9;
  const passRate = Math.min(perUnit * computeUnits, fastestGpu.passRate);
  return { uploadRate: 2e9, passRate, launchSeconds: 10e-6, stepSeconds: 3e-6, stepRate: 10e9 };
}

/** What a device costs where nothing was measured. */
export function defaultCosts(info: Pick<DeviceInfo, 'backend' | 'vendor' | 'computeUnits'>): Costs {
  return info.backend === 'cpu' ? defaultCpu(info.computeUnits) : defaultGpu(info);
}

/** Whether some GPU could be faster than a CPU of these costs. */
export function gpuMayWin(cpu: Costs, work: Work): boolean {
  return secondsOf(fastestGpu, onGpu(work)) < secondsOf(cpu, onCpu(work));
}

/** A device that 'auto' may stand for. */
export interface Candidate {
  readonly info: Pick<DeviceInfo, 'id' | 'float64' | 'memoryBytes'>;
  readonly costs: Costs;
}

/** Room that X leaves on a device for partial sums, and for what else is there. */
const usableShare = 0.9;

function fits({ info }: Candidate, work: Work): boolean {
  return (work.dtype === 'float32' || info.float64) && bytesOf(onGpu(work)) <= usableShare * info.memoryBytes;
}

/** The id of the faster one; the CPU where the GPU lacks the memory or the arithmetic, or is no faster. */
export function fasterOf(cpu: Candidate, gpu: Candidate | undefined, work: Work): string {
  if (gpu === undefined || !fits(gpu, work)) return cpu.info.id;
  return (secondsOf(gpu.costs, onGpu(work)) < secondsOf(cpu.costs, onCpu(work)) ? gpu : cpu).info.id;
}
