import { open } from 'node:fs/promises';
import path from 'node:path';
import { uniform } from './uniform.mjs';

/** Numbers of words: the k-th most frequent is drawn about 1/k as often as the first. */
function drawWords(words, draw) {
  const ends = new Float64Array(words);
  let total = 0;
  for (let k = 0; k < words; k += 1) ends[k] = total += 1 / (k + 1);
  return () => {
    const at = ((draw() + 1) / 2) * total;
    let [low, high] = [0, words - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const lengthOf = (each, draw) => Math.ceil((draw() + 1.01) * each);

/** About `each` words a row, a column a word in no order, rows of length 1. */
function documents({ columns, each }, draw) {
  const word = drawWords(columns, draw);
  const order = Uint32Array.from({ length: columns }, (_, j) => j);
  for (let j = columns - 1; j > 0; j -= 1) {
    const other = Math.floor(((draw() + 1) / 2) * (j + 1));
    [order[j], order[other]] = [order[other], order[j]];
  }
  return () => {
    const found = new Map();
    for (let left = lengthOf(each, draw); left > 0; left -= 1) found.set(order[word()], 1);
    const value = 1 / Math.sqrt(found.size);
    for (const column of found.keys()) found.set(column, value);
    return found;
  };
}

/** The bits of a number, mixed. */
function mixed(number) {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

const vocabulary = 100_000;

/**
 * About `each` words a row, hashed: how often each word, and each pair of neighbours, stands there, in rows of length 1, as
 * scikit-learn's HashingVectorizer has them: of counts as they are those of the first few words are all that counts.
 */
function text({ columns, each }, draw) {
  const word = drawWords(vocabulary, draw);
  return () => {
    const found = new Map();
    const count = (hash) => found.set(hash % columns, (found.get(hash % columns) ?? 0) + 1);
    let before;
    for (let left = lengthOf(each, draw); left > 0; left -= 1) {
      const now = mixed(word() + 1);
      count(now);
      if (before !== undefined) count(mixed(Math.imul(before, 31) + now));
      before = now;
    }
    const length = Math.hypot(...found.values());
    for (const [column, value] of found) found.set(column, value / length);
    return found;
  };
}

/** As of a table: `numbers` in every row, and of each column of so many `levels` a 1, the first ones the most frequent. */
function codes({ numbers, levels }, draw) {
  return () => {
    const found = new Map();
    for (let j = 0; j < numbers; j += 1) found.set(j, draw());
    let first = numbers;
    for (const count of levels) {
      found.set(first + Math.floor(((draw() + 1) / 2) ** 2 * count), 1);
      first += count;
    }
    return found;
  };
}

/** Each gives what makes rows: values by column. */
const sets = { documents, text, codes };

/**
 * Writes rows of mostly zeros as CSR, and labels by a plane and chance.
 *
 * @param shape of `set`, a name of `sets`, what that takes; `rows` and `columns`
 * @returns the shape, `entries`, and the files `data`, `indices`, `indptr` and `y`
 */
export async function writeSparse(folder, shape) {
  const { set = 'documents', rows, columns } = shape;
  const file = (name) => path.join(folder, `${name}.${set}.${rows}x${columns}`);
  const files = { data: file('data'), indices: file('indices'), indptr: file('indptr'), y: file('y') };
  const draw = uniform(7);
  const rowOf = sets[set](shape, draw);
  const theta = Float64Array.from({ length: columns }, () => 6 * draw());
  const indptr = new Int32Array(rows + 1);
  const y = new Float32Array(rows);
  const handles = { data: await open(files.data, 'w'), indices: await open(files.indices, 'w') };
  try {
    const blockRows = 1 << 14;
    for (let first = 0; first < rows; first += blockRows) {
      const [values, indices] = [[], []];
      for (let row = first; row < Math.min(rows, first + blockRows); row += 1) {
        const found = rowOf();
        let [z, squares] = [0, 0];
        for (const column of Uint32Array.from(found.keys()).sort()) {
          const value = found.get(column);
          indices.push(column);
          values.push(value);
          z += value * theta[column];
          squares += value * value;
        }
        indptr[row + 1] = indptr[row] + found.size;
        y[row] = ((draw() + 1) / 2) * (1 + Math.exp(-z / Math.sqrt(squares))) < 1 ? 1 : 0;
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
  return { ...shape, entries: indptr[rows], ...files };
}
