import { freemem } from 'node:os';
import { type Dtype, bytesPerValue } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { DeviceInfo } from '../../addon/device-info';
import { resident, values } from '../data';
import { median } from '../median';
import { type Pace, race } from './measure';
import { epochs, passes, reads, roundTrips } from './works';

/** What is measured, and for how long. */
export interface BenchSettings extends Pace {
  readonly dtype: Dtype;
  /** Of X, at most; less where a device has little memory. */
  readonly bytes: number;
  /** n of the gradient passes. */
  readonly columns: readonly number[];
  /** n of the stochastic and mini-batch steps. */
  readonly stepColumns: readonly number[];
}

export interface PassResult {
  readonly columns: number;
  readonly rows: number;
  readonly seconds: number;
  /** Of X and y. */
  readonly gigabytesPerSecond: number;
  /** Of a read of X in the same rounds. */
  readonly readGigabytesPerSecond: number;
  /** Of the speed of that read. */
  readonly share: number;
}

export interface StepResult {
  readonly strategy: 'stochastic' | 'mini-batch';
  readonly columns: number;
  readonly batchSize?: number;
  readonly stepsPerSecond: number;
}

/** Seconds of a pass over X of some size, n = {@link SIZE_COLUMNS}. */
export interface SizeResult {
  readonly bytes: number;
  readonly rows: number;
  readonly seconds: number;
}

export interface DeviceResult {
  readonly device: DeviceInfo;
  /** The fastest read of X: the limit of a pass. */
  readonly limit: { readonly gigabytesPerSecond: number };
  readonly upload: { readonly gigabytesPerSecond: number };
  /** `launchSeconds`: a batch iteration over almost no data; `roundTripSeconds`: the same, read back by JavaScript. */
  readonly latency: { readonly launchSeconds: number; readonly roundTripSeconds: number };
  readonly passes: readonly PassResult[];
  readonly steps: readonly StepResult[];
  readonly sizes: readonly SizeResult[];
}

export const SIZE_COLUMNS = 64;
const SMALLEST_SIZE = 16 << 10;
const BATCH_SIZES = [undefined, 32, 256] as const;
const FIRST_STEP_ROWS = 2048;
const MOST_STEP_ROWS = 200_000;
const UPLOAD_BYTES = 64 << 20;

/** Bytes of X: an eighth of the device's memory at most, and of what is free where that is the computer's own. */
function roomFor({ type, memoryBytes }: DeviceInfo, wanted: number): number {
  const host = freemem() / 8;
  return Math.max(
    1 << 16,
    Math.min(wanted, type === 'cpu' ? Math.min(host, memoryBytes / 8) : memoryBytes / 8),
  );
}

/** All figures of one device; `tell` hears of each step on the way. */
export async function benchDevice(
  device: Device,
  settings: BenchSettings,
  tell: (what: string) => void,
): Promise<DeviceResult> {
  const bytes = roomFor(device.info, settings.bytes);
  tell('upload');
  const upload = await measureUpload(device, settings, Math.min(bytes, UPLOAD_BYTES));
  tell('latency');
  const latency = await measureLatency(device, settings);
  const passResults: PassResult[] = [];
  for (const columns of settings.columns) {
    tell(`gradient, n = ${columns}`);
    passResults.push(await measurePass(device, settings, columns, bytes));
  }
  const steps: StepResult[] = [];
  for (const columns of settings.stepColumns) {
    for (const batchSize of BATCH_SIZES) {
      tell(`${batchSize === undefined ? 'stochastic' : `batches of ${batchSize}`}, n = ${columns}`);
      steps.push(await measureSteps(device, settings, columns, batchSize, bytes));
    }
  }
  const sizes: SizeResult[] = [];
  for (let size = SMALLEST_SIZE; size <= bytes; size *= 8) {
    tell(`X of ${size / 1024} KiB`);
    sizes.push(await measureSize(device, settings, size));
  }
  const fastestRead = Math.max(...passResults.map(({ readGigabytesPerSecond }) => readGigabytesPerSecond));
  return {
    device: device.info,
    limit: { gigabytesPerSecond: fastestRead },
    ...{ upload, latency, passes: passResults, steps, sizes },
  };
}

async function measureUpload(
  device: Device,
  { dtype, rounds, signal }: BenchSettings,
  bytes: number,
): Promise<DeviceResult['upload']> {
  const columns = SIZE_COLUMNS;
  const rows = Math.max(1, Math.floor(bytes / columns / bytesPerValue[dtype]));
  const data = values(rows * columns, dtype);
  const seconds: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    signal.throwIfAborted();
    const start = performance.now();
    const X = await device.matrix({ data, shape: [rows, columns] });
    // The first one warms up.
    if (round > 0) seconds.push((performance.now() - start) / 1000);
    X.dispose();
  }
  return { gigabytesPerSecond: data.byteLength / median(seconds) / 1e9 };
}

async function measureLatency(device: Device, settings: BenchSettings): Promise<DeviceResult['latency']> {
  const data = await resident(device, 1, 1, settings.dtype);
  try {
    const works = { launch: passes(data, settings.signal), roundTrip: roundTrips(data, settings.signal) };
    const { launch, roundTrip } = await race(works, settings);
    return { launchSeconds: launch, roundTripSeconds: roundTrip };
  } finally {
    data.dispose();
  }
}

async function measurePass(
  device: Device,
  settings: BenchSettings,
  columns: number,
  bytes: number,
): Promise<PassResult> {
  const width = bytesPerValue[settings.dtype];
  const rows = Math.max(1, Math.floor(bytes / columns / width));
  const data = await resident(device, rows, columns, settings.dtype);
  try {
    const works = { pass: passes(data, settings.signal), read: reads(data, settings.signal) };
    const { pass, read } = await race(works, settings);
    const gigabytesPerSecond = (rows * (columns + 1) * width) / pass / 1e9;
    const readGigabytesPerSecond = (rows * columns * width) / read / 1e9;
    const share = gigabytesPerSecond / readGigabytesPerSecond;
    return { columns, rows, seconds: pass, gigabytesPerSecond, readGigabytesPerSecond, share };
  } finally {
    data.dispose();
  }
}

/** An epoch over few rows tells how many of them fill a turn. */
async function measureSteps(
  device: Device,
  settings: BenchSettings,
  columns: number,
  batchSize: number | undefined,
  bytes: number,
): Promise<StepResult> {
  const most = Math.max(
    1,
    Math.min(MOST_STEP_ROWS, Math.floor(bytes / columns / bytesPerValue[settings.dtype])),
  );
  const few = Math.min(most, FIRST_STEP_ROWS);
  const perRow = (await measureEpoch(device, settings, few, columns, batchSize, 1)) / few;
  const rows = Math.max(few, Math.min(most, Math.round(settings.seconds / perRow)));
  const seconds = await measureEpoch(device, settings, rows, columns, batchSize, settings.rounds);
  const stepsPerSecond = Math.ceil(rows / (batchSize ?? 1)) / seconds;
  return {
    strategy: batchSize === undefined ? 'stochastic' : 'mini-batch',
    columns,
    ...(batchSize === undefined ? {} : { batchSize }),
    stepsPerSecond,
  };
}

async function measureEpoch(
  device: Device,
  settings: BenchSettings,
  rows: number,
  columns: number,
  batchSize: number | undefined,
  rounds: number,
): Promise<number> {
  const data = await resident(device, rows, columns, settings.dtype);
  try {
    const { epoch } = await race(
      { epoch: epochs(data, batchSize, settings.signal) },
      { ...settings, rounds },
    );
    return epoch;
  } finally {
    data.dispose();
  }
}

async function measureSize(device: Device, settings: BenchSettings, bytes: number): Promise<SizeResult> {
  const rows = Math.max(1, Math.floor(bytes / SIZE_COLUMNS / bytesPerValue[settings.dtype]));
  const data = await resident(device, rows, SIZE_COLUMNS, settings.dtype);
  try {
    const { pass } = await race({ pass: passes(data, settings.signal) }, settings);
    return { bytes, rows, seconds: pass };
  } finally {
    data.dispose();
  }
}
