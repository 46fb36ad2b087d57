import { batchGradientDescent, miniBatchGradientDescent, stochasticGradientDescent } from '../../lib';
import { Uniform, flat, floats, realData } from '../support/arbitrary';
import { Target, allConfigurations } from '../support/each-device';
import { bits } from '../support/expectations';

const levels = allConfigurations.filter(({ info }) => info.backend === 'cpu');

describe.each(levels)('the count of threads on $title', (configuration) => {
  // Each of several blocks, which threads take in no fixed order.
  it.each([
    { m: 100_000, n: 3 },
    { m: 9001, n: 63 },
    { m: 1000, n: 1025 },
    { m: 140_000, n: 64 },
  ])('does not change a bit of the result: $m×$n', async ({ m, n }) => {
    const target = new Target(configuration);
    // Values that float32 holds serve both.
    const data = realData('float32', m, n, 'squared', new Uniform(m));
    const results: string[][] = [];
    for (const threads of ['1', '2', '5']) {
      const device = await target.open({ THALWEG_THREADS: threads });
      expect(device.info.computeUnits).toBe(Number(threads));
      for (const dtype of target.dtypes) {
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
        const common = { learningRate: 0.5 / n, fitIntercept: true, device };
        const batch = await batchGradientDescent(X, y, { ...common, iterations: 2 });
        const miniBatch = await miniBatchGradientDescent(X, y, {
          ...common,
          epochs: 1,
          batchSize: 5000,
          seed: 1,
        });
        // Of long rows, a loss is formed while the next epoch reads them: by a second thread, or in the
        // blocks, of which the larger batches have several.
        const small = { ...common, learningRate: 0.01 / n, epochs: 3, seed: 1 };
        const batches = [
          await miniBatchGradientDescent(X, y, { ...small, batchSize: 32 }),
          await miniBatchGradientDescent(X, y, { ...small, batchSize: 600 }),
        ];
        // Single steps are taken a few at once, and of chunks as long as the time allows.
        const single = await stochasticGradientDescent(X, y, { ...small, l2: 0.1 });
        const gram =
          n < 100 ? [await batchGradientDescent(X, y, { ...common, iterations: 2, plan: 'gram' })] : [];
        const found = [batch, miniBatch, ...batches, single, ...gram];
        results.push([threads, dtype, ...found.flatMap(({ theta, loss }) => [bits(theta), bits(loss)])]);
      }
      await device.close();
    }
    for (const dtype of target.dtypes) {
      const [first, ...others] = results.filter(([, of]) => of === dtype).map(([, , ...rest]) => rest);
      for (const other of others) expect(other).toEqual(first);
    }
  });
});
