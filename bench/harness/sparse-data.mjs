import { open } from 'node:fs/promises';
import path from 'node:path';
import { uniform } from './uniform.mjs';

/** Columns of words: the k-th most frequent stands about 1/k as often as the first, and they are in no order. */
function drawColumns(columns, draw) {
  const ends = new Float64Array(columns);
  let total = 0;
  for (let k = 0; k < columns; k += 1) ends[k] = total += 1 / (k + 1);
  const order = Uint32Array.from({ length: columns }, (_, j) => j);
  for (let j = columns - 1; j > 0; j -= 1) {
    const other = Math.floor(((draw() + 1) / 2) * (j + 1));
    [order[j], order[other]] = [order[other], order[j]];
  }
  return () => {
    const at = ((draw() + 1) / 2) * total;
    let [low, high] = [0, columns - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] < at) low = middle + 1;
      else high = middle;
    }
    return order[low];
  };
}

/**
 * Writes CSR as of documents: about `each` words a row, of length 1, and labels by a plane and chance.
 *
 * @returns the shape, `entries`, and the files `data`, `indices`, `indptr` and `y`
 */
export async function writeSparse(folder, { rows, columns, each }) {
  const file = (name) => path.join(folder, `${name}.${rows}x${columns}x${each}`);
  const files = { data: file('data'), indices: file('indices'), indptr: file('indptr'), y: file('y') };
  const draw = uniform(7);
  const column = drawColumns(columns, draw);
  const theta = Float64Array.from({ length: columns }, () => 6 * draw());
  const indptr = new Int32Array(rows + 1);
  const y = new Float32Array(rows);
  const handles = { data: await open(files.data, 'w'), indices: await open(files.indices, 'w') };
  try {
    const blockRows = 1 << 14;
    for (let first = 0; first < rows; first += blockRows) {
      const [values, indices] = [[], []];
      for (let row = first; row < Math.min(rows, first + blockRows); row += 1) {
        const words = new Set();
        for (let left = Math.ceil((draw() + 1.01) * each); left > 0; left -= 1) words.add(column());
        const value = 1 / Math.sqrt(words.size);
        let z = 0;
        for (const word of [...words].sort((a, b) => a - b)) {
          indices.push(word);
          values.push(value);
          z += value * theta[word];
        }
        indptr[row + 1] = indptr[row] + words.size;
        y[row] = ((draw() + 1) / 2) * (1 + Math.exp(-z)) < 1 ? 1 : 0;
      }
      await handles.data.writeFile(Float32Array.from(values));
      await handles.indices.writeFile(Int32Array.from(indices));
    }
  } finally {
    await handles.data.close();
    await handles.indices.close();
  }
  for (const [name, values] of [
    ['indptr', indptr],
    ['y', y],
  ]) {
    const handle = await open(files[name], 'w');
    await handle.writeFile(values);
    await handle.close();
  }
  return { rows, columns, each, entries: indptr[rows], ...files };
}
