import type { Values } from './groups';

/** What stands for any missing value, which has many bits. */
const MISSING = 0x7ff80000;

/** A checksum of each of some columns, that values in another order do not have; the same however rows come in chunks. */
export class Checksums {
  /** Of each column, of 32 bits. */
  readonly found: number[];
  readonly #double = new Float64Array(1);
  readonly #words = new Uint32Array(this.#double.buffer);

  constructor(columns: number) {
    this.found = new Array<number>(columns).fill(0);
  }

  /** Takes in the first `count` of each column. */
  add(values: Values, count: number): void {
    for (let column = 0; column < this.found.length; column += 1)
      this.found[column] = this.#after(this.found[column] as number, values[column] as Float64Array, count);
  }

  /** Each word mixed in by the multiplications of MurmurHash3 (Austin Appleby, public domain). */
  #after(before: number, values: Float64Array, count: number): number {
    let h = before;
    const words = this.#words;
    for (let row = 0; row < count; row += 1) {
      const value = values[row] as number;
      const isMissing = Number.isNaN(value);
      this.#double[0] = value;
      h = mixed(h, isMissing ? 0 : (words[0] as number));
      h = mixed(h, isMissing ? MISSING : (words[1] as number));
    }
    return h >>> 0;
  }
}

function mixed(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const next = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
