import { checkDevice } from '../../check';
import type { Costs } from '../../devices/costs';
import type { Device } from '../../devices/device';
import { openDevice } from '../../devices/open';
import { type Effort, effortFor } from './effort';
import { costParts, measureCosts } from './measured-costs';
import { type Refusal, candidatesOf, search, speedups, winsClearly } from './search';
import { Session } from './session';
import { type Settings, type Shape, shapeOf } from '../../addon/settings';
import { grid, representativeColumns } from './grid';
import { storeTuning } from '../../devices/tuning/write';

/** How fast a gradient pass is in float32. */
export interface Speed {
  readonly columns: number;
  /** Bytes of X a second, with the defaults and with what is stored. */
  readonly before: number;
  readonly after: number;
}

/** What tuning a device came to. */
export interface Tuned {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly shape?: Shape;
  /** Whether it is stored, and so used whenever the device is opened. */
  readonly tuned: boolean;
  readonly file?: string;
  /** What differs from the defaults. */
  readonly settings: Settings;
  readonly defaults: Readonly<Record<string, number>>;
  /** Why nothing was stored: the device computes wrongly, with the defaults or with what was found. */
  readonly failure?: string;
  readonly refused: readonly Refusal[];
  readonly speed: readonly Speed[];
  readonly costs?: Costs;
  readonly seconds: number;
}

export interface TuneOptions {
  readonly signal?: AbortSignal;
  /** How many parts of the work are done, of how many; begins with 0. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Measures a device that is open, and stores what suits it: parameters of its kernels that are clearly faster than the
 * defaults and compute as the CPU does, and what its time goes into. The device is closed at the end.
 *
 * @throws ThalwegError ERR_FILE, those of `openDevice` where a lost device does not come back; the signal's reason
 */
export async function tune(device: Device, { signal, onProgress }: TuneOptions = {}): Promise<Tuned> {
  const begun = performance.now();
  const { info } = device;
  const shape = shapeOf(info);
  const defaults = await device.native.configure({});
  const effort = effortFor(info);
  const axes = shape === undefined ? [] : grid[shape];
  const total = costParts + candidatesOf(axes, defaults);
  let done = -1;
  const step = (): void => onProgress?.((done += 1), total);
  step();
  const found =
    shape === undefined
      ? { device, settings: {}, refused: [], speed: [], failure: undefined }
      : await tuneKernels(device, shape, defaults, effort, signal, step);
  try {
    const { settings, refused, speed } = found;
    const costs =
      found.failure === undefined ? await measureCosts(found.device, effort, signal, step) : undefined;
    const failure = found.failure ?? (await failureWith(info.id, settings, signal));
    const file =
      costs === undefined || failure !== undefined ? undefined : await storeTuning(info, { settings, costs });
    return {
      ...{ id: info.id, name: info.name, driver: info.driver, tuned: file !== undefined, settings, defaults },
      ...{ refused, speed, seconds: (performance.now() - begun) / 1000 },
      ...(shape === undefined ? {} : { shape }),
      ...(file === undefined ? {} : { file }),
      ...(costs === undefined ? {} : { costs }),
      ...(failure === undefined ? {} : { failure }),
    };
  } finally {
    await found.device.close();
  }
}

/** What a quick check finds wrong with a device that has these parameters; undefined where nothing. */
async function failureWith(
  id: string,
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { failure } = await checkDevice(id, {
    quick: true,
    settings,
    ...(signal === undefined ? {} : { signal }),
  });
  if (failure === undefined) return undefined;
  const { case: text, what } = failure;
  const where = text === undefined ? '' : ` in the check '${text}'`;
  return `with ${Object.keys(settings).length === 0 ? 'the defaults' : JSON.stringify(settings)}${where}: ${what}`;
}

interface Kernels {
  /** As it was, or opened anew after it was lost. */
  readonly device: Device;
  readonly settings: Settings;
  readonly refused: readonly Refusal[];
  readonly speed: readonly Speed[];
  readonly failure: string | undefined;
}

async function tuneKernels(
  device: Device,
  shape: Shape,
  defaults: Readonly<Record<string, number>>,
  effort: Effort,
  signal: AbortSignal | undefined,
  tried: () => void,
): Promise<Kernels> {
  const cpu = await openDevice('cpu');
  const session = new Session(device, cpu, effort, () => openDevice(device.id), signal);
  try {
    const failure = await session.fault({});
    if (failure !== undefined) {
      return { device: session.device, settings: {}, refused: [], speed: [], failure };
    }
    const { settings, refused } = await search(session, effort, grid[shape], defaults, tried);
    const ratios = await speedups(session, effort, {}, settings, representativeColumns);
    // One after the other they won; what counts is all together.
    const kept = Object.keys(settings).length > 0 && winsClearly(ratios);
    const speed = await speedsOf(session, effort, kept ? ratios : ratios.map(() => 1));
    await session.configure(kept ? settings : {});
    return { device: session.device, settings: kept ? settings : {}, refused, speed, failure };
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    await cpu.close();
  }
}

async function speedsOf(session: Session, effort: Effort, ratios: readonly number[]): Promise<Speed[]> {
  const speeds: Speed[] = [];
  for (const [at, columns] of representativeColumns.entries()) {
    const rows = Math.max(1, Math.floor(effort.bytes / (4 * columns)));
    const before = (4 * rows * columns) / (await session.seconds({}, columns));
    speeds.push({ columns, before, after: before * (ratios[at] ?? 1) });
  }
  return speeds;
}
