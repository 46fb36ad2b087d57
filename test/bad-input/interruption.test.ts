import {
  type BatchProgress,
  type EpochProgress,
  Neuron,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { Uniform, realData } from '../support/arbitrary';
import { type Target, describeOnUsualDevices } from '../support/each-device';
import { bits } from '../support/expectations';

const [m, n] = [3000, 20];
const { X: values, y: targets } = realData('float32', m, n, 'squared', new Uniform(9));
const X = { data: Float32Array.from(values), shape: [m, n] as [number, number] };
const y = Float32Array.from(targets);

/** x, x², … and labels, in which L-BFGS with one step remembered goes on and on where an l1 keeps it from XᵀX. */
const powers = Array.from({ length: m }, (_, i) =>
  Array.from({ length: 14 }, (_, k) => ((i + 1) / m) ** (k + 1)),
);
const signs = powers.map(([x = 0], i) => (Math.sin(i * i) + Math.sin(6 * x) > 0 ? 1 : 0));

/** Far more than a test waits for: an interruption has to end it. */
const forever = 100_000_000;
const learningRate = 1e-3;

type Options = Record<string, unknown>;

const descents: [string, (options: Options) => Promise<unknown>][] = [
  ['batch', (options) => batchGradientDescent(X, y, { learningRate, iterations: forever, ...options })],
  [
    'batch on the gram matrix',
    (options) => batchGradientDescent(X, y, { learningRate, iterations: forever, plan: 'gram', ...options }),
  ],
  [
    'batch by L-BFGS',
    (options) =>
      batchGradientDescent(powers, signs, {
        activation: 'sigmoid',
        loss: 'log',
        optimizer: { name: 'lbfgs', history: 1 },
        l1: 1e-12,
        iterations: forever,
        ...options,
      }),
  ],
  ['stochastic', (options) => stochasticGradientDescent(X, y, { learningRate, epochs: forever, ...options })],
  ['mini-batch', (options) => miniBatchGradientDescent(X, y, { learningRate, epochs: forever, ...options })],
  [
    'a standardized fit',
    (options) =>
      new Neuron({ inputs: n }).fit(X, y, {
        strategy: 'batch',
        standardize: true,
        learningRate,
        iterations: forever,
        ...options,
      }),
  ],
];

async function expectUsable({ device }: Target): Promise<void> {
  const rows = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] as [number, number] };
  const { loss } = await batchGradientDescent(rows, [1, 2], { learningRate: 0.01, iterations: 1, device });
  expect(loss[0]).toBe(2.5);
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resume) => setTimeout(resume, milliseconds));
}

describeOnUsualDevices('an interruption', (target) => {
  afterEach(async () => {
    await expectUsable(target);
  });

  describe.each(descents)('of %s', (_, descend) => {
    it('before it begins rejects with the reason', async () => {
      const reason = new Error('not wanted');
      const signal = AbortSignal.abort(reason);
      await expect(descend({ signal, device: target.device })).rejects.toBe(reason);
    });

    it('right after the call, before a row is copied, rejects with the reason', async () => {
      const controller = new AbortController();
      const descent = descend({ signal: controller.signal, device: target.device });
      const reason = { no: 'error at all' };
      controller.abort(reason);
      await expect(descent).rejects.toBe(reason);
    });

    it('while it runs rejects with the reason, soon', async () => {
      const controller = new AbortController();
      const descent = descend({ signal: controller.signal, device: target.device });
      setTimeout(() => {
        controller.abort();
      }, 60);
      await expect(descent).rejects.toMatchObject({ name: 'AbortError', code: 20 });
    });

    it('by its time-out rejects with that', async () => {
      const descent = descend({ signal: AbortSignal.timeout(50), device: target.device });
      await expect(descent).rejects.toMatchObject({ name: 'TimeoutError' });
    });

    it('by an exception in onProgress rejects with it, and calls no more', async () => {
      const reason = new RangeError('enough');
      let calls = 0;
      const onProgress = (): void => {
        calls += 1;
        if (calls === 2) throw reason;
      };
      await expect(descend({ onProgress, device: target.device })).rejects.toBe(reason);
      const seen = calls;
      await pause(150);
      expect([seen, calls]).toEqual([2, 2]);
    });

    it('from within onProgress by the signal rejects with the reason', async () => {
      const controller = new AbortController();
      const reason = new Error('seen enough');
      const onProgress = (): void => {
        controller.abort(reason);
      };
      await expect(descend({ onProgress, signal: controller.signal, device: target.device })).rejects.toBe(
        reason,
      );
    });
  });

  it('after the end changes nothing', async () => {
    const controller = new AbortController();
    const options = { learningRate, iterations: 5, device: target.device };
    const found = await batchGradientDescent(X, y, { ...options, signal: controller.signal });
    controller.abort();
    const again = await batchGradientDescent(X, y, options);
    expect(bits(again.theta)).toBe(bits(found.theta));
  });

  it('of one descent leaves another on the device as it is', async () => {
    const { device } = target;
    const controller = new AbortController();
    const options = { learningRate, iterations: 20, device };
    const alone = await batchGradientDescent(X, y, options);
    const stopped = batchGradientDescent(X, y, {
      ...options,
      iterations: forever,
      signal: controller.signal,
    });
    const waiting = batchGradientDescent(X, y, options);
    setTimeout(() => {
      controller.abort();
    }, 60);
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(bits((await waiting).theta)).toBe(bits(alone.theta));
  });

  it('of one that waits for its turn ends it without a step', async () => {
    const { device } = target;
    const [first, second] = [new AbortController(), new AbortController()];
    let steps = 0;
    const onProgress = (): void => {
      steps += 1;
    };
    const options = { learningRate, iterations: forever, device };
    const running = batchGradientDescent(X, y, { ...options, signal: first.signal });
    const waiting = batchGradientDescent(X, y, { ...options, signal: second.signal, onProgress });
    setTimeout(() => {
      second.abort();
    }, 30);
    setTimeout(() => {
      first.abort();
    }, 90);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(steps).toBe(0);
  });

  it('before they begin is obeyed by predictions and gradients, too', async () => {
    const reason = new Error('no');
    const options = { signal: AbortSignal.abort(reason), device: target.device };
    await expect(new Neuron({ inputs: n }).predict(X, options)).rejects.toBe(reason);
    await expect(new Neuron({ inputs: n }).score(X, y, options)).rejects.toBe(reason);
    await expect(lossGradient(X, y, { ...options, theta: new Float64Array(n) })).rejects.toBe(reason);
  });

  it('leaves a neuron as it was', async () => {
    const neuron = new Neuron({ weights: new Float64Array(n).fill(0.25), bias: 2 });
    const before = JSON.stringify(neuron);
    const fit = neuron.fit(X, y, {
      strategy: 'batch',
      learningRate,
      iterations: forever,
      device: target.device,
      signal: AbortSignal.timeout(40),
    });
    await expect(fit).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(JSON.stringify(neuron)).toBe(before);
  });
});

describeOnUsualDevices('progress', (target) => {
  it.each(['fused', 'gram'] as const)('is told at most 20 times a second, in order: %s', async (plan) => {
    const seen: BatchProgress[] = [];
    const times: number[] = [];
    const onProgress = (progress: BatchProgress): void => {
      times.push(performance.now());
      seen.push(progress);
    };
    const signal = AbortSignal.timeout(700);
    const options = { learningRate, iterations: forever, plan, device: target.device, signal, onProgress };
    await expect(batchGradientDescent(X, y, options)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(seen.length).toBeGreaterThan(1);
    const seconds = (times.at(-1) as number) / 1000 - (times[0] as number) / 1000;
    expect(seen.length - 1).toBeLessThanOrEqual(20 * seconds + 2);
    for (const [k, progress] of seen.entries()) {
      expect(Object.keys(progress).sort()).toEqual(['iteration', 'loss', 'seconds']);
      expect(progress.iteration).toBeGreaterThan(seen[k - 1]?.iteration ?? 0);
      expect(progress.seconds - (seen[k - 1]?.seconds ?? -1)).toBeGreaterThan(0.0499);
      expect(progress.loss).toBeLessThanOrEqual((seen[k - 1]?.loss ?? Infinity) * 1.0001);
    }
  });

  it.each([
    ['stochastic', stochasticGradientDescent],
    ['mini-batch', miniBatchGradientDescent],
  ] as const)('counts epochs: %s', async (_, descent) => {
    const seen: EpochProgress[] = [];
    const onProgress = (progress: EpochProgress): void => {
      seen.push(progress);
    };
    const signal = AbortSignal.timeout(500);
    const options = { learningRate, epochs: forever, device: target.device, signal, onProgress };
    await expect(descent(X, y, options)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(seen.length).toBeGreaterThan(0);
    expect(Object.keys(seen[0] as object).sort()).toEqual(['epoch', 'loss', 'seconds']);
    for (const [k, { epoch }] of seen.entries()) expect(epoch).toBeGreaterThan(seen[k - 1]?.epoch ?? 0);
  });

  it('does not change the result', async () => {
    const options = { learningRate, iterations: 3000, device: target.device };
    const quiet = await batchGradientDescent(X, y, options);
    const watched = await batchGradientDescent(X, y, { ...options, onProgress: () => undefined });
    expect(bits(watched.theta)).toBe(bits(quiet.theta));
    expect(bits(watched.loss)).toBe(bits(quiet.loss));
  });
});
