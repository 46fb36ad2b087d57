import { type Dtype, dtypesOf } from '../../base/data-types';
import { batchGradientDescent } from '../../training/descents';
import type { Device, Matrix } from '../../devices/device';
import { firstOtherBits } from '../../check/compare';
import { type Pass, passOn, realFault } from '../../check/passes';
import { ThalwegError } from '../../base/errors';
import { resident } from '../data';
import { SHAPES, differenceFromCpu } from '../../doctor/self-test/trial';
import { passesIn } from './cases';
import type { Effort } from './effort';
import type { Settings } from '../../addon/settings';

/** X and y on a device, and how many passes over them make a measurement. */
interface Timed {
  readonly X: Matrix;
  readonly y: Matrix;
  iterations: number;
}

/** Small batches of rows that no group holds in registers, too. */
const trials = [...SHAPES, { rows: 37, columns: 4100, batchSize: 8 }];

/** A device that is tuned: its data stay on it while parameters change. A lost device is opened anew. */
export class Session {
  readonly #timed = new Map<number, Timed>();
  readonly #passes = new Map<Dtype, readonly Pass[]>();
  #device: Device;
  #lost = false;

  constructor(
    device: Device,
    private readonly cpu: Device,
    private readonly effort: Effort,
    private readonly reopen: () => Promise<Device>,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#device = device;
  }

  get device(): Device {
    return this.#device;
  }

  /** Runs with the parameters, and notes where the device is lost. */
  async #with<Result>(
    settings: Settings,
    body: (now: Readonly<Record<string, number>>) => Promise<Result>,
  ): Promise<Result> {
    this.signal?.throwIfAborted();
    if (this.#lost) await this.#openAnew();
    try {
      return await body(await this.#device.native.configure(settings));
    } catch (error) {
      this.#lost = error instanceof ThalwegError && error.code === 'ERR_DEVICE_LOST';
      throw error;
    }
  }

  async #openAnew(): Promise<void> {
    await this.#device.close();
    this.#timed.clear();
    this.#device = await this.reopen();
    this.#lost = false;
  }

  /** What the parameters come to on the device, all of them. */
  async configure(settings: Settings): Promise<Readonly<Record<string, number>>> {
    return await this.#with(settings, (now) => Promise.resolve(now));
  }

  /** What parameters make the device compute wrongly, or differently when asked again; undefined where nothing. */
  async fault(settings: Settings): Promise<string | undefined> {
    return await this.#with(settings, async () => {
      for (const dtype of dtypesOf(this.#device.info)) {
        for (const pass of this.#passesIn(dtype)) {
          const fault = await this.#faultOf(pass);
          if (fault !== undefined) return fault;
        }
      }
      const { agrees, largestDifference } = await differenceFromCpu(this.#device, this.cpu, trials);
      return agrees ? undefined : `weights differ from the CPU's by ${largestDifference.toPrecision(2)}`;
    });
  }

  #passesIn(dtype: Dtype): readonly Pass[] {
    const passes = this.#passes.get(dtype) ?? passesIn(dtype);
    this.#passes.set(dtype, passes);
    return passes;
  }

  async #faultOf(pass: Pass): Promise<string | undefined> {
    this.signal?.throwIfAborted();
    const { dtype, data } = pass;
    const first = await passOn(this.#device, pass);
    const second = await passOn(this.#device, pass);
    const fault =
      realFault(pass, first) ??
      firstOtherBits('gradient', [...second.gradient, second.loss], [...first.gradient, first.loss]);
    return fault === undefined ? undefined : `${fault}, of ${data.m}×${data.n} rows in ${dtype}`;
  }

  /** Seconds of a pass over rows of `columns` columns in float32, its step included; once. */
  async seconds(settings: Settings, columns: number): Promise<number> {
    return await this.#with(settings, async () => {
      const timed = this.#timed.get(columns) ?? (await this.#makeTimed(columns));
      return await this.#secondsOf(timed);
    });
  }

  async #makeTimed(columns: number): Promise<Timed> {
    const rows = Math.max(1, Math.floor(this.effort.bytes / (4 * columns)));
    const { X, y } = await resident(this.#device, rows, columns, 'float32');
    const timed = { X, y, iterations: 1 };
    this.#timed.set(columns, timed);
    // The first compiles, the second tells how many fill a measurement.
    await this.#secondsOf(timed);
    const once = await this.#secondsOf(timed);
    timed.iterations = Math.min(Math.max(Math.ceil(this.effort.seconds / once), 1), 1000);
    return timed;
  }

  async #secondsOf({ X, y, iterations }: Timed): Promise<number> {
    const options = { learningRate: 1e-9, iterations, plan: 'fused', device: this.#device } as const;
    const { seconds } = await batchGradientDescent(X, y, options);
    return seconds / iterations;
  }

  async close(): Promise<void> {
    await this.#device.close();
  }
}
