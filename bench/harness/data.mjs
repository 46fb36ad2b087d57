import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

const blockBytes = 4 << 20;

export const bytesOf = (dtype) => (dtype === 'float64' ? 8 : 4);
const arrayOf = (dtype) => (dtype === 'float64' ? Float64Array : Float32Array);

/** Uniform in [−1, 1), the same for the same seed: Marsaglia's xorshift on 32 bits. */
export function uniform(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  };
}

/** The first values of a file, in blocks of whole rows. */
export async function* readRows(file, { rows, columns, dtype }) {
  const Values = arrayOf(dtype);
  const rowBytes = columns * Values.BYTES_PER_ELEMENT;
  const highWaterMark = Math.max(1, Math.floor(blockBytes / rowBytes)) * rowBytes;
  let rest = new Uint8Array(0);
  for await (const bytes of createReadStream(file, { highWaterMark, end: rows * rowBytes - 1 })) {
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const whole = all.length - (all.length % rowBytes);
    rest = all.slice(whole);
    if (whole > 0) yield new Values(all.buffer, 0, whole / Values.BYTES_PER_ELEMENT);
  }
}

/**
 * One file of random values that serves as X of every shape, and a file of y for each shape that is asked for:
 * y = Xw for a w of its own, or 1 where that is positive and else 0.
 */
export class SameData {
  #folder;
  #valuesWritten = new Map();
  #targets = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** The files of m×n values; `labels` for y of 0 and 1. */
  async files({ rows, columns, dtype = 'float32', labels = false }) {
    const shape = { rows, columns, dtype };
    const X = path.join(this.#folder, `X.${dtype}`);
    await this.#writeValues(X, rows * columns, dtype);
    const key = `${rows}x${columns}.${dtype}`;
    if (!this.#targets.has(key)) {
      const files = {
        y: path.join(this.#folder, `y.${key}`),
        labels: path.join(this.#folder, `labels.${key}`),
      };
      await this.#writeTargets(X, files, shape);
      this.#targets.set(key, files);
    }
    const { y, labels: ones } = this.#targets.get(key);
    return { ...shape, X, y: labels ? ones : y };
  }

  async #writeValues(file, count, dtype) {
    if ((this.#valuesWritten.get(file) ?? 0) >= count) return;
    const draw = uniform(1);
    const handle = await open(file, 'w');
    try {
      for (let written = 0; written < count; written += 1 << 20) {
        const values = new (arrayOf(dtype))(Math.min(1 << 20, count - written));
        for (let i = 0; i < values.length; i += 1) values[i] = draw();
        await handle.writeFile(values);
      }
    } finally {
      await handle.close();
    }
    this.#valuesWritten.set(file, count);
  }

  async #writeTargets(X, files, shape) {
    const { columns } = shape;
    const Values = arrayOf(shape.dtype);
    const w = Float64Array.from({ length: columns }, uniform(columns + 1));
    const [fileY, fileLabels] = await Promise.all([open(files.y, 'w'), open(files.labels, 'w')]);
    try {
      for await (const block of readRows(X, shape)) {
        const y = new Values(block.length / columns);
        for (let i = 0, at = 0; i < y.length; i += 1) {
          let z = 0;
          for (let j = 0; j < columns; j += 1, at += 1) z += block[at] * w[j];
          y[i] = z;
        }
        await Promise.all([fileY.writeFile(y), fileLabels.writeFile(y.map((z) => (z > 0 ? 1 : 0)))]);
      }
    } finally {
      await Promise.all([fileY.close(), fileLabels.close()]);
    }
  }
}
