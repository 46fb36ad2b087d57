import { Neuron, batchGradientDescent, lossGradient } from '../../lib';
import { world } from '../../lib/mpi';
import { dataOf } from './data.cjs';

// A program that no launcher has started is its own world, whether MPI is here or not.

const { X, y } = dataOf({ seed: Math.floor(Math.random() * 2 ** 32), rows: 50, columns: 3 }) as {
  X: number[][];
  y: number[];
};

describe('a program that was started alone', () => {
  test('is the one rank of its world', async () => {
    expect([world.rank, world.size]).toEqual([0, 1]);
    expect(world.library).toMatch(/^none/);
    await expect(world.barrier()).resolves.toBeUndefined();
    expect([...(await world.sum([1, 2.5, -3]))]).toEqual([1, 2.5, -3]);
  });

  test('learns with it what it learns without it, to the bit', async () => {
    const options = { learningRate: 'auto', iterations: 20 } as const;
    const [one, other] = [
      await batchGradientDescent(X, y, { ...options, world }),
      await batchGradientDescent(X, y, options),
    ];
    expect([one.theta, one.loss]).toEqual([other.theta, other.loss]);
    const [fitted, plain] = [new Neuron({ inputs: 3 }), new Neuron({ inputs: 3 })];
    await fitted.fit(X, y, { world });
    await plain.fit(X, y);
    expect(fitted.toJSON()).toEqual(plain.toJSON());
    const at = { theta: [1, 2, 3] };
    expect(await lossGradient(X, y, { ...at, world })).toEqual(await lossGradient(X, y, at));
  });

  test('rejects with its own errors, and goes on', async () => {
    const bad = [[NaN, 1, 1], ...X.slice(1)];
    const options = { learningRate: 0.1, iterations: 1, world };
    await expect(batchGradientDescent(bad, y, options)).rejects.toMatchObject({
      code: 'ERR_NOT_FINITE',
      row: 0,
    });
    await expect(batchGradientDescent([], [], options)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    await expect(batchGradientDescent(X, y, options)).resolves.toMatchObject({ iterations: 1 });
  });
});
