import { type FitOptions, type Label, Layer, Neuron, batchGradientDescent } from '../../lib';
import { bits, expectRejection, expectThrow } from '../support/expectations';

const device = 'cpu';
const X = Array.from({ length: 24 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const three = X.map(([a = 0, b = 0]) => (a > 0.3 ? 2 : b > 0 ? 1 : 0));
const two = X.map(([a = 0]) => (a > 0.2 ? 1 : 0));
const steps = { strategy: 'batch', learningRate: 0.5, iterations: 20, device } as const;
const named = (codes: readonly number[], names: readonly Label[]): never =>
  codes.map((code) => names[code]) as never;

function detached(): Float64Array {
  const values = new Float64Array(2);
  structuredClone(values.buffer, { transfer: [values.buffer] });
  return values;
}

describe.each<[string, Label[]]>([
  ['texts', ['low', 'middle', 'high']],
  ['numbers', [7, -1, 2.5]],
  ['texts, numbers and booleans', ['1', 1, true]],
])('labels of a layer that are %s', (_, classes) => {
  it('train, score and validate as their numbers do, and stay in JSON', async () => {
    const layer = new Layer({ inputs: 2, outputs: 3, activation: 'softmax', classes });
    const plain = new Layer({ inputs: 2, outputs: 3, activation: 'softmax' });
    const y = named(three, classes);
    const found = await layer.fit(X, y, { ...steps, validation: { X, y } });
    const expected = await plain.fit(X, three, { ...steps, validation: { X, y: three } });
    expect(bits(found.theta)).toBe(bits(expected.theta));
    expect(found.validationLoss).toEqual(expected.validationLoss);
    expect(await layer.score(X, y, { device })).toBe(await plain.score(X, three, { device }));
    const again = Layer.fromJSON(JSON.parse(JSON.stringify(layer)));
    expect(again.classes).toEqual(classes);
    expect(await again.predictLabels(X, { device })).toEqual(await plain.predictLabels(X, { device }));
    await again.partialFit(X, y, steps);
    await plain.partialFit(X, three, steps);
    expect(bits(again.weights.data)).toBe(bits(plain.weights.data));
  });

  it('are refused by their row where they are no class', async () => {
    const layer = new Layer({ inputs: 2, outputs: 3, activation: 'softmax', classes });
    const odd = named(three, classes) as Label[];
    odd[4] = 'odd';
    const expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'y',
      row: 4,
      message: /y\[4\] is "odd"; the classes are/,
    } as const;
    await expectRejection(layer.fit(X, odd as never, steps), expected);
    await expectRejection(layer.partialFit(X, odd as never, steps), expected);
    await expectRejection(layer.score(X, odd as never, { device }), expected);
    const validation = { X, y: odd as never };
    await expectRejection(layer.fit(X, named(three, classes), { ...steps, validation }), {
      ...{ code: 'ERR_INVALID_ARGUMENT', option: 'validation.y', row: 4 },
      message: /validation\.y\[4\] is "odd"/,
    });
  });
});

describe.each<[string, [Label, Label]]>([
  ['texts', ['no', 'yes']],
  ['numbers', [1, 2]],
  ['booleans', [true, false]],
])('two labels that are %s', (_, classes) => {
  const y = named(two, classes);

  it('are those of a neuron, of a layer of one sigmoid and of a softmax', async () => {
    const neuron = new Neuron({ inputs: 2, activation: 'sigmoid', classes });
    const one = new Layer({ inputs: 2, outputs: 1, activation: 'sigmoid', classes });
    const softmax = new Layer({ inputs: 2, outputs: 2, activation: 'softmax', classes });
    await neuron.fit(X, y, steps);
    await one.fit(X, y, steps);
    await softmax.fit(X, y, steps);
    expect(bits(one.weights.data)).toBe(bits(neuron.weights));
    const labels = await neuron.predictLabels(X, { device });
    expect(labels).toBeInstanceOf(Int32Array);
    expect(labels).toEqual(Int32Array.from(X, (row) => (neuron.output(row) >= 0.5 ? 1 : 0)));
    expect(await one.predictLabels(X, { device })).toEqual(labels);
    const right = labels.reduce((sum, label, i) => sum + (label === two[i] ? 1 : 0), 0) / X.length;
    expect(await neuron.score(X, y, { device })).toBe(right);
    expect(await one.score(X, y, { device })).toBe(right);
    for (const model of [
      Neuron.fromJSON(JSON.parse(JSON.stringify(neuron))),
      Layer.fromJSON(JSON.parse(JSON.stringify(one))),
    ])
      expect(model.classes).toEqual(classes);
    expect((await softmax.predictLabels(X, { device })).length).toBe(X.length);
  });

  it('need not both be in a batch, where classes names them', async () => {
    const only = X.filter((_row, i) => two[i] === 0);
    const first = only.map(() => classes[0]) as never;
    const neuron = new Neuron({ inputs: 2, activation: 'sigmoid', classes });
    await neuron.partialFit(only, first, steps);
    const expected = await batchGradientDescent(
      only,
      only.map(() => 0),
      {
        ...{
          activation: 'sigmoid',
          loss: 'log',
          fitIntercept: true,
          learningRate: 0.5,
          iterations: 20,
          device,
        },
      },
    );
    expect(bits(neuron.weights)).toBe(bits(expected.theta));
    expect(neuron.classes).toEqual(classes);
  });
});

it('says to name the classes where a batch has one of two', async () => {
  const expected = {
    code: 'ERR_INVALID_ARGUMENT',
    message: /y has one class \("no"\).*name them in classes/,
  } as const;
  const neuron = new Neuron({ inputs: 1, activation: 'sigmoid' });
  await expectRejection(neuron.partialFit([[1], [2]], ['no', 'no'], steps), expected);
  const layer = new Layer({ inputs: 1, outputs: 3, activation: 'softmax' });
  await expectRejection(layer.partialFit([[1], [2]], ['no', 'yes'], steps), {
    code: 'ERR_INVALID_ARGUMENT',
    message: /3 outputs, one a class; name them in classes/,
  });
});

it('gives no labels where outputs are no classes', async () => {
  await expectRejection(new Neuron({ weights: [1] }).predictLabels([[1]]), {
    code: 'ERR_INVALID_ARGUMENT',
    message: /a single linear output stands for no class/,
    option: 'activation',
  });
});

it.each([
  ['has no text of its own', Object.create(null)],
  ['is detached', detached()],
])('refuses a label that is a value which %s', async (_, odd: unknown) => {
  const neuron = new Neuron({ inputs: 2, activation: 'sigmoid' });
  const y = X.map((_row, i) => (i === 3 ? odd : ['no', 'yes'][i % 2]));
  await expectRejection(neuron.fit(X, y as never, steps), {
    code: 'ERR_INVALID_ARGUMENT',
    option: 'y',
    message: /y has more than two classes, or other values than texts/,
  });
});

it('refuses classes of another count', () => {
  expectThrow(() => new Layer({ inputs: 1, outputs: 1, activation: 'sigmoid', classes: ['only'] }), {
    code: 'ERR_INVALID_ARGUMENT',
    option: 'classes',
    message: /two different texts/,
  });
});

describe('Layer.partialFit', () => {
  it('goes on from the weights and biases there are', async () => {
    const Y = X.map(([a = 0, b = 0]) => [a - b, 2 * a, b + 1]);
    const options = { ...steps, learningRate: 0.05, iterations: 7 };
    const layer = new Layer({
      weights: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      biases: [7, 8, 9],
    });
    await layer.partialFit(X, Y, options);
    await layer.partialFit(X, Y, { ...options, iterations: 8 });
    const { theta, intercepts } = await batchGradientDescent(X, Y, {
      ...{ learningRate: 0.05, iterations: 15, fitIntercept: true, device },
      ...{ initialTheta: [1, 2, 3, 4, 5, 6], initialIntercept: [7, 8, 9] },
    });
    expect(bits(layer.weights.data)).toBe(bits(theta));
    expect(bits(layer.biases)).toBe(bits(intercepts));
  });

  it('is at the optimum at once where the layer is there', async () => {
    const layer = new Layer({ inputs: 2, outputs: 3, activation: 'softmax' });
    const options: FitOptions = { l2: 0.1, device };
    await layer.fit(X, three, options);
    const { iterations, converged } = await layer.partialFit(X, three, options);
    expect({ iterations, converged }).toEqual({ iterations: 0, converged: true });
  });

  it('refuses a start of its own', async () => {
    const layer = new Layer({ inputs: 2, outputs: 3, activation: 'softmax' });
    await expectRejection(layer.partialFit(X, three, { ...steps, initialIntercept: [1, 2, 3] }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'initialIntercept',
      message: /begins at the layer's own weights/,
    });
  });
});

describe('a neuron without an activation', () => {
  const y = named(two, ['no', 'yes']) as string[];
  const refused = {
    code: 'ERR_INVALID_ARGUMENT',
    option: 'activation',
    message: /y are classes, and the neuron has no activation but linear by default/,
  } as const;

  it('learns no line through classes unasked', async () => {
    const neuron = new Neuron({ inputs: 2 });
    await expectRejection(neuron.fit(X, y, steps), refused);
    await expectRejection(
      neuron.partialFit(
        X,
        y.map((label) => label === 'yes'),
        steps,
      ),
      refused,
    );
    await expectRejection(new Neuron({ inputs: 2, classes: ['no', 'yes'] }).fit(X, y, steps), refused);
    expect(neuron.weights).toEqual(new Float64Array(2));
    expect((await neuron.fit(X, two, steps)).iterations).toBe(20);
  });

  it('learns one where that is asked for', async () => {
    const [line, numbers] = [new Neuron({ inputs: 2, activation: 'linear' }), new Neuron({ inputs: 2 })];
    expect(bits((await line.fit(X, y, steps)).theta)).toBe(bits((await numbers.fit(X, two, steps)).theta));
    await Neuron.fromJSON(line.toJSON()).fit(X, y, steps);
  });
});

it('sums that no probability tells from 0 are scored on the side that they are predicted on', async () => {
  const rows = [[-1e-18], [1e-18], [-1e-15], [1]];
  const expected = [1, 1, 0, 1];
  for (const outputs of [1, 2]) {
    const weights = { data: new Float64Array(outputs).fill(1), shape: [1, outputs] as const };
    const layer = new Layer({ weights, activation: 'sigmoid' });
    const sides = expected.flatMap((side) => Array<number>(outputs).fill(side));
    const p = await layer.predict(rows, { device });
    expect(Array.from(p.data, (value) => (value >= 0.5 ? 1 : 0))).toEqual(sides);
    const y = { data: Float64Array.from(sides), shape: [4, outputs] as const };
    expect(await layer.score(rows, y, { device })).toBe(1);
  }
  const neuron = new Neuron({ weights: [1], activation: 'sigmoid' });
  expect(await neuron.score(rows, expected, { device })).toBe(1);
});
