import { bytesPerValue } from '../base/data-types';
import type { Dtype } from '../base/data-types';
import { breathe } from '../base/event-loop';
import { lost } from '../metrics/sums';
import { roughScaling } from '../rows/rough-scaling';
import { type Floats, type RowSource, type Scaling, denseRows, zeros } from '../rows/rows';
import { scaled } from '../rows/standardize';
import { nativeOptions } from './descend';
import { Interruption } from './jobs';
import { type Operands, type Rows, type Sample, type Use, operandsOn, shapeOf, sourceOf } from './operands';
import type { Task } from './task';

/** Rows are added up so many bytes at a time, of which up to three are held: as they are read, and two on the device. */
const chunkBytes = 2 ** 24;

/** AᵀWA of A = [X′, 1, y′] over all rows, of X′ and y′ that are moved and scaled roughly. */
export interface Products {
  readonly values: Float64Array;
  /** How many rows they are of. */
  readonly rows: number;
  /** Some of these, on the device. */
  readonly like: Operands;
  /** Of X. */
  readonly scaling: Scaling;
  /** Of y, which is moved alone. */
  readonly shifts: Float64Array;
}

/** Reads a source on, a block at a time or less. */
class Reader {
  readonly #blocks: AsyncIterator<Floats> | Iterator<Floats>;
  /** Of the block that was read last, what is not taken yet. */
  #rest: Floats | undefined;

  constructor(
    source: RowSource,
    private readonly signal: AbortSignal | undefined,
  ) {
    const blocks = source.blocks();
    this.#blocks =
      Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]();
  }

  /** What is to be taken next, some of it; undefined at the end. */
  async next(): Promise<Floats | undefined> {
    while (this.#rest === undefined || this.#rest.length === 0) {
      this.signal?.throwIfAborted();
      const next = await this.#blocks.next();
      if (next.done === true) return undefined;
      this.#rest = next.value;
      await breathe();
    }
    return this.#rest;
  }

  /** At most so many values of that. */
  async take(most: number): Promise<Floats | undefined> {
    const block = await this.next();
    this.#rest = block?.subarray(most);
    return block?.subarray(0, most);
  }

  async end(): Promise<void> {
    await this.#blocks.return?.();
  }
}

/** Ends them all, whatever one of them says to that: it is at its end, or something else went wrong before. */
async function ended(all: readonly { end(): Promise<void> }[]): Promise<void> {
  await Promise.allSettled(all.map(async (each) => each.end()));
}

/** X, y or weights, read once and moved and scaled on the way. */
class Strip {
  private constructor(
    private readonly option: string,
    private readonly columns: number,
    readonly scaling: Scaling,
    private readonly reader: Reader,
    private readonly room: Floats,
  ) {}

  /**
   * @param scalingBy how its columns are scaled, by its first rows
   */
  static async of(
    option: string,
    source: RowSource,
    { dtype, mostRows, signal }: Pick<StripsAsked, 'dtype' | 'mostRows' | 'signal'>,
    scalingBy: (first: Floats) => Scaling,
  ): Promise<Strip> {
    const { columns } = source;
    const reader = new Reader(source, signal);
    try {
      const scaling = scalingBy((await reader.next()) ?? zeros(dtype, 0));
      return new Strip(option, columns, scaling, reader, zeros(dtype, mostRows * columns));
    } catch (error) {
      await ended([reader]);
      throw error;
    }
  }

  /** The next rows, valid until those after them; undefined where there are fewer. */
  async take(rows: number): Promise<RowSource | undefined> {
    const { columns, option, room } = this;
    const { means, scales } = this.scaling;
    const part = room.subarray(0, rows * columns);
    for (let filled = 0; filled < part.length;) {
      const some = await this.reader.take(part.length - filled);
      if (some === undefined) return undefined;
      scaled(some, part.subarray(filled, filled + some.length), means, scales);
      filled += some.length;
    }
    return denseRows(option, { data: part, shape: [rows, columns] });
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.reader.next()) === undefined;
  }

  async end(): Promise<void> {
    await this.reader.end();
  }
}

/** As it is. */
function unscaled(columns: number): Scaling {
  return { means: new Float64Array(columns), scales: new Float64Array(columns).fill(1) };
}

/** The strips of a sample, row by row beside each other. */
class Strips {
  private constructor(
    readonly X: Strip,
    readonly y: Strip,
    private readonly weights: Strip | undefined,
  ) {}

  static async of({ X, y, weights }: Sample, asked: StripsAsked): Promise<Strips> {
    const { center, standardize } = asked;
    const moved = (columns: number, first: Floats): Scaling => ({
      ...unscaled(columns),
      means: roughScaling(first, columns, center).means,
    });
    const begun: Strip[] = [];
    const strip = async (
      option: string,
      rows: Rows,
      scalingBy: (first: Floats) => Scaling,
    ): Promise<Strip> => {
      const made = await Strip.of(option, sourceOf(rows), asked, scalingBy);
      begun.push(made);
      return made;
    };
    const n = shapeOf(X)[1];
    const outputs = shapeOf(y)[1];
    try {
      return new Strips(
        await strip('X', X, (first) => (standardize ? roughScaling(first, n, center) : moved(n, first))),
        await strip('y', y, (first) => moved(outputs, first)),
        weights && (await strip('sampleWeight', weights, () => unscaled(1))),
      );
    } catch (error) {
      await ended(begun);
      throw error;
    }
  }

  async take(rows: number): Promise<Sample | undefined> {
    const X = await this.X.take(rows);
    const y = await this.y.take(rows);
    const weights = await this.weights?.take(rows);
    if (X === undefined || y === undefined || (weights === undefined && this.weights !== undefined))
      return undefined;
    return { X, y, weights };
  }

  async areAtEnd(): Promise<boolean> {
    for (const strip of this.#all) if (!(await strip.isAtEnd())) return false;
    return true;
  }

  async end(): Promise<void> {
    await ended(this.#all);
  }

  get #all(): readonly Strip[] {
    return this.weights === undefined ? [this.X, this.y] : [this.X, this.y, this.weights];
  }
}

interface StripsAsked {
  readonly dtype: Dtype;
  /** That are taken at once. */
  readonly mostRows: number;
  readonly signal: AbortSignal | undefined;
  /** Whether means are taken off, which only an intercept can make up for. */
  readonly center: boolean;
  /** Whether X is scaled, and not moved alone. */
  readonly standardize: boolean;
}

/** Sums that keep twice the digits of their terms, as `Sums` does, of many at once. */
class ManySums {
  readonly values: Float64Array;
  readonly #rests: Float64Array;

  constructor(count: number) {
    this.values = new Float64Array(count);
    this.#rests = new Float64Array(count);
  }

  add(terms: Float64Array): void {
    const { values } = this;
    const rests = this.#rests;
    for (let at = 0; at < values.length; at += 1) {
      const [before, term] = [values[at] as number, terms[at] as number];
      const sum = before + term;
      rests[at] = (rests[at] as number) + lost(before, term, sum);
      values[at] = sum;
    }
  }

  total(): Float64Array {
    return this.values.map((value, at) => value + (this.#rests[at] as number));
  }
}

/** Adds up the products of chunks of rows, on the device, while the next ones are read. */
class Adding {
  readonly #sums: ManySums;
  readonly #width: number;
  #last: Promise<boolean> = Promise.resolve(true);
  /** Of the rows that were added last and count. */
  like: Operands | undefined;

  constructor(
    private readonly task: Task,
    private readonly columns: number,
    private readonly outputs: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#width = columns + 1 + outputs;
    this.#sums = new ManySums(this.#width ** 2);
  }

  /** Frees the operands when they are added. */
  start(operands: Operands): void {
    this.#last = this.#add(operands);
    this.#last.catch(() => undefined);
  }

  /** Waits for what was started last; false where values are not taken as they are. */
  async done(): Promise<boolean> {
    return await this.#last;
  }

  values(): Float64Array {
    return this.#sums.total();
  }

  async #add(operands: Operands): Promise<boolean> {
    const { device, X, y, weights } = operands;
    const part = { X: X.native, y: y.native, ...(weights && { weights: weights.native }) };
    const options = nativeOptions(this.task, this.outputs, 'fused', undefined);
    let before: Operands | undefined = operands;
    try {
      const found = await new Interruption(this.signal).run(device, device.native.products(part, options));
      if (found === undefined) return false;
      this.#sums.add(found);
      const total = found[this.columns * (this.#width + 1)] as number;
      if (total > 0) [before, this.like] = [this.like, operands];
      return true;
    } finally {
      before?.dispose();
    }
  }
}

/**
 * Adds up AᵀWA in one reading of X, y and weights, dense rows all, chunk by chunk: none of them is kept.
 *
 * @param use names the device
 * @param standardize whether X is scaled, to deviations that are about 1
 * @returns undefined where rows are not as their shape says, where none counts, and where their values are not taken as
 *   they are; `like` is to be freed
 */
export async function productsOver(
  use: Use,
  sample: Sample,
  task: Task,
  standardize: boolean,
): Promise<Products | undefined> {
  const [rows, columns] = shapeOf(sample.X);
  const outputs = shapeOf(sample.y)[1];
  const dtype = use.dtype ?? sample.X.dtype;
  const fitting = Math.floor(chunkBytes / ((columns + outputs) * bytesPerValue[dtype]));
  // XᵀX of fewer rows than columns takes more memory than these.
  const mostRows = Math.min(rows, Math.max(columns, fitting));
  const center = task.objective.fitIntercept;
  const strips = await Strips.of(sample, { dtype, mostRows, center, standardize, signal: use.signal });
  const adding = new Adding(task, columns, outputs, use.signal);
  let found: Products | undefined;
  try {
    for (let first = 0; first < rows; first += mostRows) {
      use.signal?.throwIfAborted();
      const chunk = await strips.take(Math.min(mostRows, rows - first));
      if (!(await adding.done()) || chunk === undefined) return undefined;
      adding.start(await operandsOn({ ...use, residency: 'device' }, chunk, task.objective));
    }
    const { scaling } = strips.X;
    const isWhole = (await adding.done()) && (await strips.areAtEnd());
    const { like } = adding;
    if (isWhole && like !== undefined)
      found = { values: adding.values(), rows, like, scaling, shifts: strips.y.scaling.means };
    return found;
  } finally {
    await adding.done().catch(() => undefined);
    if (found === undefined) adding.like?.dispose();
    await strips.end();
  }
}
