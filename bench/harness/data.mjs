import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { writeSparse } from './sparse-data.mjs';
import { targets } from './targets.mjs';
import { uniform } from './uniform.mjs';

const blockBytes = 4 << 20;

export const bytesOf = (dtype) => (dtype === 'float64' ? 8 : 4);
export const arrayOf = (dtype) => (dtype === 'float64' ? Float64Array : Float32Array);

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
 * One file of random values that serves as X of every shape, and a file of y for each shape that is asked for: of XW for
 * a W of its own, what targets.mjs makes of it.
 */
export class SameData {
  #folder;
  #valuesWritten = new Map();
  #targetsWritten = new Map();
  #sparse = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * The files of m×n values and of y.
   *
   * @param target a name of targets.mjs
   * @param outputs columns of W
   * @returns the shape, `X`, `y`, and `targets`: the columns of y
   */
  async files({ rows, columns, dtype = 'float32', target = 'linear', outputs = 1 }) {
    const shape = { rows, columns, dtype };
    const X = path.join(this.#folder, `X.${dtype}`);
    await this.#writeValues(X, rows * columns, dtype);
    const y = path.join(this.#folder, `${target}.${rows}x${columns}x${outputs}.${dtype}`);
    if (!this.#targetsWritten.has(y)) {
      this.#targetsWritten.set(y, await writeTargets(X, y, shape, target, outputs));
    }
    return { ...shape, X, y, targets: this.#targetsWritten.get(y) };
  }

  /** Files of rows of mostly zeros: see sparse-data.mjs. */
  async sparse(shape) {
    const key = JSON.stringify(shape);
    if (!this.#sparse.has(key)) this.#sparse.set(key, await writeSparse(this.#folder, shape));
    return this.#sparse.get(key);
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
}

/** Returns the columns of y. */
async function writeTargets(X, file, shape, target, outputs) {
  const { columns } = shape;
  const Values = arrayOf(shape.dtype);
  const W = Float64Array.from({ length: outputs * columns }, uniform(columns + outputs));
  const signed = uniform(outputs);
  const draw = () => (signed() + 1) / 2;
  const valuesOf = targets[target];
  const z = new Float64Array(outputs);
  const width = valuesOf(z, draw).length;
  const handle = await open(file, 'w');
  try {
    for await (const block of readRows(X, shape)) {
      const y = new Values((block.length / columns) * width);
      for (let at = 0, to = 0; at < block.length; at += columns, to += width) {
        for (let k = 0; k < outputs; k += 1) {
          z[k] = 0;
          for (let j = 0; j < columns; j += 1) z[k] += block[at + j] * W[k * columns + j];
        }
        y.set(valuesOf(z, draw), to);
      }
      await handle.writeFile(y);
    }
  } finally {
    await handle.close();
  }
  return width;
}
