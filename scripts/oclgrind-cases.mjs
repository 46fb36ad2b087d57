/**
 * The work that scripts/oclgrind.mjs watches, one group of it a process: `node scripts/oclgrind-cases.mjs GROUP DTYPE
 * FILE` runs the group's cases on 'opencl:0', compares each with the CPU device and adds a line of JSON for each to
 * the file.
 */
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMain } from './tools.mjs';

/** What makes the kernels take each of their ways; `environment` and `oclgrind` set the device up for it. */
export const groups = {
  small: {
    what: 'small odd shapes',
    shapes: [
      ...[1, 2, 3, 5, 7, 17, 33, 65].flatMap((n) => [1, 17].map((m) => [m, n])),
      ...[2, 3, 5, 7, 33, 65].map((m) => [m, 3]),
      ...[2, 3, 5].map((m) => [m, 65]),
    ],
    works: ['batch', 'stochastic', 'mini-batch', 'gradient', 'predict', 'gram', 'read'],
  },
  split: {
    what: 'matrices in several allocations',
    shapes: [
      [300, 5],
      [70, 33],
    ],
    works: ['batch', 'stochastic', 'mini-batch', 'gradient', 'predict', 'gram', 'read'],
    environment: { THALWEG_MAX_ALLOCATION: '4096' },
  },
  large: {
    what: 'batches of more rows than one launch steps through',
    shapes: [[1100, 2]],
    works: ['large batches'],
  },
  regimes: {
    what: 'rows that a work-item, a few, and a whole group hold in registers',
    shapes: [
      ...[1, 4, 6, 8, 9, 12, 16, 31, 32].map((n) => [37, n]),
      ...[33, 34, 36, 64, 66, 100, 127, 128].map((n) => [19, n]),
      ...[130, 132, 191, 256].map((n) => [9, n]),
    ],
    works: ['gradient', 'large batches'],
  },
  groups: {
    what: 'rows of more work-items than are added up at once',
    shapes: [
      [21, 500],
      [21, 510],
      [11, 1023],
      [11, 1024],
    ],
    works: ['gradient'],
    groupSize: 64,
  },
  sweep: {
    what: 'rows beyond registers, many of them, in one launch and in several',
    shapes: [
      [70, 257],
      [70, 258],
      [70, 260],
    ],
    works: ['gradient', 'mini-batch'],
  },
  slices: {
    what: 'few rows of many columns, in slices of these',
    // Partials of less than 64 KiB: oclgrind takes what kernels write to larger buffers, which are cleared by a fill,
    // for never set.
    shapes: [
      [1, 2049],
      [3, 2101],
      [9, 1502],
      [13, 1804],
    ],
    works: ['gradient', 'large batches'],
  },
  columns: {
    what: 'more columns than one group steps or local memory holds',
    shapes: [[2, 4200]],
    works: ['batch', 'stochastic', 'gradient'],
  },
  weights: {
    what: 'rows with weights',
    shapes: [
      [17, 5],
      [19, 33],
      [9, 260],
      [3, 2101],
    ],
    works: ['weighted batch', 'weighted mini-batch'],
  },
  outputs: {
    what: 'rows of several outputs, a few and many of them',
    shapes: [
      [1, 1],
      [17, 3],
      [21, 33],
      [9, 260],
    ],
    works: ['softmax', 'outputs', 'many outputs'],
  },
  sparse: {
    what: 'columns of codes, and compressed rows',
    shapes: [
      [1, 4],
      [17, 9],
      [70, 33],
    ],
    works: [
      'codes',
      'scaled codes',
      'compressed',
      'compressed outputs',
      'compressed steps',
      'compressed gram',
    ],
  },
};

/** Two numbers a row beside codes of all other columns as levels, some of which are in no row. */
function coded({ data }, m, n) {
  const dense = Float64Array.from({ length: 2 * m }, (_, at) => data[at]);
  const codes = Uint8Array.from({ length: m }, (_, i) => (i * i) % (n - 2));
  return { dense: { data: dense, shape: [m, 2] }, categories: [{ codes, levels: n - 2 }] };
}

/** Every third number of the rows. */
function compressed({ data }, m, n) {
  const kept = Array.from(data.keys()).filter((at) => at % 3 === 0);
  return {
    data: Float64Array.from(kept, (at) => data[at]),
    indices: Int32Array.from(kept, (at) => at % n),
    indptr: Uint32Array.from({ length: m + 1 }, (_, i) => Math.ceil((i * n) / 3)),
    shape: [m, n],
  };
}

/** Numbers in −1 … 1 that depend on the seed alone (a linear congruential generator). */
function numbers(count, seed) {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * 0.9;
  });
}

/** The numbers that one way of computing gives on one device. */
async function results(thalweg, work, { X, y, m, n, device, dtype }) {
  const common = { device, dtype, learningRate: 0.01 / n, fitIntercept: true, l1: 0.01, l2: 0.02 };
  const numbersOf = ({ theta, intercepts, loss }) => [...theta, ...intercepts, ...loss];
  const sampleWeight = y.map((_, i) => (i + 1) % 3);
  const targets = (outputs) => ({ data: numbers(m * outputs, 9 + m), shape: [m, outputs] });
  switch (work) {
    case 'batch':
      return numbersOf(await thalweg.batchGradientDescent(X, y, { ...common, iterations: 2 }));
    case 'weighted batch':
      return numbersOf(await thalweg.batchGradientDescent(X, y, { ...common, iterations: 2, sampleWeight }));
    case 'weighted mini-batch': {
      const options = { ...common, epochs: 1, batchSize: 5, seed: 2, sampleWeight };
      return numbersOf(await thalweg.miniBatchGradientDescent(X, y, options));
    }
    case 'softmax': {
      const labels = y.map((value) => (value > 0.3 ? 2 : value > -0.3 ? 1 : 0));
      const options = { ...common, iterations: 2, activation: 'softmax', loss: 'cross-entropy', classes: 3 };
      const found = await thalweg.batchGradientDescent(X, labels, options);
      const weights = { data: found.theta, shape: [n, 3] };
      const layer = new thalweg.Layer({ weights, biases: found.intercepts, activation: 'softmax' });
      return [...numbersOf(found), ...(await layer.predict(X, { device, dtype })).data];
    }
    case 'outputs': {
      const options = { ...common, epochs: 1, batchSize: 5, seed: 2 };
      return numbersOf(await thalweg.miniBatchGradientDescent(X, targets(2), options));
    }
    case 'many outputs':
      return numbersOf(await thalweg.batchGradientDescent(X, targets(17), { ...common, iterations: 2 }));
    case 'codes': {
      const found = await thalweg.batchGradientDescent(coded(X, m, n), y, {
        ...common,
        iterations: 2,
        sampleWeight,
      });
      const neuron = new thalweg.Neuron({ weights: found.theta, bias: found.intercept });
      return [...numbersOf(found), ...(await neuron.predict(coded(X, m, n), { device, dtype }))];
    }
    case 'scaled codes': {
      const neuron = new thalweg.Neuron({ inputs: n });
      const options = { ...common, iterations: 2, strategy: 'batch', standardize: true };
      await neuron.fit(coded(X, m, n), y, options);
      return [...neuron.weights, neuron.bias];
    }
    case 'compressed':
      return numbersOf(
        await thalweg.batchGradientDescent(compressed(X, m, n), y, { ...common, iterations: 2 }),
      );
    case 'compressed outputs':
      return numbersOf(
        await thalweg.batchGradientDescent(compressed(X, m, n), targets(3), { ...common, iterations: 2 }),
      );
    case 'compressed steps':
      return numbersOf(
        await thalweg.miniBatchGradientDescent(compressed(X, m, n), y, {
          ...common,
          ...{ epochs: 1, batchSize: 5, seed: 2 },
        }),
      );
    case 'compressed gram':
      return numbersOf(
        await thalweg.batchGradientDescent(compressed(X, m, n), y, {
          ...common,
          ...{ l1: 0, iterations: 3, plan: 'gram' },
        }),
      );
    case 'stochastic':
      return numbersOf(await thalweg.stochasticGradientDescent(X, y, { ...common, epochs: 1, seed: 1 }));
    case 'mini-batch':
      return numbersOf(
        await thalweg.miniBatchGradientDescent(X, y, { ...common, epochs: 1, batchSize: 5, seed: 2 }),
      );
    case 'large batches':
      return numbersOf(
        await thalweg.miniBatchGradientDescent(X, y, { ...common, epochs: 1, batchSize: 1050, seed: 3 }),
      );
    case 'gram':
      return numbersOf(
        await thalweg.batchGradientDescent(X, y, { ...common, l1: 0, iterations: 3, plan: 'gram' }),
      );
    case 'gradient': {
      const theta = numbers(n, 7);
      const labels = y.map((value) => (value > 0 ? 1 : 0));
      const options = { device, dtype, theta, activation: 'sigmoid', loss: 'log', fitIntercept: true };
      const { gradient, interceptGradient, loss } = await thalweg.lossGradient(X, labels, options);
      return [...gradient, interceptGradient, loss];
    }
    case 'predict': {
      const neuron = new thalweg.Neuron({ weights: [...numbers(n, 8)], bias: 0.25, activation: 'softplus' });
      return [...(await neuron.predict(X, { device, dtype }))];
    }
    case 'read': {
      const on = typeof device === 'string' ? await thalweg.openDevice(device) : device;
      const matrix = await on.matrix(X, { dtype });
      const { sum } = await on.native.readWords(matrix.native, 2).promise;
      matrix.dispose();
      if (on !== device) await on.close();
      return [sum];
    }
    default:
      throw new Error(`no work is named ${work} (m = ${m})`);
  }
}

function worstDifference(ours, theirs) {
  if (ours.length !== theirs.length) return Infinity;
  return Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]) / (1 + Math.abs(theirs[i]))));
}

async function run(group, dtype, file) {
  const thalweg = createRequire(import.meta.url)(fileURLToPath(new URL('../dist/index.js', import.meta.url)));
  const device = await thalweg.openDevice('opencl:0');
  const limit = dtype === 'float32' ? 1e-4 : 1e-10;
  for (const [m, n] of groups[group].shapes) {
    const data = { X: { data: numbers(m * n, 3 + m + n), shape: [m, n] }, y: numbers(m, 5 + m), m, n, dtype };
    for (const work of groups[group].works) {
      const ours = await results(thalweg, work, { ...data, device });
      const theirs = await results(thalweg, work, { ...data, device: 'cpu' });
      const difference = worstDifference(ours, theirs);
      appendFileSync(file, `${JSON.stringify({ work, m, n, difference, ok: difference < limit })}\n`);
    }
  }
  await device.close();
}

if (isMain(import.meta.url)) await run(...process.argv.slice(2));
