import type * as Thalweg from '../../lib';
import { batchGradientDescent, stochasticGradientDescent } from '../../lib';
import { Target, allConfigurations, describeOnUsualDevices } from '../support/each-device';
import { bits } from '../support/expectations';

const rows = 20_000;
const columns = 64;
const data = new Float32Array(rows * columns).map((_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
const y = new Float32Array(rows).map((_, i) => (i % 10) / 10);
const X = { data, shape: [rows, columns] as const };

/** Ends a descent after so many milliseconds, whatever it has reached. */
function after(milliseconds: number): { signal: AbortSignal; reason: Error } {
  const controller = new AbortController();
  const reason = new Error('long enough');
  setTimeout(() => {
    controller.abort(reason);
  }, milliseconds);
  return { signal: controller.signal, reason };
}

describeOnUsualDevices('one device, many callers', (target) => {
  it('keeps timers running through seconds of descent', async () => {
    const { signal, reason } = after(2500);
    const ticks: number[] = [];
    const timer = setInterval(() => ticks.push(performance.now()), 10);
    const descent = batchGradientDescent(X, y, {
      learningRate: 1e-3,
      iterations: 50_000_000,
      device: target.device,
      signal,
    });
    await expect(descent).rejects.toBe(reason);
    clearInterval(timer);
    // A blocked loop would have ticked a handful of times; a busy machine still ticks in most of the turns.
    expect(ticks.length).toBeGreaterThan(60);
    const gaps = ticks.slice(1).map((tick, i) => tick - (ticks[i] as number));
    expect(Math.max(...gaps)).toBeLessThan(1000);
  });

  it('runs descents that were started at once, each as if alone', async () => {
    const start = (seed: number): Promise<{ theta: Float64Array }> =>
      stochasticGradientDescent(X, y, { learningRate: 1e-3, epochs: 1, seed, device: target.device });
    const alone = [bits((await start(1)).theta), bits((await start(2)).theta)];
    const together = await Promise.all([start(1), start(2), start(1), start(2)]);
    expect(together.map(({ theta }) => bits(theta))).toEqual([...alone, ...alone]);
  });

  it('waits with closing for the descents that are under way', async () => {
    const device = await target.open();
    const resident = await device.matrix(X);
    const targets = await device.matrix({ data: y, shape: [rows, 1] });
    const events: string[] = [];
    const note = (event: string) => (): void => {
      events.push(event);
    };
    const options = { learningRate: 1e-3, iterations: 30 };
    const descents = [1, 2].map((k) =>
      batchGradientDescent(resident, targets, options).then(note(`descent ${k}`)),
    );
    // With both matrices there, a descent is with the device one turn after its call.
    await Promise.resolve();
    const closing = device.close().then(note('closed'));
    await Promise.all([...descents, closing]);
    expect(events).toEqual(['descent 1', 'descent 2', 'closed']);
  });

  it('closes when what runs is done, and then refuses', async () => {
    const device = await target.open();
    const running = batchGradientDescent([[1], [2]], [2, 4], { learningRate: 0.1, iterations: 500, device });
    const resident = await device.matrix(X);
    const second = batchGradientDescent(resident, y, { learningRate: 1e-3, iterations: 20 });
    // The second is under way once its targets are on the device.
    await running;
    await second;
    await device.close();
    await device.close();
    await expect(device.matrix([[1]])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    const late = batchGradientDescent(resident, y, { learningRate: 1e-3, iterations: 1 });
    await expect(late).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

it('runs descents on all devices at once, each as if alone', async () => {
  const targets = allConfigurations.filter(({ thorough }) => thorough).map((here) => new Target(here));
  await Promise.all(targets.map((target) => target.start()));
  const train = async (target: Target): Promise<string> => {
    const { theta, loss } = await batchGradientDescent(X, y, {
      learningRate: 1e-2,
      iterations: 40,
      device: target.device,
    });
    return bits(theta) + bits(loss);
  };
  const alone: string[] = [];
  for (const target of targets) alone.push(await train(target));
  const together = await Promise.all([...targets, ...targets].map(train));
  expect(together).toEqual([...alone, ...alone]);
  await Promise.all(targets.map((target) => target.stop()));
});

describe('loading', () => {
  it('works again after the module cache is cleared', async () => {
    const seen = new Set<unknown>();
    for (let load = 0; load < 3; load += 1) {
      jest.resetModules();
      const fresh = jest.requireActual<typeof Thalweg>('../../lib');
      seen.add(fresh.Neuron);
      const { theta } = await fresh.batchGradientDescent([[1], [2]], [2, 4], {
        learningRate: 0.1,
        iterations: 100,
      });
      expect(theta[0]).toBeCloseTo(2, 9);
    }
    expect(seen.size).toBe(3);
  });

  it('leaves what was loaded before the module cache is cleared in working order', async () => {
    const kept = jest.requireActual<typeof Thalweg>('../../lib');
    jest.resetModules();
    const options = { learningRate: 0.1, iterations: 100 };
    const data = { data: Float64Array.of(1, 2), shape: [2, 1] as [number, number] };
    await using device = await kept.openDevice('cpu');
    const X = await device.matrix(data);
    for (const inputs of [X, data]) {
      const { theta } = await kept.batchGradientDescent(inputs, [2, 4], options);
      expect(theta[0]).toBeCloseTo(2, 9);
      const neuron = new kept.Neuron({ inputs: 1 });
      await neuron.fit(inputs, [2, 4], { ...options, strategy: 'batch', standardize: true });
      expect(neuron.output([3])).toBeCloseTo(6, 6);
    }
    const stray = new kept.Neuron({ inputs: 1 }).fit([[1], [NaN]], [2, 4], {
      ...options,
      strategy: 'batch',
      standardize: true,
    });
    await expect(stray).rejects.toBeInstanceOf(kept.ThalwegError);
    await expect(kept.openDevice('opencl:99')).rejects.toBeInstanceOf(kept.ThalwegError);
  });
});
