import {
  Layer,
  Neuron,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { crossValidate } from '../../lib/model-selection';
import { world } from '../../lib/mpi';

// What ranks do not do together is refused before MPI is started: these tests need none.

const X = [[1], [2], [3], [4]];
const y = [0, 1, 0, 1];
const epochs = { learningRate: 0.1, epochs: 1, world };
const refusal = (option: string): object => ({ code: 'ERR_INVALID_ARGUMENT', option });

describe('over ranks is refused', () => {
  test('checkpoints of steps that each takes by itself', async () => {
    const local = { ...epochs, averageEvery: 2 };
    const keeping = miniBatchGradientDescent(X, y, { ...local, checkpoint: { path: 'nowhere.json' } });
    await expect(keeping).rejects.toMatchObject(refusal('checkpoint'));
    const { state } = await miniBatchGradientDescent(X, y, { learningRate: 0.1, epochs: 1 });
    const goingOn = miniBatchGradientDescent(X, y, { ...local, resumeFrom: state });
    await expect(goingOn).rejects.toMatchObject(refusal('resumeFrom'));
  });

  test('steps over a row each', async () => {
    await expect(stochasticGradientDescent(X, y, epochs)).rejects.toMatchObject(refusal('world'));
  });

  test.each([0, 1.5, '3', NaN])('averages every %p steps', async (averageEvery) => {
    const call = miniBatchGradientDescent(X, y, { ...epochs, averageEvery: averageEvery as number });
    await expect(call).rejects.toMatchObject(refusal('averageEvery'));
  });

  test('cross-validation', async () => {
    const options = { activation: 'linear', world } as object;
    await expect(crossValidate(X, y, options as never)).rejects.toMatchObject(refusal('world'));
  });

  test.each([[{}], ['world'], [true], [null]])('a world that is %p', async (given) => {
    const options = { learningRate: 0.1, iterations: 1, world: given as never };
    await expect(batchGradientDescent(X, y, options)).rejects.toMatchObject(refusal('world'));
    await expect(new Neuron({ inputs: 1 }).fit(X, y, { world: given as never })).rejects.toMatchObject(
      refusal('world'),
    );
    await expect(
      new Layer({ inputs: 1, outputs: 1 }).fit(X, X, { world: given as never }),
    ).rejects.toMatchObject(refusal('world'));
  });
});

test('averages over ranks are refused without any', async () => {
  const options = { learningRate: 0.1, epochs: 1, averageEvery: 3 };
  await expect(miniBatchGradientDescent(X, y, options)).rejects.toMatchObject(refusal('averageEvery'));
  const fit = new Neuron({ inputs: 1 }).fit(X, y, { ...options, strategy: 'mini-batch' });
  await expect(fit).rejects.toMatchObject(refusal('averageEvery'));
  const steps = { learningRate: 0.1, iterations: 1, averageEvery: 3, world };
  await expect(batchGradientDescent(X, y, steps as object as never)).rejects.toMatchObject(
    refusal('averageEvery'),
  );
});
