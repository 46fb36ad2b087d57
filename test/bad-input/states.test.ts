import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type TrainingState,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
  Neuron,
} from '../../lib';
import type { FullState } from '../../lib/engine/state';
import { expectRejection, expectThrow } from '../support/expectations';

const X = [
  [1, 1],
  [1, 2],
  [2, 2],
  [2, 3],
];
const y = [6, 8, 9, 11];
const batch = { learningRate: 0.01, iterations: 3, device: 'cpu' } as const;
const byEpochs = { learningRate: 0.01, epochs: 3, device: 'cpu' } as const;

const stateOfBatch = async (): Promise<TrainingState> => (await batchGradientDescent(X, y, batch)).state;

type Resume = (resumeFrom: TrainingState) => Promise<unknown>;

/** [the field that is named, a descent that the state of `batch` is not for] */
const others: [string, Resume][] = [
  ['madeFor.rows', (resumeFrom) => batchGradientDescent(X.slice(1), y.slice(1), { ...batch, resumeFrom })],
  [
    'madeFor.columns',
    (resumeFrom) =>
      batchGradientDescent(
        X.map((row) => [...row, 1]),
        y,
        { ...batch, resumeFrom },
      ),
  ],
  ['madeFor.dtype', (resumeFrom) => batchGradientDescent(X, y, { ...batch, dtype: 'float32', resumeFrom })],
  [
    'madeFor.activation',
    (resumeFrom) => batchGradientDescent(X, y, { ...batch, activation: 'relu', resumeFrom }),
  ],
  ['madeFor.loss', (resumeFrom) => batchGradientDescent(X, y, { ...batch, loss: 'huber', resumeFrom })],
  [
    'madeFor.fitIntercept',
    (resumeFrom) => batchGradientDescent(X, y, { ...batch, fitIntercept: true, resumeFrom }),
  ],
  [
    'madeFor.optimizer',
    (resumeFrom) => batchGradientDescent(X, y, { ...batch, optimizer: 'adam', resumeFrom }),
  ],
  [
    'madeFor.outputs',
    (resumeFrom) =>
      batchGradientDescent(
        X,
        Array.from(y, (value) => [value, 1]),
        { ...batch, resumeFrom },
      ),
  ],
  [
    'madeFor.weighted',
    (resumeFrom) =>
      batchGradientDescent(X, y, { ...batch, sampleWeight: Array.from(y, () => 2), resumeFrom }),
  ],
  ['madeFor.plan', (resumeFrom) => batchGradientDescent(X, y, { ...batch, plan: 'gram', resumeFrom })],
  ['madeFor.strategy', (resumeFrom) => stochasticGradientDescent(X, y, { ...byEpochs, resumeFrom })],
  [
    'madeFor.standardize',
    (resumeFrom) =>
      new Neuron({ inputs: 2 }).fit(X, y, {
        ...batch,
        ...{ strategy: 'batch', fitIntercept: false, standardize: true, resumeFrom },
      }),
  ],
];

test.each(others)('a state of another problem is refused: %s', async (field, resume) => {
  await expectRejection(resume(await stateOfBatch()), {
    code: 'ERR_STATE',
    option: 'resumeFrom',
    path: field,
    message: new RegExp(`the state's "${field}" is .*, and this descent's is `),
  });
});

test('a state of other batches, another order or another seed is refused', async () => {
  const { state } = await miniBatchGradientDescent(X, y, { ...byEpochs, batchSize: 2, seed: 1 });
  const mini = { ...byEpochs, resumeFrom: state };
  await expectRejection(miniBatchGradientDescent(X, y, { ...mini, batchSize: 3 }), {
    code: 'ERR_STATE',
    path: 'madeFor.batchSize',
    message: /is 2, and this descent's is 3/,
  });
  await expectRejection(miniBatchGradientDescent(X, y, { ...mini, batchSize: 2, seed: 2 }), {
    code: 'ERR_STATE',
    path: 'madeFor.seed',
    message: /is 1, and this descent's is 2/,
  });
  const drawn = await stochasticGradientDescent(X, y, byEpochs);
  await expectRejection(
    stochasticGradientDescent(X, y, { ...byEpochs, sampling: 'shuffle', resumeFrom: drawn.state }),
    { code: 'ERR_STATE', path: 'madeFor.sampling', message: /is with-replacement, and/ },
  );
});

test('a state of another kind of device is refused', async () => {
  const state = await stateOfBatch();
  const resumeFrom = { ...state, madeFor: { ...state.madeFor, device: 'hip AMD Radeon RX 6800' } };
  await expectRejection(batchGradientDescent(X, y, { ...batch, resumeFrom }), {
    code: 'ERR_STATE',
    path: 'madeFor.device',
    message: /is hip AMD Radeon RX 6800, and this descent's is cpu /,
  });
});

/** [the field that is named, what becomes of the state] */
const broken: [string, (state: FullState) => unknown][] = [
  ['format', (state) => ({ ...state, format: 'thalweg-model' })],
  ['version', (state) => ({ ...state, version: 2 })],
  ['madeFor', (state) => ({ ...state, madeFor: undefined })],
  ['madeFor.dtype', (state) => ({ ...state, madeFor: { ...state.madeFor, dtype: 'float16' } })],
  ['passes', (state) => ({ ...state, passes: -1 })],
  ['steps', (state) => ({ ...state, steps: '3' })],
  ['theta.data', (state) => ({ ...state, theta: { shape: [2], data: '!' } })],
  ['theta', (state) => ({ ...state, theta: { shape: [3], data: state.theta.data } })],
  ['theta', (state) => ({ ...state, theta: { shape: [0], data: '' } })],
  [
    'theta',
    (state) => ({
      ...state,
      theta: { shape: [2], data: Buffer.from(Float64Array.of(NaN, 1).buffer).toString('base64') },
    }),
  ],
  ['moments', (state) => ({ ...state, moments: { shape: [0], data: '' } })],
  ['more', (state) => ({ ...state, more: 1 })],
];

test.each(broken)('what is no state is refused: %s', async (field, change) => {
  const resumeFrom = change((await stateOfBatch()) as FullState) as TrainingState;
  await expectRejection(batchGradientDescent(X, y, { ...batch, resumeFrom }), {
    code: 'ERR_STATE',
    path: field,
    message: /^the state's "/,
  });
});

test.each([null, 5, 'state.json', []])('%j is no state', async (resumeFrom) => {
  await expectRejection(batchGradientDescent(X, y, { ...batch, resumeFrom: resumeFrom as never }), {
    code: 'ERR_STATE',
    message: /^the state/,
  });
});

test.each(['initialTheta', 'initialIntercept'])('a state beside %s is refused', async (option) => {
  const start = option === 'initialTheta' ? { initialTheta: [1, 2] } : { initialIntercept: 1 };
  const resumeFrom = await stateOfBatch();
  await expectRejection(batchGradientDescent(X, y, { ...batch, ...start, resumeFrom }), {
    code: 'ERR_INVALID_ARGUMENT',
    option,
    message: /leave one of the two out/,
  });
});

test.each([
  5,
  'state.json',
  {},
  { path: '' },
  { path: 7 },
  { path: 'a', everySeconds: -1 },
  { path: 'a', every: 1 },
])('the checkpoint %j is refused', async (checkpoint) => {
  await expectRejection(batchGradientDescent(X, y, { ...batch, checkpoint: checkpoint as never }), {
    code: 'ERR_INVALID_ARGUMENT',
    message: /checkpoint/,
  });
});

describe('a state of more weights than a text holds', () => {
  const X = {
    ...{ data: Float32Array.of(1, 2), indices: Int32Array.of(0, 50_999_999), indptr: Int32Array.of(0, 1, 2) },
    shape: [2, 51_000_000] as const,
  };
  const options = { learningRate: 0.1, iterations: 1, device: 'cpu' } as const;
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-states-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused when it is asked for, and the descent is as good as any', async () => {
    const descent = await batchGradientDescent(X, [1, 2], options);
    expect([descent.theta[0], descent.theta[1], descent.theta[50_999_999]]).toEqual([
      expect.closeTo(0.1, 6) as number,
      0,
      expect.closeTo(0.4, 6) as number,
    ]);
    expectThrow(() => descent.state, { code: 'ERR_STATE', message: /initialTheta/ });
  });

  it('ends a descent that is to keep it in a file', async () => {
    const checkpoint = { path: path.join(folder, 'large.json') };
    const refusal = { code: 'ERR_STATE', message: /leave checkpoint out/ } as const;
    await expectRejection(batchGradientDescent(X, [1, 2], { ...options, checkpoint }), refusal);
    expect(readdirSync(folder)).toEqual([]);
  });
});
