import fc from 'fast-check';
import { type Descent, type Residency, miniBatchGradientDescent, stochasticGradientDescent } from '../../lib';
import { Uniform, seeds } from '../support/arbitrary';
import { describeOnEachDevice, withEnvironment } from '../support/each-device';
import { bits, expectRejection, relativeError } from '../support/expectations';

/** Windows are 64 KiB of small X, so that these have several, the last of them short. */
const shapes = fc.record({ m: fc.integer({ min: 1, max: 5000 }), n: fc.constantFrom(7, 33) });

describeOnEachDevice('rows in an order of chance, of an X that is elsewhere', (target) => {
  const dtype = target.dtypes.at(-1) ?? 'float32';
  const isCpu = target.isCpu;
  const { emulated = false } = target.configuration;
  const sizes = shapes.filter(({ m }) => isCpu || (!emulated && m < 2000) || m < 60);
  const numRuns = isCpu ? target.runs(15) : 2;
  const inFile = async <Result>(body: () => Promise<Result>): Promise<Result> =>
    await withEnvironment({ THALWEG_SPOOL_MEMORY: '100000' }, body);

  function problem({ m, n }: { m: number; n: number }, seed: number) {
    const random = new Uniform(seed);
    const data = new Float64Array(m * n).map(() => 2 * random.next() - 1);
    const y = new Float64Array(m).map(() => 2 * random.next() - 1);
    const sampleWeight = new Float64Array(m).map(() => 0.5 + random.next());
    return { X: { data, shape: [m, n] as const }, y, sampleWeight };
  }

  if (dtype === 'float64')
    it('takes each row once an epoch', async () => {
      const batches = fc.constantFrom(1, 3, 32, 700);
      const cases = fc.asyncProperty(
        sizes,
        batches,
        seeds,
        fc.boolean(),
        async (shape, batchSize, seed, weighted) => {
          const { X, y, sampleWeight } = problem(shape, seed);
          // Steps so short that θ is the sum of the gradients at 0, whatever their order.
          const options = {
            ...({ learningRate: 1e-7, epochs: 2, dtype: 'float64', device: target.device, seed: 1 } as const),
            ...(weighted ? { sampleWeight } : {}),
          };
          const descent = async (residency: Residency): Promise<Descent> =>
            batchSize === 1
              ? await stochasticGradientDescent(X, y, { ...options, residency, sampling: 'shuffle' })
              : await miniBatchGradientDescent(X, y, { ...options, residency, batchSize });
          // A short batch weighs its rows more: rows of equal weight alone can be told by their sum.
          const whole = shape.m % batchSize === 0 || batchSize >= shape.m;
          const expected = await descent('device');
          const found = await inFile(async () => descent('disk'));
          expect(found.iterations).toBe(expected.iterations);
          expect(found.residency).toBe('disk');
          expect(relativeError(found.loss, expected.loss)).toBeLessThan(1e-6);
          expect(relativeError(found.theta, expected.theta)).toBeLessThan(whole ? 1e-2 : Infinity);
        },
      );
      await fc.assert(cases, { numRuns });
    });

  it('gives the same bits for a seed, in memory as on disk, and goes on where it ended', async () => {
    const optimizers = fc.constantFrom('sgd', 'momentum', 'adam');
    const cases = fc.asyncProperty(
      sizes,
      optimizers,
      seeds,
      fc.boolean(),
      async (shape, optimizer, seed, single) => {
        const { X, y } = problem(shape, seed);
        const options = {
          learningRate: 0.01,
          optimizer,
          fitIntercept: true,
          dtype,
          device: target.device,
          seed: 7,
        } as const;
        const descend = single ? stochasticGradientDescent : miniBatchGradientDescent;
        const whole = await inFile(async () => descend(X, y, { ...options, epochs: 3, residency: 'disk' }));
        const first = await inFile(async () => descend(X, y, { ...options, epochs: 1, residency: 'disk' }));
        const rest = await withEnvironment({ THALWEG_SPOOL_MEMORY: '0' }, async () =>
          descend(X, y, { ...options, epochs: 2, residency: 'disk', resumeFrom: first.state }),
        );
        expect(bits(rest.theta)).toBe(bits(whole.theta));
        expect(rest.intercept).toBe(whole.intercept);
        expect(bits(Float64Array.of(...first.loss, ...rest.loss))).toBe(bits(whole.loss));
        await expectRejection(
          descend(X, y, { ...options, epochs: 2, residency: 'device', resumeFrom: first.state }),
          {
            code: 'ERR_STATE',
            message: /windowed/,
          },
        );
      },
    );
    await fc.assert(cases, { numRuns });
  });

  it('refuses rows of weight 0, which it cannot leave out', async () => {
    const { X, y } = problem({ m: 5, n: 7 }, 1);
    const options = {
      learningRate: 0.1,
      epochs: 1,
      dtype,
      device: target.device,
      residency: 'disk',
    } as const;
    const descent = miniBatchGradientDescent(X, y, { ...options, sampleWeight: [1, 0, 1, 1, 1] });
    await expectRejection(descent, {
      code: 'ERR_INVALID_ARGUMENT',
      message: /weight 0/,
      option: 'residency',
    });
  });
});
