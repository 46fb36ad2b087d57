import path from 'node:path';
import { batchGradientDescent, readCheckpoint } from '../../lib';
import { temporaryFolder } from '../cli/thalweg';
import { type Found, calls, describeOnEachMpi, launched } from '../support/each-mpi';
import type { Call } from './calls.cjs';
import { sampleOf } from './data.cjs';
import { seeded, wholeNumber } from './seeded';

const folder = temporaryFolder();
const interrupted = path.join(__dirname, 'interrupted.cjs');

function cases(): Call[] {
  const of = (name: string, options: object, more: Partial<Call> = {}): Call => ({
    name,
    call: 'batchGradientDescent',
    data: { seed: wholeNumber(), rows: 40 + (wholeNumber() % 100), columns: 1 + (wholeNumber() % 5) },
    options: { device: 'cpu', learningRate: 0.05, iterations: 24, plan: 'fused', ...options },
    ...more,
  });
  const steps = { device: 'cpu', learningRate: 0.02, epochs: 12, batchSize: 7, seed: wholeNumber() };
  const mini = (name: string, options: object, more: Partial<Call> = {}): Call => ({
    ...of(name, {}, { call: 'miniBatchGradientDescent', ...more }),
    options: { ...steps, ...options },
  });
  const classes = { activation: 'sigmoid', loss: 'log', l2: 0.1, optimizer: 'lbfgs', iterations: 24 };
  return [
    of('steps', { tolerance: 1e-9, fitIntercept: true }),
    of('steps of float32 rows', { dtype: 'float32', optimizer: 'momentum' }),
    of(
      'adam, weighted, with a rank without rows',
      { optimizer: 'adam' },
      { weighted: true, division: 'none-first' },
    ),
    of('gram', { plan: 'gram', fitIntercept: true }),
    of('a schedule', { learningRate: { schedule: 'inverse-scaling', initial: 0.1 } }),
    of('validated', { validation: { share: 0.3, every: 3 }, patience: 4, restoreBestWeights: true }),
    {
      ...of('L-BFGS', {}),
      options: { device: 'cpu', ...classes },
      data: { seed: wholeNumber(), rows: 90, columns: 4, targets: 'zeroOrOne' },
    },
    mini('mini-batches', {}),
    mini('mini-batches of adam, validated', { optimizer: 'adam', validation: 0.2, patience: 5 }),
    mini('mini-batches, with a rank without rows', { optimizer: 'adagrad' }, { division: 'none-first' }),
    of('a neuron, standardized', { standardize: true, optimizer: 'rmsprop' }, { call: 'neuron' }),
  ];
}

const ends = ({ theta, intercepts, best, stopped }: Found): object => ({
  ...{ theta: theta.map(String), intercepts: intercepts.map(String), best, stopped },
});

describeOnEachMpi('ranks go on from where they were', (launcher) => {
  test.each([1, 2, 4])(
    '%d ranks, with the same bits',
    seeded(async (ranks) => {
      const whole = cases();
      const inParts = whole.map((each, at): Call => {
        const file = path.join(folder, `${launcher.name}-${ranks}-${at}.json`);
        // Before any of them may have ended by its patience: one that has takes another pass when it goes on.
        return { ...each, cut: { passes: 1 + (wholeNumber() % 5), path: file } };
      });
      const found = await calls(launcher, ranks, whole);
      const again = await calls(launcher, ranks, inParts);
      for (const { name, cut } of inParts) {
        const one = (found.get(name) as Found[]).map(ends);
        expect(one).toHaveLength(ranks);
        expect({ name, cut, ranks: again.get(name)?.map(ends) }).toEqual({ name, cut, ranks: one });
      }
    }),
  );

  test('after one of them was killed', async () => {
    const file = path.join(folder, `${launcher.name}-killed.json`);
    const killed = await launched(launcher, 4, [interrupted, file]);
    expect(killed.code).not.toBe(0);
    expect(killed.code).not.toBeNull();
    const { code, stdout, stderr } = await launched(launcher, 4, [interrupted, file, 'go-on']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { steps, areSame } = JSON.parse(stdout) as { steps: number; areSame: boolean };
    expect(steps).toBeGreaterThan(0);
    expect(areSame).toBe(true);
  });

  test(
    'a state of other ranks is refused',
    seeded(async () => {
      const file = path.join(folder, `${launcher.name}-others.json`);
      const each: Call = {
        ...{ name: 'others', call: 'batchGradientDescent', cut: { passes: 2, path: file } },
        data: { seed: wholeNumber(), rows: 31, columns: 3 },
        options: { device: 'cpu', learningRate: 0.1, iterations: 4, plan: 'fused' },
      };
      await calls(launcher, 2, [each]);
      const resumeFrom = await readCheckpoint(file);
      expect(resumeFrom.madeFor).toMatchObject({ rows: 31, ranks: [{ rows: 16 }, { rows: 15 }] });
      const { X, y } = sampleOf(each);
      const options = { device: 'cpu', learningRate: 0.1, iterations: 2, plan: 'fused' } as const;
      const alone = batchGradientDescent(X, y, { ...options, resumeFrom });
      await expect(alone).rejects.toMatchObject({ code: 'ERR_STATE', path: 'madeFor.ranks' });
      const { cut, ...whole } = each;
      expect(cut).toBeDefined();
      const goingOn = (more: object): object => ({ ...whole, ...more, options: { ...options, resumeFrom } });
      await expect(calls(launcher, 3, [goingOn({})])).rejects.toThrow(
        /are 2 ranks, and this descent's are 3 ranks/,
      );
      await expect(calls(launcher, 2, [goingOn({ division: 'blocks' })])).rejects.toThrow(
        /"madeFor.ranks.0" had 16 rows on cpu .*, and has 15 on cpu/,
      );
      const { state } = await batchGradientDescent(X, y, options);
      const ofOne = { ...whole, options: { ...options, resumeFrom: state } };
      await expect(calls(launcher, 2, [ofOne])).rejects.toThrow(
        /are one process, and this descent's are 2 ranks/,
      );
    }),
  );
});
