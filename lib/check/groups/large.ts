import { freemem } from 'node:os';
import { type Dtype, bytesPerValue } from '../../base/data-types';
import type { Device, Matrix } from '../../devices/device';
import { outputsOn } from '../../engine/outputs';
import { lossGradient } from '../../training/loss-gradient';
import { miniBatchGradientDescent } from '../../training/descents';
import { firstOutOfBounds } from '../compare';
import { Uniform } from '../data';
import type { Fault, Group, Skipped } from '../group';
import { linearSquared } from '../passes';
import * as plain from '../plain';
import type { Target } from '../target';

interface LargeValues {
  readonly [name: string]: string | number;
  readonly mebibytes: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

const mebi = 2 ** 20;

/** Beyond offsets of 2³² bytes, 2³¹ values and 2³² values in float32; the CPU device's are the processor's own. */
const beyond = [4096, 8192, 16_384];
/** A little more than that. */
const more = 16;

export const large: Group<LargeValues> = {
  name: 'large',
  what: 'several launches a pass, and offsets past 4 GiB',
  like: { mebibytes: 4096 + more, n: 256, dtype: 'float32', seed: 1 },
  alone: true,
  notFor: ({ quick }) => (quick ? 'it takes longer: leave --quick out' : undefined),
  cases: async (target) => [
    ...(await severalLaunches(target)),
    ...(target.shape === undefined ? beyond.slice(0, 1) : beyond).map((mebibytes) => ({
      mebibytes: mebibytes + more,
      n: 256,
      dtype: 'float32' as const,
      seed: mebibytes,
    })),
  ],
  run: async (target, values) => {
    const lacking = lackOfRoom(target, values.mebibytes * mebi);
    return lacking ?? (await largeFault(target, values));
  },
};

/** X of little more than a launch takes, of a narrow kernel and of one whose work-items share rows. */
async function severalLaunches(target: Target): Promise<LargeValues[]> {
  const cases: LargeValues[] = [];
  for (const n of [8, 129]) {
    const plan = (await target.plans('float32'))[n - 1];
    if (plan === undefined) continue;
    const mebibytes = Math.ceil((plan.launchRows * n * bytesPerValue.float32) / mebi) + more;
    cases.push({ mebibytes, n, dtype: 'float32', seed: n });
  }
  return cases;
}

/** Beside X there are results, what the driver keeps, and other programs. */
const spare = 1.25;

function lackOfRoom({ device }: Target, bytes: number): Skipped | undefined {
  const { type, memoryBytes } = device.info;
  const there = type === 'cpu' ? Math.min(freemem(), memoryBytes) : memoryBytes;
  const wanted = bytes * spare + 512 * mebi;
  if (there >= wanted) return undefined;
  const inGib = (count: number): string => `${(count / 2 ** 30).toFixed(1)} GiB`;
  return {
    skipped: `X of ${inGib(bytes)} wants ${inGib(wanted)} of memory, and ${inGib(there)} is ${type === 'cpu' ? 'free' : 'there'}`,
  };
}

/** All rows but these are zeros with a label of 0: they add nothing wherever they are read from. */
interface Marked {
  readonly rows: ReadonlyMap<number, readonly number[]>;
  readonly labels: ReadonlyMap<number, number>;
}

async function largeFault(target: Target, { mebibytes, n, dtype, seed }: LargeValues): Promise<Fault> {
  const { device } = target;
  const rowBytes = n * bytesPerValue[dtype];
  const m = Math.ceil((mebibytes * mebi) / rowBytes);
  const plan = (await target.plans(dtype))[n - 1];
  const random = new Uniform(seed);
  const marked = mark(placesOf(m, rowBytes, plan?.launchRows ?? m, random), n, random);
  const X = await matrixOf(device, m, n, dtype, (i) => marked.rows.get(i));
  const y = await matrixOf(device, m, 1, dtype, (i) => [marked.labels.get(i) ?? 0]);
  try {
    return await faultOf(device, X, y, marked);
  } finally {
    X.dispose();
    y.dispose();
  }
}

/** Rows on both sides of where offsets outgrow 31 and 32 bits and launches begin, the ends, and some between. */
function placesOf(m: number, rowBytes: number, launchRows: number, random: Uniform): number[] {
  const bounds = [2 ** 31, 2 ** 32, 2 ** 33, 2 ** 34].map((bytes) => Math.floor(bytes / rowBytes));
  for (let first = launchRows; first < m; first += launchRows) bounds.push(first);
  const near = bounds.flatMap((row) => [row - 1, row, row + 1]);
  const between = Array.from({ length: 200 }, () => random.integer(0, m - 1));
  return [...new Set([0, m - 1, ...near, ...between])].filter((row) => row >= 0 && row < m);
}

function mark(places: readonly number[], n: number, random: Uniform): Marked {
  return {
    rows: new Map(places.map((i) => [i, Array.from({ length: n }, () => random.integer(-1, 1))])),
    labels: new Map(places.map((i) => [i, random.integer(1, 4)])),
  };
}

const chunkBytes = 16 * mebi;

async function matrixOf(
  device: Device,
  m: number,
  n: number,
  dtype: Dtype,
  rowOf: (i: number) => readonly number[] | undefined,
): Promise<Matrix> {
  const chunkRows = Math.max(1, Math.floor(chunkBytes / (n * bytesPerValue[dtype])));
  function* chunks(): Generator<Float32Array | Float64Array> {
    const Values = dtype === 'float32' ? Float32Array : Float64Array;
    for (let first = 0; first < m; first += chunkRows) {
      const rows = Math.min(chunkRows, m - first);
      const chunk = new Values(rows * n);
      for (let i = 0; i < rows; i += 1) {
        const row = rowOf(first + i);
        if (row !== undefined) chunk.set(row, i * n);
      }
      yield chunk;
    }
  }
  return await device.matrix({ shape: [m, n], dtype, chunks: chunks() });
}

async function faultOf(device: Device, X: Matrix, y: Matrix, { rows, labels }: Marked): Promise<Fault> {
  const [m, n] = X.shape;
  const theta = Float64Array.from({ length: n }, (_, j) => (j % 3) - 1);
  const part = { X: Float64Array.from([...rows.values()].flat()), y: Float64Array.from(labels.values()) };
  const data = { ...part, m: rows.size, n };
  const share = rows.size / m;
  const exact = (value: number): number => 2 ** -44 * Math.abs(value);
  const fused = { ...linearSquared, fitIntercept: false };

  const right = plain.lossGradient(fused, data, { theta, intercept: 0 });
  const got = await lossGradient(X, y, { theta, device });
  const gradient = right.gradient.map((value) => value * share);
  const off =
    firstOutOfBounds('the loss', [got.loss], [right.loss * share], () => exact(right.loss * share)) ??
    firstOutOfBounds('gradient', got.gradient, gradient, (j) => exact(gradient[j] ?? 0));
  if (off !== undefined) return off;

  const out = await outputsOn({ device, X }, { theta, intercepts: new Float64Array(1) }, 'linear');
  for (const [index, i] of [...rows.keys()].entries()) {
    const z = plain.dot(data, index, { theta, intercept: 0 });
    if (out[i] !== z) return `output ${i} of ${m} is ${String(out[i])}, not ${z}`;
  }

  // One batch of all rows, each by its index; the labels alone make the gradient at 0.
  const rate = 2 ** -4;
  const step = await miniBatchGradientDescent(X, y, {
    ...{ learningRate: rate, epochs: 1, batchSize: m, seed: 1, device },
  });
  const slope = plain.lossGradient(fused, data, { theta: new Float64Array(n), intercept: 0 }).gradient;
  return firstOutOfBounds(
    'theta after a step over rows by index',
    step.theta,
    slope.map((value) => -rate * value * share),
    (j) => 2 ** -22 * Math.abs(rate * (slope[j] ?? 0) * share),
  );
}
