import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const blockBytes = 4 << 20;

/** Uniform in [−1, 1), the same for the same seed: Vigna's xorshift with a multiplier, on 32 bits. */
function uniform(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  };
}

/** Writes X (rows × columns) and y = Xw, float32, to two files, a few megabytes at a time. */
export async function writeData(files, rows, columns) {
  const draw = uniform(columns);
  const w = Float64Array.from({ length: columns }, draw);
  const rowsPerBlock = Math.max(1, Math.floor(blockBytes / (4 * columns)));
  const [fileX, fileY] = await Promise.all([open(files.X, 'w'), open(files.y, 'w')]);
  try {
    for (let first = 0; first < rows; first += rowsPerBlock) {
      const count = Math.min(rowsPerBlock, rows - first);
      const X = new Float32Array(count * columns);
      const y = new Float32Array(count);
      for (let i = 0, at = 0; i < count; i += 1) {
        let z = 0;
        for (let j = 0; j < columns; j += 1, at += 1) {
          X[at] = draw();
          z += X[at] * w[j];
        }
        y[i] = z;
      }
      await Promise.all([fileX.writeFile(X), fileY.writeFile(y)]);
    }
  } finally {
    await Promise.all([fileX.close(), fileY.close()]);
  }
}

/** The float32 values of a file, in blocks of whole rows. */
export async function* readData(file, columns) {
  const rowBytes = 4 * columns;
  const highWaterMark = Math.max(1, Math.floor(blockBytes / rowBytes)) * rowBytes;
  let rest = new Uint8Array(0);
  for await (const bytes of createReadStream(file, { highWaterMark })) {
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const whole = all.length - (all.length % rowBytes);
    rest = all.slice(whole);
    if (whole > 0) yield new Float32Array(all.buffer, 0, whole / 4);
  }
}
