import { batchGradientDescent } from '../../lib';
import { planOf, type PlanShape } from '../../lib/engine/plan';
import { checkTask } from '../../lib/training/check-task';

const tall: PlanShape = { rows: 1_000_000, columns: 64, outputs: 1, dtype: 'float32', deviceType: 'cpu' };
const batch = (more: object = {}) =>
  checkTask('batch', { learningRate: 0.1, iterations: 1000, ...more }).task;

describe("plan 'auto'", () => {
  it('is the gram matrix for many iterations over a tall X', () => {
    expect(planOf(batch(), tall)).toBe('gram');
    expect(planOf(batch(), { ...tall, dtype: 'float64', deviceType: 'gpu' })).toBe('gram');
  });

  it.each([
    ['few iterations', batch({ iterations: 10 }), tall],
    ['few rows', batch(), { ...tall, rows: 200, columns: 1000 }],
    ['very wide rows', batch({ iterations: 100_000 }), { ...tall, columns: 4096 }],
    ['little data', batch(), { ...tall, rows: 1000, columns: 2 }],
    ['another loss', batch({ loss: 'huber' }), tall],
    ['another activation', batch({ activation: 'tanh' }), tall],
    ['another strategy', checkTask('mini-batch', { learningRate: 0.1, epochs: 1000 }).task, tall],
    ["plan: 'fused'", batch({ plan: 'fused' }), tall],
  ])('is passes over X for %s', (_, options, shape) => {
    expect(planOf(options, shape)).toBe('fused');
  });

  it('says in the result which it was', async () => {
    const [m, n] = [100_000, 4];
    const data = Float32Array.from({ length: m * n }, (_, i) => Math.sin(i * i));
    const y = Float32Array.from({ length: m }, (_, i) => Math.cos(i));
    const options = { learningRate: 0.1, iterations: 100, device: 'cpu' };
    const X = { data, shape: [m, n] as [number, number] };
    const chosen = await batchGradientDescent(X, y, options);
    const named = await batchGradientDescent(X, y, { ...options, plan: 'gram' });
    expect(chosen.plan).toBe('gram');
    expect(chosen.theta).toEqual(named.theta);
    expect((await batchGradientDescent(X, y, { ...options, iterations: 2 })).plan).toBe('fused');
  });
});
