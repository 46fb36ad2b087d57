import { type Dtype, layerOfOne } from '../../base/data-types';
import type { Device, Matrix } from '../../devices/device';
import { outputs as outputsOn } from '../../engine/outputs';
import type { ActivationName } from '../../objective/activations';
import type { LossName } from '../../objective/losses';
import { Uniform, exactIn, targetsFor } from '../data';
import type { Fault, Group, Skipped } from '../group';
import {
  type Pass,
  integerFault,
  linearSquared,
  parametersFor,
  passOn,
  realFault,
  refuseInexact,
  valueKinds,
} from '../passes';
import type { Data } from '../plain';
import { type SparseRows, fillings, holdings, orders, sparseRowsOf } from '../sparse-data';
import type { Target } from '../target';
import { batchesFault } from './batches';
import { outputsFault } from './outputs';
import { predictionFault } from './predict';
import { linear, stepsFault } from './steps';
import { countsOf, repeated, weightedStepsFault } from './weights';

interface SparseCase {
  readonly [name: string]: string | number;
  readonly part: string;
  readonly held: string;
  readonly filling: string;
  readonly order: string;
  readonly scaled: number;
  readonly activation: ActivationName | 'softmax';
  readonly outputs: number;
  readonly values: string;
  /** Whether dense columns lie in several allocations; 0 or 1. */
  readonly split: number;
  readonly m: number;
  readonly n: number;
  readonly dense: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** One a kind of curve: that formulas are right is seen elsewhere. */
const lossOf: Readonly<Partial<Record<ActivationName, LossName>>> = {
  linear: 'squared',
  sigmoid: 'log',
  exp: 'poisson',
};

/** Bytes of an allocation at most: what there is of sparse columns fits, and dense ones lie in several. */
const halvedAllocations = { THALWEG_MAX_ALLOCATION: '65536' };

interface Sparse {
  readonly device: Device;
  readonly of: SparseCase;
  readonly rows: SparseRows['X'];
  /** On the device, held as what they are. */
  readonly X: Matrix;
  readonly random: Uniform;
}

function dataOf({ of, rows, random }: Sparse): Data {
  const isExact = of.values === 'integers';
  const loss = lossOf[of.activation as ActivationName] ?? 'squared';
  const y = isExact
    ? random.array(of.m, () => random.integer(-4, 4))
    : targetsFor(of.dtype, of.m, loss, random);
  return { ...rows, y };
}

function passOf(sparse: Sparse): Pass {
  const { of, rows, random } = sparse;
  const { activation, dtype, values } = of;
  const data = dataOf(sparse);
  const objective = {
    ...linearSquared,
    activation,
    loss: lossOf[activation as ActivationName],
  } as Pass['objective'];
  if (values !== 'integers')
    return { dtype, objective, data, at: parametersFor(dtype, rows.n, 2 / Math.sqrt(rows.n), random) };
  const theta = random.array(rows.n, () => random.integer(-1, 1));
  const pass = { dtype, objective, data, at: { theta, intercept: random.integer(-2, 2) } };
  refuseInexact(pass);
  return pass;
}

async function passFault(sparse: Sparse, sampleWeight?: readonly number[]): Promise<Fault> {
  const { device, of, X } = sparse;
  const pass = passOf(sparse);
  const got = await passOn(device, pass, { X, ...(sampleWeight === undefined ? {} : { sampleWeight }) });
  const counted = sampleWeight === undefined ? pass : { ...pass, data: repeated(pass.data, sampleWeight) };
  return of.values === 'integers' ? integerFault(device, counted, got) : realFault(counted, got);
}

async function predictFault(sparse: Sparse): Promise<Fault> {
  const { device, of, X } = sparse;
  const { dtype, objective, data, at } = passOf(sparse);
  const got = await outputsOn(X, layerOfOne(at), objective.activation, { device, dtype });
  return predictionFault(of.dtype, objective.activation, data, at, got);
}

async function severalFault({ device, of, rows, X, random }: Sparse): Promise<Fault> {
  const { outputs: K, dtype } = of;
  const activation = of.activation === 'softmax' ? 'softmax' : 'linear';
  const signed = (count: number, scale: number): Float64Array =>
    exactIn(
      dtype,
      random.array(count, () => scale * random.signed()),
    );
  const y =
    activation === 'softmax' ? random.array(of.m, () => random.integer(0, K - 1)) : signed(of.m * K, 1);
  const at = { theta: signed(rows.n * K, 4 / Math.sqrt(rows.n)), intercepts: signed(K, 1) };
  const values = { activation, outputs: K, reach: 2, m: rows.m, n: rows.n, dtype, seed: of.seed } as const;
  return await outputsFault(device, values, { data: { kind: activation, ...rows, y }, at }, X);
}

async function batchFault(sparse: Sparse, batch: number): Promise<Fault> {
  const { device, of, rows, X } = sparse;
  const { m, dtype, seed } = of;
  const held = { data: dataOf(sparse), X };
  return await batchesFault(device, { ...linear, batch, m, n: rows.n, dtype, seed }, held);
}

async function descentFault(sparse: Sparse, plan: 'fused' | 'gram'): Promise<Fault> {
  const { device, of, rows, X } = sparse;
  const { m, dtype, seed } = of;
  const held = { data: dataOf(sparse), X };
  const values = { ...linear, iterations: 4, ends: 0, m, n: rows.n, dtype, seed };
  return await stepsFault(device, values, plan, held);
}

/** Batches that each hold all rows, which count. */
async function weightedBatchesFault(sparse: Sparse): Promise<Fault> {
  const { device, of, rows, X } = sparse;
  return await weightedStepsFault(device, { ...of, n: rows.n }, 'batches', { data: dataOf(sparse), X });
}

const parts: Readonly<Record<string, (sparse: Sparse) => Promise<Fault>>> = {
  pass: passFault,
  weighted: (sparse) => passFault(sparse, countsOf(sparse.of)),
  predict: predictFault,
  outputs: severalFault,
  steps: (sparse) => descentFault(sparse, 'fused'),
  gram: (sparse) => descentFault(sparse, 'gram'),
  stochastic: (sparse) => batchFault(sparse, 1),
  'mini-batch': (sparse) => batchFault(sparse, 17),
  'weighted batches': weightedBatchesFault,
};

const like: SparseCase = {
  ...{ part: 'pass', held: 'codes', filling: 'few', order: 'mixed', scaled: 0, activation: 'linear' },
  ...{ outputs: 1, values: 'reals', split: 0, m: 257, n: 33, dense: 2, dtype: 'float32', seed: 1 },
};

export const sparse: Group<SparseCase> = {
  name: 'sparse',
  what: 'columns of codes and compressed rows: passes, and rows written out',
  like,
  words: {
    ...{ part: Object.keys(parts), held: holdings, filling: fillings, order: orders },
    ...{ activation: [...Object.keys(lossOf), 'softmax'], values: valueKinds },
  },
  cases: (target) => Promise.resolve(target.dtypes.flatMap((dtype) => casesIn(target, dtype))),
  run: faultOf,
};

async function faultOf(target: Target, of: SparseCase): Promise<Fault | Skipped> {
  const device = of.split === 1 ? await target.variant(halvedAllocations) : target.device;
  const random = new Uniform(of.seed);
  const { source, X: rows } = sparseRowsOf(of, random);
  const X = await device.upload('X', source, of.dtype);
  try {
    return await parts[of.part]?.({ device, of, rows, X, random });
  } finally {
    X.dispose();
  }
}

type Shape = readonly [filling: (typeof fillings)[number], m: number, n: number, dense: number];

/**
 * On both sides of a group's rows and of a segment; one row, one column; codes of 1, 2 and 4 bytes; a column of more segments
 * than are added up at once; more segments, and columns, than all groups take in one turn.
 */
const shapes: Readonly<Record<'quick' | 'full', readonly Shape[]>> = {
  quick: [
    ['few', 1, 5, 0],
    ['few', 1031, 300, 3],
    ['hot', 37_003, 2, 0],
    ['long', 5, 2049, 1],
  ],
  full: [
    ['few', 1, 1, 0],
    ['few', 1, 7, 3],
    ['few', 2, 2, 1],
    ['few', 31, 5, 0],
    ['few', 256, 4, 0],
    ['few', 257, 33, 2],
    ['few', 1031, 300, 5],
    ['few', 4099, 3, 1],
    ['few', 3, 70_001, 1],
    ['hot', 1, 3, 0],
    ['hot', 1031, 33, 0],
    ['hot', 3001, 40, 2],
    ['hot', 37_003, 2, 1],
    ['long', 1, 1000, 0],
    ['long', 300, 257, 3],
    ['long', 5, 2049, 0],
    ['long', 2, 20_011, 1],
  ],
};

const isScaled = [0, 1];

function casesIn({ quick, shape }: Target, dtype: Dtype): SparseCase[] {
  const cases: SparseCase[] = [];
  const add = (more: Partial<SparseCase>): void => {
    const seed = cases.length + 1;
    const order = orders[new Uniform(seed).integer(0, orders.length - 1)] ?? like.order;
    cases.push({ ...like, order, dtype, seed, ...more });
  };
  const each = (see: (held: string, scaled: number) => void): void => {
    for (const held of holdings) for (const scaled of isScaled) see(held, scaled);
  };
  for (const [filling, m, n, dense] of shapes[quick ? 'quick' : 'full']) {
    each((held, scaled) => {
      const of = { held, scaled, filling, m, n, dense };
      // What they take long for, the sum of a column, is the same of scaled ones.
      const isHot = filling === 'hot';
      if (quick && isHot && scaled === 1) return;
      for (const values of quick ? ['integers'] : valueKinds) add({ ...of, values });
      if (!isHot) add({ ...of, part: 'predict' });
    });
  }
  each((held, scaled) => {
    const of = { held, scaled };
    add({ ...of });
    for (const values of valueKinds) add({ ...of, part: 'weighted', values });
    for (const outputs of quick ? [3, 5] : [2, 3, 4, 5, 10, 17]) {
      add({ ...of, part: 'outputs', activation: 'softmax', outputs, m: 131 });
      add({ ...of, part: 'outputs', outputs, m: 131 });
    }
    for (const activation of ['sigmoid', 'exp'] as const) {
      add({ ...of, activation });
      add({ ...of, part: 'predict', activation });
    }
    for (const part of ['steps', 'gram']) {
      add({ ...of, part });
      if (!quick) add({ ...of, part, filling: 'long', m: 2053, n: 17, dense: 1 });
    }
    for (const m of quick ? [37] : [2, 37, 1100]) {
      add({ ...of, part: 'mini-batch', m });
      add({ ...of, part: 'weighted batches', m });
    }
    add({ ...of, part: 'stochastic', m: 41 });
    if (!quick) add({ ...of, part: 'stochastic', filling: 'long', m: 11, n: 1031, dense: 0 });
    if (shape === undefined) return;
    const split = { ...of, split: 1, m: 1031, n: 13, dense: 33 };
    for (const part of ['pass', 'predict', 'stochastic', 'mini-batch', 'gram']) {
      if (!quick || part === 'pass' || part === 'mini-batch')
        add({ ...split, part, m: part === 'stochastic' ? 301 : 1031 });
    }
    // δ of so many outputs has no room.
    add({ ...split, part: 'outputs', outputs: 17, dense: 3 });
  });
  return cases;
}
