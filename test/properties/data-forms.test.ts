import fc from 'fast-check';
import { type Matrix, type MatrixLike, type NumericArray, batchGradientDescent } from '../../lib';
import { Uniform, flat, floats, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits } from '../support/expectations';

type Floats = Float32Array | Float64Array;

function rowsOf(data: Floats, n: number): Floats[] {
  return Array.from({ length: data.length / n }, (_, i) => data.subarray(i * n, i * n + n));
}

/** Blocks of so many rows; the last is short. Empty blocks and pauses are mixed in. */
async function* inChunks(data: Floats, n: number, rows: number): AsyncGenerator<NumericArray> {
  for (let from = 0; from < data.length; from += rows * n) {
    await new Promise((resume) => setImmediate(resume));
    yield data.slice(from, from);
    yield data.slice(from, from + rows * n);
  }
}

describeOnEachDevice('forms of the same data', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it('give the same bits', async () => {
      const cases = fc.asyncProperty(
        target.shapes(10_000),
        seeds,
        fc.integer({ min: 1, max: 300 }),
        async ({ m, n }, seed, chunkRows) => {
          const data = realData(dtype, m, n, 'squared', new Uniform(seed));
          const X = flat(dtype, data);
          const y = floats(dtype, data.y);
          const { device } = target;
          const shape = [m, n] as const;
          const rows = rowsOf(X.data, n);
          const resident: Matrix[] = [
            await device.matrix(X),
            await device.matrix({ shape, dtype, chunks: inChunks(X.data, n, chunkRows) }),
            await device.matrix({ shape, dtype, chunks: rows }),
            await device.matrix(
              rows.map((row) => Array.from(row)),
              { dtype },
            ),
          ];
          const forms: MatrixLike[] = [
            X,
            rows,
            rows.map((row) => Array.from(row)),
            // The other dtype holds these numbers as well.
            rows.map((row) => Float64Array.from(row)),
            ...resident,
          ];
          const targets = [
            y,
            Array.from(y),
            Float64Array.from(y),
            await device.matrix({ data: y, shape: [m, 1] }),
            await device.matrix(
              Array.from(y, (value) => [value]),
              { dtype },
            ),
          ];
          const options = { learningRate: 0.1 / n, iterations: 4, dtype, device };
          const first = await batchGradientDescent(X, y, options);
          for (const form of forms) {
            for (const b of targets) {
              const { theta, loss } = await batchGradientDescent(form, b, options);
              expect([bits(theta), bits(loss)]).toEqual([bits(first.theta), bits(first.loss)]);
            }
          }
          for (const matrix of [...resident, targets[3] as Matrix, targets[4] as Matrix]) matrix.dispose();
        },
      );
      await fc.assert(cases, { numRuns: target.runs(6) });
    });

    it('holds what it was given, also when it takes many blocks', async () => {
      const [m, n] = [70_001, 5];
      const data = realData(dtype, m, n, 'squared', new Uniform(21));
      const X = flat(dtype, data);
      const matrix = await target.device.matrix({
        shape: [m, n],
        dtype,
        chunks: inChunks(X.data, n, 30_000),
      });
      expect(matrix).toMatchObject({ shape: [m, n], dtype });
      const from = await matrix.native.read(0, m);
      expect(bits(from)).toBe(bits(X.data));
      const middle = await matrix.native.read(33_333, 7);
      expect(bits(middle)).toBe(bits(X.data.slice(33_333 * n, 33_340 * n)));
      matrix.dispose();
    });

    it('takes every typed array of numbers as chunks', async () => {
      const chunks = [
        Int8Array.of(-1, 2),
        Uint8Array.of(3, 4),
        Uint8ClampedArray.of(5, 6),
        Int16Array.of(-7, 8),
        Uint16Array.of(9, 10),
        Int32Array.of(-11, 12),
        Uint32Array.of(13, 14),
        Float32Array.of(0.5, 1.5),
        Float64Array.of(-0.25, 2.5),
      ];
      const matrix = await target.device.matrix({ shape: [9, 2], dtype, chunks });
      expect(Array.from(await matrix.native.read(0, 9))).toEqual(
        chunks.flatMap((chunk) => Array.from(chunk)),
      );
      matrix.dispose();
    });
  });

  it('takes the arithmetic from the type of X, unless it is named', async () => {
    const { device } = target;
    const y = [1, 2];
    const options = { learningRate: 0.1, iterations: 1, device };
    const rows = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
    const single = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] as [number, number] };
    expect((await batchGradientDescent(single, y, options)).dtype).toBe('float32');
    expect((await batchGradientDescent(rows, Float64Array.from(y), options)).dtype).toBe('float32');
    expect(
      (
        await batchGradientDescent(
          [
            [1, 2],
            [3, 4],
          ],
          y,
          { ...options, dtype: 'float32' },
        )
      ).dtype,
    ).toBe('float32');
    if (!target.dtypes.includes('float64')) return;
    expect(
      (
        await batchGradientDescent(
          [
            [1, 2],
            [3, 4],
          ],
          y,
          options,
        )
      ).dtype,
    ).toBe('float64');
  });
});
