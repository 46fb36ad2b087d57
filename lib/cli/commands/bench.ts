import { type BenchResult, type DeviceResult, SIZE_COLUMNS, bench as measure } from '../../measure/bench';
import type { Dtype } from '../../base/data-types';
import type { HsaOverride } from '../../drivers/device-options';
import { type Context, note, print, printJson } from '../terminal/context';
import { colors, number } from '../terminal/format';
import { table } from '../terminal/table';
import { deviceOptions } from '../terminal/options';

/** What `thalweg bench` was asked for. */
export interface BenchOptions {
  /** None: every one. */
  readonly device?: readonly string[];
  readonly columns?: readonly number[];
  readonly mebibytes?: number;
  readonly seconds?: number;
  readonly dtype: Dtype;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly hsaOverride?: HsaOverride;
}

const WHOLE = {
  mebibytes: 512,
  seconds: 0.15,
  rounds: 5,
  columns: [1, 4, 16, 64, 256, 1024, 4096, 16_384],
  stepColumns: [8, 64, 256, 1024],
};
const QUICK = {
  mebibytes: 128,
  seconds: 0.05,
  rounds: 3,
  columns: [8, 64, 1024],
  stepColumns: [64],
};

/** Measures devices and prints what they reached; 1 where one of all of them failed. */
export async function bench(options: BenchOptions, context: Context): Promise<number> {
  const usual = options.quick === true ? QUICK : WHOLE;
  const settings = {
    ...usual,
    columns: options.columns ?? usual.columns,
    seconds: options.seconds ?? usual.seconds,
    bytes: Math.round((options.mebibytes ?? usual.mebibytes) * 2 ** 20),
    dtype: options.dtype,
    signal: context.signal,
  };
  const result = await measure(
    options.device ?? [],
    settings,
    ({ id }, what) => {
      if (process.stderr.isTTY) note(context, colors.dim(`${id}: ${what}…`));
    },
    deviceOptions(options),
  );
  if (context.json) printJson(result);
  else printResult(result, context);
  return result.failed.length > 0 ? 1 : 0;
}

function printResult({ devices, fastest, settings, failed }: BenchResult, context: Context): void {
  devices.forEach((one, index) => {
    print([...(index === 0 ? [] : ['']), ...deviceLines(one, settings.dtype)]);
  });
  if (fastest.length > 0) {
    const title = `A pass over X that is there already, n = ${SIZE_COLUMNS}: the fastest by size of X`;
    print(['', title, '', ...fastestTable(fastest)]);
  }
  for (const { device, code, message } of failed) note(context, `${device} failed: ${code}: ${message}`);
}

function deviceLines(result: DeviceResult, dtype: string): string[] {
  const { device, limit, upload, latency } = result;
  const { name, computeUnits, driver } = device;
  return [
    `${colors.bold(device.id)}: ${name}, ${number(computeUnits)} units, ${driver}; ${dtype}`,
    '',
    ...table(
      ['', ''],
      [
        ['the limit: one read of X', rate(limit.gigabytesPerSecond)],
        ['upload of X', rate(upload.gigabytesPerSecond)],
        ['an iteration on next to no data', microseconds(latency.launchSeconds)],
        ['a gradient of it, read back', microseconds(latency.roundTripSeconds)],
      ],
      [1],
    ).slice(1),
    '',
    ...passTable(result),
    '',
    ...stepTable(result),
  ];
}

function passTable({ passes }: DeviceResult): string[] {
  return table(
    ['gradient, n', 'rows', 'X and y', 'a read of X', 'share', 'a pass'],
    passes.map(({ columns, rows, seconds, gigabytesPerSecond, readGigabytesPerSecond, share }) => [
      number(columns),
      number(rows),
      rate(gigabytesPerSecond),
      rate(readGigabytesPerSecond),
      `${Math.round(share * 100)} %`,
      microseconds(seconds),
    ]),
    [0, 1, 2, 3, 4, 5],
  );
}

function stepTable({ steps }: DeviceResult): string[] {
  return table(
    ['steps', 'n', 'batch', 'steps a second', 'a step'],
    steps.map(({ strategy, columns, batchSize = 1, stepsPerSecond }) => [
      strategy,
      number(columns),
      number(batchSize),
      number(Number(stepsPerSecond.toPrecision(3))),
      microseconds(1 / stepsPerSecond),
    ]),
    [1, 2, 3, 4],
  );
}

function fastestTable(fastest: BenchResult['fastest']): string[] {
  const ids = Object.keys(fastest[0]?.seconds ?? {});
  return table(
    ['X', 'rows', 'fastest', ...ids],
    fastest.map(({ bytes, rows, device, seconds }) => [
      bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`,
      number(rows),
      device,
      ...ids.map((id) => (seconds[id] === undefined ? '' : microseconds(seconds[id]))),
    ]),
    [0, 1, ...ids.map((_, index) => index + 3)],
  );
}

const rate = (gigabytesPerSecond: number): string => `${gigabytesPerSecond.toFixed(1)} GB/s`;

function microseconds(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return seconds >= 1e-6 ? `${(seconds * 1e6).toPrecision(3)} µs` : `${(seconds * 1e9).toPrecision(3)} ns`;
}
