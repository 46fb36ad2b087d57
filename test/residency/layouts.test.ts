import fc from 'fast-check';
import {
  type CodedRows,
  type CompressedRows,
  type Descent,
  type HostMatrix,
  type MatrixLike,
  Neuron,
  type Residency,
  batchGradientDescent,
  miniBatchGradientDescent,
} from '../../lib';
import { Uniform, seeds } from '../support/arbitrary';
import { describeOnEachDevice, withEnvironment } from '../support/each-device';
import { bits } from '../support/expectations';

interface Shape {
  readonly m: number;
  readonly width: number;
  readonly levels: readonly number[];
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  m: fc.integer({ min: 1, max: 3000 }),
  width: fc.integer({ min: 1, max: 4 }),
  levels: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 2 }),
});

interface Layouts {
  readonly coded: CodedRows;
  readonly compressed: CompressedRows;
  readonly written: HostMatrix;
  readonly y: Float64Array;
}

/** Numbers beside codes, the same compressed, and the same written out. */
function layouts({ m, width, levels }: Shape, seed: number): Layouts {
  const random = new Uniform(seed);
  const values = new Float64Array(m * width).map(() => 2 * random.next() - 1);
  const categories = levels.map((count) => ({
    codes: new Uint8Array(m).map(() => Math.floor(random.next() * count)),
    levels: count,
  }));
  const n = levels.reduce((sum, count) => sum + count, width);
  const data = new Float64Array(m * n);
  const indices: number[] = [];
  for (let i = 0; i < m; i += 1) {
    data.set(values.subarray(i * width, (i + 1) * width), i * n);
    for (let j = 0; j < width; j += 1) indices.push(j);
    let first = width;
    for (const { codes, levels: count } of categories) {
      const column = first + (codes[i] as number);
      data[i * n + column] = 1;
      indices.push(column);
      first += count;
    }
  }
  const each = width + levels.length;
  return {
    coded: { dense: { data: values, shape: [m, width] }, categories },
    compressed: {
      data: Float64Array.from(indices, (column, e) => data[Math.floor(e / each) * n + column] as number),
      indices: Int32Array.from(indices),
      indptr: Uint32Array.from({ length: m + 1 }, (_, i) => i * each),
      shape: [m, n],
    },
    written: { data, shape: [m, n] },
    y: new Float64Array(m).map(() => Math.round(random.next())),
  };
}

describeOnEachDevice('codes and compressed rows', (target) => {
  const { emulated = false } = target.configuration;
  const dtype = target.dtypes.at(-1) ?? 'float32';
  const sizes = shapes.filter(({ m }) => target.isCpu || m < (emulated ? 60 : 500));
  const numRuns = target.isCpu ? target.runs(15) : 2;

  async function found(X: MatrixLike, y: Float64Array, residency: Residency): Promise<Descent[]> {
    const of = { dtype, device: target.device, learningRate: 0.05, residency };
    return await withEnvironment({ THALWEG_SPOOL_MEMORY: '5000' }, async () => [
      await batchGradientDescent(X, y, { ...of, iterations: 3, plan: 'fused', fitIntercept: true }),
      await batchGradientDescent(X, y, { ...of, iterations: 3, plan: 'gram' }),
      await miniBatchGradientDescent(X, y, { ...of, seed: 3, epochs: 2, batchSize: 7 }),
    ]);
  }
  const told = (descents: readonly Descent[]): unknown =>
    descents.map(({ theta, loss, intercept }) => [bits(theta), bits(loss), intercept]);

  it('are written out on disk, with the bits of what is written out', async () => {
    const cases = fc.asyncProperty(sizes, seeds, async (shape, seed) => {
      const { coded, compressed, written, y } = layouts(shape, seed);
      const expected = await found(written, y, 'disk');
      for (const X of [coded, compressed]) {
        const there = await found(X, y, 'disk');
        expect(there.map(({ residency }) => residency)).toEqual(['disk', 'disk', 'disk']);
        expect(told(there)).toEqual(told(expected));
      }
    });
    await fc.assert(cases, { numRuns });
  });

  it('stay on the device where they fit', async () => {
    const cases = fc.asyncProperty(sizes, seeds, async (shape, seed) => {
      const { coded, compressed, y } = layouts(shape, seed);
      for (const X of [coded, compressed]) {
        const expected = await found(X, y, 'device');
        const there = await found(X, y, 'auto');
        expect(there.map(({ residency }) => residency)).toEqual(['device', 'device', 'device']);
        expect(told(there)).toEqual(told(expected));
      }
    });
    await fc.assert(cases, { numRuns });
  });

  if (target.isCpu)
    it("are where 'device' has them for 'host'", async () => {
      const { coded, compressed, y } = layouts({ m: 700, width: 2, levels: [9, 3] }, 7);
      for (const X of [coded, compressed]) {
        const there = await found(X, y, 'host');
        expect(there.map(({ residency }) => residency)).toEqual(['device', 'device', 'device']);
        expect(told(there)).toEqual(told(await found(X, y, 'device')));
      }
    });

  it('give predictions from disk with the bits of what is written out', async () => {
    const { coded, compressed, written } = layouts({ m: 40, width: 2, levels: [5] }, 9);
    const neuron = new Neuron({ weights: [0.5, -1.5, 1, 2, 3, 4, 5], bias: 0.25 });
    const where = { dtype, residency: 'disk' } as const;
    const outputs: string[] = [];
    for (const X of [written, coded, compressed]) {
      const matrix = await target.device.matrix(X, where);
      expect([matrix.residency, matrix.shape]).toEqual(['disk', [40, 7]]);
      outputs.push(bits(await neuron.predict(matrix)));
      matrix.dispose();
    }
    expect(outputs).toEqual(Array(3).fill(outputs[0]));
  });
});
