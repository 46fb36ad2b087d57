import fc from 'fast-check';
import { type ErrorCode, Layer, Neuron } from '../../lib';
import { loadModel } from '../../lib/model';
import { expectThrow } from '../support/expectations';
import { type RandomModel, encoded, named, randomModels } from './random-model';

/** The numbers of a prediction, as the device gives them; null where there is none. */
function outputsOf(
  { json, activation }: RandomModel,
  row: Record<string, unknown>,
): readonly number[] | null {
  const { value, values, probabilities } = loadModel(json).predict(row);
  if (probabilities === null || value === null || values === null) return null;
  if (value !== undefined) return [value];
  if (values !== undefined) return values;
  const shares = Object.values(probabilities);
  // Of one sigmoid the device gives the probability of the second class.
  return activation === 'sigmoid' ? shares.slice(1) : shares;
}

/** The largest difference, relative to the value. */
function difference(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(
    ...expected.map((value, at) => {
      const error = Math.abs((actual[at] ?? NaN) - value);
      return error === 0 ? 0 : error / Math.abs(value);
    }),
  );
}

const worst: number[] = [];

test('predictions are those of the device to 1e-12, for every activation, kind of column and policy', async () => {
  await fc.assert(
    fc.asyncProperty(randomModels, async (model) => {
      const X = model.rows.map((row) => encoded(model.json, row));
      const complete = X.flatMap((row) => (row === undefined ? [] : [row]));
      const { weights, biases, activation } = model;
      const layer = new Layer({ weights, biases, activation });
      const found = complete.length === 0 ? [] : [...(await layer.predict(complete, { device: 'cpu' })).data];
      let next = 0;
      for (const [at, row] of named(model).entries()) {
        const actual = outputsOf(model, row);
        expect(actual === null).toBe(X[at] === undefined);
        if (actual === null) continue;
        const expected = found.slice(next, (next += biases.length));
        worst.push(difference(actual, expected));
        // Where parts cancel in z, what is left of it is known to no more than they are.
        const cancelled =
          activation === 'linear' || activation === 'relu' || activation === 'tanh' ? 1e-13 : 0;
        expected.forEach((value, k) => {
          expect(Math.abs((actual[k] ?? NaN) - value)).toBeLessThanOrEqual(
            1e-12 * Math.abs(value) + cancelled,
          );
        });
      }
    }),
    { numRuns: 150 },
  );
  expect(worst.length).toBeGreaterThan(500);
});

test('the parts of an explanation and the intercept add up to z, whose φ is the prediction', () => {
  fc.assert(
    fc.property(randomModels, (model) => {
      const loaded = loadModel(model.json);
      for (const row of named(model)) {
        const explained = [loaded.explain(row)].flat();
        expect(explained).toHaveLength(model.biases.length);
        const prediction = loaded.predict(row);
        for (const { parts, intercept, z } of explained) {
          const values = loaded.columns.map((name) => parts[name] ?? null);
          expect(Object.keys(parts)).toHaveLength(model.json.features.length);
          const sum = values.includes(null)
            ? null
            : values.reduce<number>((total, part) => total + (part ?? 0), intercept);
          expect(z).toBe(sum);
        }
        const linear = model.activation === 'linear';
        const first = prediction.values === undefined ? prediction.value : (prediction.values?.[0] ?? null);
        expect(linear ? first : explained[0]?.z).toBe(explained[0]?.z);
      }
    }),
    { numRuns: 50 },
  );
});

const houses = {
  ...{ format: 'thalweg-model', version: 2, missing: 'drop' },
  target: { name: 'price', kind: 'number' },
  features: [
    { name: 'area', kind: 'number', mean: 100, scale: 10 },
    { name: 'garden', kind: 'boolean', mean: 0.5, scale: 0.5 },
    { name: 'built', kind: 'date', mean: 7000, scale: 1000 },
    {
      name: 'town',
      kind: 'category',
      levels: ['B', 'C'],
      leftOut: 'A',
      means: [0.2, 0.3],
      scales: [0.4, 0.4],
    },
  ],
  neuron: { weights: [2, 10, 0.001, 5, 7], bias: 1, activation: 'linear' },
};
const house = { area: 50, garden: true, built: '1970-01-11', town: 'C' };

describe('values', () => {
  const model = loadModel(houses);

  test.each([
    ['as they are in a table', house],
    ['as text', { area: ' 50 ', garden: 'TRUE', built: '1970-01-11T00:00:00Z', town: ' C ' }],
    ['dates as Date, numbers as bigint', { ...house, area: 50n, built: new Date(Date.UTC(1970, 0, 11)) }],
    ['beside other properties', { ...house, price: 'unknown', toString: 1 }],
    ['in order', [50, true, '1970-01-11', 'C']],
  ])('%s', (_, row) => {
    expect(model.predict(row)).toEqual({ value: 1 + 100 + 10 + 0.01 + 7 });
  });

  test.each([
    ['null', { area: null }, ['area']],
    ['undefined, and an empty text', { area: undefined, town: ' ' }, ['area', 'town']],
    ['NaN', { area: NaN }, ['area']],
    ['an unknown level', { town: 'D' }, ['town']],
  ])('%s is missing: there is no prediction, and it says of which column', (_, change, missing) => {
    expect(model.predict({ ...house, ...change })).toEqual({ value: null, missing });
    expect(model.explain({ ...house, ...change })).toMatchObject({ z: null, parts: { garden: 10 } });
  });

  test.each([
    [{ area: 'many' }, 'ERR_COLUMN', 'the column "area" is "many"; the model was trained on numbers there'],
    [{ area: true }, 'ERR_COLUMN', 'the column "area" is true; the model was trained on numbers there'],
    [{ garden: 1 }, 'ERR_COLUMN', 'the column "garden" is 1; the model was trained on booleans there'],
    [{ built: 3 }, 'ERR_COLUMN', 'the column "built" is 3; the model was trained on dates there'],
    [
      { built: new Date(NaN) },
      'ERR_COLUMN',
      'the column "built" is a date; the model was trained on dates there',
    ],
    [{ town: ['A'] }, 'ERR_COLUMN', 'the column "town" is an array; the model was trained on text there'],
    [{ area: Infinity }, 'ERR_NOT_FINITE', 'the column "area" is Infinity, which is infinite'],
  ])('%j is refused', (change, code, message) => {
    const row = { ...house, ...change };
    const [column = ''] = Object.keys(change);
    const expected = { code: code as ErrorCode, message, column };
    expectThrow(() => model.predict(row), expected);
    expectThrow(() => model.predict([house, row]), { ...expected, message: `row 2: ${message}`, row: 1 });
  });

  test('a column that a row has not is an error, and no missing value', () => {
    const rest = { area: house.area, garden: house.garden, built: house.built };
    expectThrow(() => model.predict(rest), {
      ...{ code: 'ERR_COLUMN', column: 'town' },
      message: 'the column "town" is not there; the row has "area", "garden" and "built"',
    });
    const inherited = Object.create({ town: 'C' }) as object;
    expect(() => model.predict(Object.assign(inherited, rest))).toThrow(/"town" is not there/);
    expectThrow(() => model.predict([1, true, null]), {
      code: 'ERR_SHAPE',
      message: 'has 3 values, and the model has 4 columns',
    });
    expectThrow(() => model.predict('x' as unknown as object), {
      ...{ code: 'ERR_INVALID_ARGUMENT', option: 'row', message: /^a row must be an object/ },
    });
  });

  test('with --missing error they are errors', () => {
    const strict = loadModel({ ...houses, missing: 'error' });
    expect(() => strict.predict({ ...house, area: null })).toThrow(
      /"area" holds no value, which this model takes for an error/,
    );
    expect(() => strict.predict({ ...house, town: 'D' })).toThrow(
      /"town" holds a level that training did not see, "D"/,
    );
  });

  test('words that say that a value is missing do so where the model names them', () => {
    const worded = loadModel({ ...houses, nulls: ['none', '-'] });
    expect(worded.predict({ ...house, area: '-', town: 'none' })).toEqual({
      value: null,
      missing: ['area', 'town'],
    });
    expect(() => model.predict({ ...house, area: 'none' })).toThrow(/"area" is "none"/);
    const features = houses.features.map((feature) =>
      feature.name === 'town' ? { ...feature, keepsWords: true, levels: ['B', 'none'] } : feature,
    );
    expect(loadModel({ ...houses, features, nulls: ['none'] }).predict({ ...house, town: 'none' })).toEqual({
      value: 118.01,
    });
  });

  test('numbers in other clothes read as their column was trained', () => {
    const form = { read: 'number', decimal: ',', thousands: '.', after: ['€'] };
    const features = houses.features.map((feature) =>
      feature.name === 'area' ? { ...feature, form } : feature,
    );
    const dressed = loadModel({ ...houses, features });
    expect(dressed.predict({ ...house, area: '1.050,5 €' })).toEqual({ value: 1 + 2101 + 10 + 0.01 + 7 });
    expect(() => dressed.predict({ ...house, area: '1050.5' })).toThrow(
      /"area" is "1050\.5"; the model was trained on numbers with the unit € and points between thousands and a decimal comma there/,
    );
  });

  test.each(['day-first', 'month-first', 'year-first', 'month-name', 'compact', 'year-month', 'quarter'])(
    'dates %s are also ISO 8601',
    (order) => {
      const features = houses.features.map((feature) =>
        feature.name === 'built' ? { ...feature, form: { read: 'date', order } } : feature,
      );
      const dressed = loadModel({ ...houses, features });
      for (const built of ['1970-01-11', '1970-01-11T01:00+01:00'])
        expect(dressed.predict({ ...house, built })).toEqual({ value: 1 + 100 + 10 + 0.01 + 7 });
      expect(() => dressed.predict({ ...house, built: 'soon' })).toThrow(
        /the model was trained on dates, .* there/,
      );
    },
  );
});

describe('what a prediction is', () => {
  test('of classes, which may be named', () => {
    const json = { weights: [1], bias: 0, activation: 'sigmoid' };
    expect(loadModel(json).predict([0])).toEqual({ label: 1, probabilities: { 0: 0.5, 1: 0.5 } });
    const answers = loadModel({ ...json, classes: [true, false] });
    expect(answers.predict([[-1], [1]]).map(({ label }) => label)).toEqual([true, false]);
    const three = loadModel({
      weights: [[1, 0, -1]],
      biases: [0, 0, 0],
      activation: 'softmax',
      classes: ['a', '__proto__', 'c'],
    });
    const { label, probabilities } = three.predict([-2]);
    expect(label).toBe('c');
    expect(Object.keys(probabilities ?? {})).toEqual(['a', '__proto__', 'c']);
    expect(three.explain([2])).toEqual([
      { output: 'a', parts: { 0: 2 }, intercept: 0, z: 2 },
      { output: '__proto__', parts: { 0: 0 }, intercept: 0, z: 0 },
      { output: 'c', parts: { 0: -2 }, intercept: 0, z: -2 },
    ]);
  });

  test('of several outputs that are no classes', () => {
    const json = new Layer({
      weights: [
        [1, 10],
        [2, 20],
      ],
      biases: [3, 4],
    }).toJSON();
    expect(loadModel(json).predict([10, 100])).toEqual({ values: [213, 2104] });
    expect(loadModel(JSON.stringify(json)).predict([null, 100])).toEqual({ values: null, missing: ['0'] });
  });

  test('none where it is too large for float64', () => {
    const json = new Neuron({ weights: [1], activation: 'exp' }).toJSON();
    expect(loadModel(json).predict([[1000], [0]])).toEqual([{ value: null }, { value: 1 }]);
  });

  test('several rows are several predictions, none is none', () => {
    const model = loadModel({ weights: [1, 2], bias: 3, activation: 'linear' });
    expect(model.predict([[1, 1], Float32Array.of(2, 2), { 0: 3, 1: 3 }])).toEqual([
      { value: 6 },
      { value: 9 },
      { value: 12 },
    ]);
    expect(model.predict(Float64Array.of(1, 1))).toEqual({ value: 6 });
    expect(model.predict([])).toEqual([]);
  });
});

test('a model tells what it reads and gives, and its JSON is itself', () => {
  const model = loadModel(JSON.stringify(houses));
  expect(model).toMatchObject({
    columns: ['area', 'garden', 'built', 'town'],
    target: 'price',
    activation: 'linear',
  });
  expect(model.classes).toBeUndefined();
  expect(JSON.parse(JSON.stringify(model))).toEqual(houses);
  expect(loadModel({ weights: [1], bias: 0, activation: 'sigmoid' })).toMatchObject({
    columns: ['0'],
    classes: [0, 1],
  });
});

describe('what is no model is refused with its place', () => {
  const spoiled = (change: object): object => ({ ...houses, ...change });
  const [area, garden, built, town] = houses.features;

  test.each<readonly [name: string, json: string | object, path: string, message: RegExp]>([
    ['no JSON', '{', '', /the model is not JSON/],
    ['an array', [], 'the model', /must be an object/],
    ['another format', spoiled({ format: 'x' }), 'format', /must be "thalweg-model"/],
    ['a later version', spoiled({ version: 3 }), 'version', /must be 1 or 2/],
    ['no weights', spoiled({ neuron: undefined }), 'neuron', /is missing/],
    [
      'a weight too few',
      spoiled({ neuron: { ...houses.neuron, weights: [1] } }),
      'neuron.weights',
      /must have 5 numbers, one a column, not 1/,
    ],
    [
      'a weight of text',
      spoiled({ neuron: { ...houses.neuron, weights: ['1', 2, 3, 4, 5] } }),
      'neuron.weights',
      /array of finite numbers/,
    ],
    [
      'an activation',
      spoiled({ neuron: { ...houses.neuron, activation: '__proto__' } }),
      'neuron.activation',
      /must be one of linear/,
    ],
    [
      'softmax of one',
      { weights: [1], bias: 0, activation: 'softmax' },
      'neuron.activation',
      /must be one of/,
    ],
    ['features without a target', spoiled({ target: undefined }), 'target', /is missing/],
    ['a target without features', spoiled({ features: undefined }), 'features', /is missing/],
    [
      'a kind',
      spoiled({ features: [{ ...area, kind: 'x' }, garden, built, town] }),
      'features[0].kind',
      /must be number/,
    ],
    [
      'a scale of 0',
      spoiled({ features: [{ ...area, scale: 0 }, garden, built, town] }),
      'features[0].scale',
      /above 0/,
    ],
    ...[
      { read: 'x', field: 'read', problem: /must be one of number, hexadecimal, time, date/ },
      { read: 'number', before: ['€', 1], field: 'before', problem: /must be an array of texts/ },
      { read: 'number', thousands: '(', field: 'thousands', problem: /must be one of/ },
      { read: 'date', field: 'order', problem: /is missing/ },
    ].map(
      ({ field, problem, ...form }) =>
        [
          `a form's ${field}`,
          spoiled({ features: [{ ...area, form }, garden, built, town] }),
          `features[0].form.${field}`,
          problem,
        ] as const,
    ),
    [
      'a level twice',
      spoiled({ features: [area, garden, built, { ...town, levels: ['B', 'A'] }] }),
      'features[3].levels',
      /level twice/,
    ],
    [
      'a name twice',
      spoiled({ features: [area, garden, built, { ...town, name: 'area' }] }),
      'features[3].name',
      /stands twice/,
    ],
    ['a policy', spoiled({ missing: 'x' }), 'missing', /must be one of drop/],
    ['what is 0 where it is not', spoiled({ sparse: false }), 'sparse', /must be true/],
    ['a category that is 0', spoiled({ sparse: true }), 'sparse', /is for columns of numbers/],
    [
      'levels of a linear target',
      spoiled({ target: { name: 'y', kind: 'category', levels: ['a'] } }),
      'target.levels',
      /must be 2, not 1/,
    ],
  ])('%s', (_, json, path, message) => {
    const place = path === '' ? {} : { path };
    expectThrow(() => loadModel(json), { code: 'ERR_MODEL', message, ...place });
  });
});
