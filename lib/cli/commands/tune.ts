import { type DeviceInfo, type HsaOverride, devices, openDevice } from '../../index';
import { tune as measure, type Tuned } from '../../measure/tuning';
import { forgetTuning, makeTuningFolder } from '../../devices/tuning/write';
import { type Context, note, print, printJson } from '../terminal/context';
import { colors, counted, duration, number } from '../terminal/format';
import { table } from '../terminal/table';
import { deviceOptions } from '../terminal/options';
import { progress } from '../terminal/progress';

/** Options of `thalweg tune`. */
export interface TuneOptions {
  readonly device?: string;
  readonly hsaOverride?: HsaOverride;
  readonly json?: boolean;
  readonly reset?: boolean;
}

/** Measures what suits a device, or every one, and stores it; 1 where one computes wrongly. */
export async function tune(options: TuneOptions, context: Context): Promise<number> {
  if (options.reset === true) return await reset(options, context);
  await makeTuningFolder();
  const names = options.device === undefined ? (await devices()).map(({ id }) => id) : [options.device];
  const tuned: Tuned[] = [];
  for (const name of names) {
    const found = await tuneDevice(name, options, context);
    tuned.push(found);
    if (!context.json) printTuned(found);
  }
  if (context.json) printJson({ devices: tuned });
  return tuned.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

async function tuneDevice(name: string, options: TuneOptions, context: Context): Promise<Tuned> {
  const device = await openDevice(name, deviceOptions(options));
  note(context, `Tuning ${device.id} (${device.info.name})`);
  let bar: ReturnType<typeof progress> | undefined;
  try {
    return await measure(device, {
      signal: context.signal,
      onProgress: (done, total) => {
        bar ??= progress(context, 'Tuning', total, 'measurements');
        bar.update(done);
      },
    });
  } finally {
    bar?.stop();
    await device.close();
  }
}

async function infoOf(name: string, options: TuneOptions): Promise<DeviceInfo> {
  const device = await openDevice(name, deviceOptions(options));
  await device.close();
  return device.info;
}

async function reset(options: TuneOptions, { json }: Context): Promise<number> {
  const info = options.device === undefined ? undefined : await infoOf(options.device, options);
  const removed = await forgetTuning(info);
  if (json) printJson({ removed });
  else
    print(removed.length === 0 ? 'Nothing was stored.' : `Forgot ${counted(removed.length, 'measurement')}.`);
  return 0;
}

function printTuned(found: Tuned): void {
  const { id, name, failure, settings, defaults, speed, refused, costs, file, seconds } = found;
  print(`${colors.bold(id)}  ${name}`);
  if (failure !== undefined) {
    print(`  It computes wrongly, and nothing was stored: ${failure}. Run thalweg check.`);
    return;
  }
  const changes = Object.entries(settings).map(
    ([key, value]) => `${key} ${value} (default ${defaults[key] ?? '?'})`,
  );
  if (speed.length > 0) {
    print(`  ${changes.length === 0 ? 'The defaults are as fast as anything tried.' : changes.join(', ')}`);
    print(table(['columns', 'before', 'after'], speed.map(speedRow), [0, 1, 2]));
  }
  refused.forEach(({ settings: candidate, why }) => {
    print(`  ${colors.yellow('!')} ${JSON.stringify(candidate)} was not taken: ${why}`);
  });
  if (costs !== undefined) {
    print(
      `  upload ${rate(costs.uploadRate)}, pass ${rate(costs.passRate)}, launch ${micro(costs.launchSeconds)}, ` +
        `step ${micro(costs.stepSeconds)} and ${rate(costs.stepRate)}`,
    );
  }
  print(
    `  ${file === undefined ? 'Not stored: THALWEG_CACHE is off.' : `Stored in ${file}`} (${duration(seconds)})`,
  );
}

function speedRow({ columns, before, after }: Tuned['speed'][number]): string[] {
  return [number(columns), rate(before), rate(after)];
}

function rate(bytesASecond: number): string {
  return `${(bytesASecond / 1e9).toPrecision(3)} GB/s`;
}

function micro(seconds: number): string {
  return `${(seconds * 1e6).toPrecision(3)} µs`;
}
