import { availableMemory } from '../../base/memory';
import type { Scaling } from '../../rows/row-source';
import { blockRows } from './blocks';
import type { Values } from './groups';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';

/** Of the memory that is free, what kept values may take. */
const SHARE = 0.25;

/**
 * The values of the rows that are trained on, column by column, as the file was read for their statistics: to be encoded
 * without reading it again. Those of features are given once, chunk by chunk as they came, and each chunk is gone then: no more
 * of them is held than is not yet where it goes.
 */
export class KeptRows {
  /** y, and how much each row counts, where that is not 1. */
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  /** Of each chunk its features. */
  #chunks: Values[] = [];
  #filled = 0;
  #taken = false;

  private constructor(
    readonly rows: number,
    private readonly features: number,
    isWeighted: boolean,
  ) {
    this.targets = new Float64Array(rows);
    if (isWeighted) this.weights = new Float64Array(rows);
  }

  /** Room for `rows` of `features`; undefined where there is none. */
  static of(rows: number, features: number, isWeighted: boolean): KeptRows | undefined {
    const bytes = rows * (features + (isWeighted ? 2 : 1)) * Float64Array.BYTES_PER_ELEMENT;
    return bytes > SHARE * availableMemory() ? undefined : new KeptRows(rows, features, isWeighted);
  }

  /** Takes rows, whose `values` are nobody else's from now on: the features, y and the weight. */
  add(values: Values): void {
    const { features, targets, weights } = this;
    const y = values[features] as Float64Array;
    if (y.length === 0) return;
    targets.set(y, this.#filled);
    weights?.set(values[features + 1] as Float64Array, this.#filled);
    this.#chunks.push(values.slice(0, features));
    this.#filled += y.length;
  }

  /**
   * The rows as blocks, each valid until the next, once; undefined where they were given already.
   *
   * @param scaling by which X is scaled
   */
  take(reading: Reading, holdsCodes: boolean, scaling?: Scaling): Generator<Block> | undefined {
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.#encoded(reading, holdsCodes, scaling);
  }

  *#encoded(reading: Reading, holdsCodes: boolean, scaling: Scaling | undefined): Generator<Block> {
    const encoder = new RowEncoder(reading, { holdsCodes, allUsed: true, scaling });
    const encodings = reading.features.map(({ encoding }) => encoding);
    const capacity = Math.min(blockRows(encodings, holdsCodes), this.rows);
    const lacking = new Uint32Array(reading.features.length);
    const room = encoder.block(capacity);
    let block = { ...room };
    let given = 0;
    const finished = (): Block => {
      const [first, end] = [given, (given += block.rows)];
      const y = this.targets.subarray(first, end);
      const weights = this.weights && { weights: this.weights.subarray(first, end) };
      return { ...encoder.finish(block), y, ...weights, lacking };
    };
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      const count = chunk[0]?.length ?? 0;
      for (let from = 0, to: number; from < count; from = to) {
        to = Math.min(count, from + capacity - block.read);
        encoder.append(block, chunk, from, to);
        if (block.read < capacity) continue;
        yield finished();
        block = { ...room };
      }
    }
    if (block.read > 0) yield finished();
  }
}
