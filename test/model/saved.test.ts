import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { type Label, Layer, Neuron, exportModel, loadModel, readCheckpoint, saveModel } from '../../lib';
import { loadModel as loadAnywhere } from '../../lib/model';
import { data, expectFailure, fileWriter, fitJson, temporaryFolder, thalweg } from '../cli/thalweg';
import { expectRejection, expectThrow } from '../support/expectations';
import { named, randomModels } from './random-model';

const folder = temporaryFolder();
const write = fileWriter(folder);
const place = (name: string): string => path.join(folder, name);

/** The rows of a CSV file without quotes, as objects of texts. */
function rowsOf(file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}

test.each([
  ['diabetes.csv', 'progression'],
  ['breast-cancer.csv', 'benign'],
])(
  'what fit makes of %s predicts the same from a table, from objects and on the command line',
  async (name, target) => {
    const model = place(`${name}.json`);
    await fitJson([data(name), '--target', target, '--output', model]);
    const loaded = await loadModel(model);
    const fromObjects = loaded.predict(rowsOf(data(name)));
    const fromTable = await loaded.predictTable(data(name), { device: 'cpu' });
    expect(fromTable).toHaveLength(fromObjects.length);
    for (const [at, { value, label, probabilities }] of fromTable.entries()) {
      const other = fromObjects[at];
      expect(other?.label).toBe(label);
      const numbers = [value ?? Object.values(probabilities ?? {})].flat();
      expect([other?.value ?? Object.values(other?.probabilities ?? {})].flat()).toEqual(
        numbers.map((number) => expect.closeTo(number, 9) as unknown),
      );
    }
    const { stdout } = await thalweg(['predict', model, data(name), '--device', 'cpu']);
    const [, ...lines] = stdout.trimEnd().split('\n');
    const printed = lines.map((line) => Number(line.split(',')[0]));
    expect(printed).toEqual(
      fromTable.map(({ value, probabilities }) => value ?? Object.values(probabilities ?? {})[1]),
    );
  },
);

test('predictTable writes the file that predict --output writes', async () => {
  const model = place('breast.json');
  const file = data('breast-cancer.csv');
  await fitJson([file, '--target', 'benign', '--output', model]);
  const [one, other] = [place('one.csv'), place('other.csv')];
  await thalweg(['predict', model, file, '--device', 'cpu', '--output', one]);
  const loaded = await loadModel(model);
  expect(await loaded.predictTable(file, { device: 'cpu', output: other })).toEqual([]);
  expect(readFileSync(other, 'utf8')).toBe(readFileSync(one, 'utf8'));
  await loaded.predictTable(file, { device: 'cpu', output: place('lines.jsonl') });
  const printed = await thalweg(['predict', model, file, '--device', 'cpu', '--json']);
  expect(readFileSync(place('lines.jsonl'), 'utf8')).toBe(printed.stdout);
  const cancelled = loaded.predictTable(file, {
    output: place('cancelled.csv'),
    signal: AbortSignal.abort('enough'),
  });
  await expect(cancelled).rejects.toBe('enough');
  expect(() => readFileSync(place('cancelled.csv'))).toThrow('ENOENT');
});

test('a table says what objects say, of levels that are known, missing and new', async () => {
  const quoted = (cell: unknown): string => `"${String(cell).replaceAll('"', '""')}"`;
  const line = (cells: readonly unknown[]): string =>
    cells.map((cell) => (cell === null ? '' : quoted(cell))).join(',');
  await fc.assert(
    fc.asyncProperty(randomModels, async (random) => {
      // No header of a file has a line break in a name.
      fc.pre(!random.json.features.some(({ name }) => name.includes('\n')));
      const file = write('random.json', JSON.stringify(loadAnywhere(random.json).toJSON()));
      // A line of nothing is no row.
      const lines = [['row', ...random.json.features.map(({ name }) => name)]];
      for (const [at, row] of random.rows.entries()) lines.push([String(at), ...(row as string[])]);
      const table = write('random.csv', `${lines.map(line).join('\n')}\n`);
      const model = await loadModel(file);
      const fromTable = await model.predictTable(table, { device: 'cpu' });
      const fromObjects = model.predict(named(random));
      const numbersOf = ({ value, values, probabilities }: (typeof fromTable)[number]): (number | null)[] =>
        [value ?? values ?? Object.values(probabilities ?? {})].flat();
      const [actual, expected] = [fromTable.map(numbersOf), fromObjects.map(numbersOf)];
      expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
      const others = expected.flat();
      for (const [at, number] of actual.flat().entries()) {
        const other = Number(others[at]);
        expect(Math.abs(Number(number) - other)).toBeLessThanOrEqual(1e-11 * Math.abs(other) + 1e-12);
      }
      expect(fromTable.map(({ label }) => label)).toEqual(fromObjects.map(({ label }) => label));
    }),
    { numRuns: 25 },
  );
});

test('of --max-levels (other) stands for rare and new levels in whatever predicts', async () => {
  const kinds = 'AAAAAAAAABBBBBBBBBCCDE'.split(/(?=.)/);
  const lines = kinds.map((kind, x) => `${x},${kind},${kind.charCodeAt(0) * 2 + ((x * 7) % 5)}`);
  const table = write('kinds.csv', `x,kind,y\n${lines.join('\n')}\n`);
  const file = place('kinds.json');
  await fitJson([table, '--target', 'y', '--max-levels', '3', '--output', file]);
  const model = await loadModel(file);
  const rows = ['A', 'B', 'C', 'E', 'Z'].map((kind) => ({ x: 3, kind }));
  const seen = write('new.csv', `x,kind\n${rows.map(({ x, kind }) => `${x},${kind}`).join('\n')}\n`);
  const fromTable = (await model.predictTable(seen, { device: 'cpu' })).map(({ value }) => value as number);
  const fromObjects = model.predict(rows).map(({ value }) => value);
  expect(fromObjects).toEqual(fromTable.map((value) => expect.closeTo(value, 9) as unknown));
  expect(fromObjects[4]).toBe(fromObjects[3]);
  expect(fromObjects[4]).not.toBeCloseTo(Number(fromObjects[0]), 3);
});

describe('a neuron and a layer', () => {
  const neuron = new Neuron({ weights: [2, -1], bias: 0.5, activation: 'sigmoid', classes: ['no', 'yes'] });
  const layer = new Layer({
    weights: [
      [1, 10],
      [2, 20],
    ],
    biases: [3, 4],
  });

  test('without columns are read back, and predict from a table in its order', async () => {
    const [one, several] = [place('neuron.json'), place('layer.json')];
    await saveModel(neuron, one);
    await saveModel(layer, several);
    expect(Neuron.fromJSON(JSON.parse(readFileSync(one, 'utf8')))).toEqual(neuron);
    expect(Layer.fromJSON(JSON.parse(readFileSync(several, 'utf8'))).toJSON()).toEqual(layer.toJSON());
    const table = write('two.csv', 'a,b\n1,2\n3,\n');
    const loaded = await loadModel(one);
    expect(await loaded.predictTable(table)).toEqual([
      loaded.predict([1, 2]),
      { label: null, probabilities: null },
    ]);
    expect(loaded.predict([1, 2]).probabilities).toEqual({
      no: 1 - neuron.output([1, 2]),
      yes: neuron.output([1, 2]),
    });
    expect(await (await loadModel(several)).predictTable([table, table])).toEqual([
      ...[{ values: [8, 54] }, { values: null }],
      ...[{ values: [8, 54] }, { values: null }],
    ]);
    const printed = await thalweg(['predict', one, table]);
    expect(printed.stdout).toBe(`prediction,level\n${neuron.output([1, 2])},yes\n,\n`);
    expect(printed.stderr).toContain(
      'neuron.json names no columns: those of two.csv are taken in their order',
    );
  });

  test('with columns predict from any table that has them', async () => {
    const file = place('named.json');
    await saveModel(neuron, file, { features: ['income', 'age'], target: 'bought' });
    const table = write('people.csv', 'age,name,income\n2,Ann,1\n');
    const loaded = await loadModel(file);
    expect(loaded).toMatchObject({ columns: ['income', 'age'], target: 'bought', classes: ['no', 'yes'] });
    expect(await loaded.predictTable(table)).toEqual([loaded.predict({ income: 1, age: 2 })]);
    expect(Neuron.fromJSON(JSON.parse(readFileSync(file, 'utf8')))).toEqual(neuron);
    const answered = write('answered.csv', 'age,income,bought\n2,1,yes\n9,1,no\n');
    const { stdout } = await thalweg(['evaluate', file, answered, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2, accuracy: 1 });
    const warm = await thalweg(['fit', answered, '--target', 'bought', '--warm-start', file, '--json']);
    expect(warm).toMatchObject({ code: 0 });
  });

  test('classes that are no texts keep their type', async () => {
    const file = place('labels.json');
    for (const classes of [
      [false, true],
      [-1, 1],
      [0.5, 'x'],
    ] as const) {
      await saveModel(new Neuron({ weights: [1], activation: 'sigmoid', classes }), file, {
        features: ['x'],
      });
      expect((await loadModel(file)).predict([{ x: -1 }, { x: 1 }]).map(({ label }) => label)).toEqual(
        classes,
      );
    }
  });

  test('a model that was loaded is saved as it was', async () => {
    const file = place('first.json');
    await saveModel(neuron, file, { features: ['a', 'b'] });
    const again = place('again.json');
    await saveModel(await loadModel(file), again);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'));
    await saveModel(loadAnywhere(JSON.stringify(neuron)), again);
    expect(Neuron.fromJSON(JSON.parse(readFileSync(again, 'utf8')))).toEqual(neuron);
  });

  test.each([
    ['a name too few', { features: ['a'] }, { code: 'ERR_MODEL', path: 'neuron.weights' }],
    ['a name twice', { features: ['a', 'a'] }, { code: 'ERR_MODEL', path: 'features[1].name' }],
    [
      'the target among them',
      { features: ['a', 'b'], target: 'a' },
      { code: 'ERR_MODEL', path: 'features[0].name' },
    ],
    ...([null, 'ab', 7, { 0: 'a', length: 2 }, new Float64Array(2)] as unknown[]).map(
      (features) =>
        ['no array of names', { features }, { code: 'ERR_INVALID_ARGUMENT', option: 'features' }] as const,
    ),
    [
      'a name that is no text',
      { features: ['a', 7] },
      { code: 'ERR_INVALID_ARGUMENT', option: 'features[1]' },
    ],
    [
      'a hole',
      { features: Object.assign(new Array<string>(2), { 0: 'a' }) },
      { code: 'ERR_INVALID_ARGUMENT', option: 'features[1]' },
    ],
    [
      'a target that is no text',
      { features: ['a', 'b'], target: 7 },
      { code: 'ERR_INVALID_ARGUMENT', option: 'target' },
    ],
    ['a target alone', { target: 'y' }, { code: 'ERR_INVALID_ARGUMENT', option: 'target' }],
    ['an option that there is not', { names: ['a', 'b'] }, { code: 'ERR_INVALID_ARGUMENT', option: 'names' }],
  ] as const)('%s is refused, and writes nothing', async (_, options, expected) => {
    const file = place('refused.json');
    await expectRejection(saveModel(neuron, file, options as object), { ...expected, message: /./ });
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  test.each<[Label, Label]>([
    [1, '1'],
    [true, 'true'],
    ['0', 0],
  ])('classes that are one name as text are refused: %j and %j', async (...classes) => {
    const json = { weights: [1, 2], bias: 0, activation: 'sigmoid', classes } as const;
    const expected = {
      code: 'ERR_MODEL',
      path: 'neuron.classes',
      message: /must all be different as texts/,
    } as const;
    await expectRejection(saveModel(new Neuron({ ...json }), place('classes.json')), expected);
    expectThrow(() => loadAnywhere(json), expected);
  });

  test('what is no model is refused, and so is a place that cannot be written', async () => {
    const message = /model must be a Neuron, a Layer or what loadModel gave/;
    await expectRejection(saveModel(JSON.parse('{}') as Neuron, place('x.json')), {
      code: 'ERR_INVALID_ARGUMENT',
      message,
    });
    mkdirSync(place('folder'));
    await expectRejection(saveModel(neuron, place('folder')), { code: 'ERR_FILE', message: /a folder/ });
  });
});

test.each([undefined, null, '', 7, {}, Symbol('s'), [], new URL('file:///x.json'), Object.create(null)])(
  '%p is no name of a file',
  async (file: unknown) => {
    const neuron = new Neuron({ weights: [1] });
    const expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'path',
      message: /path must be the name of a file/,
    } as const;
    await expectRejection(saveModel(neuron, file as string), expected);
    await expectRejection(loadModel(file as string), expected);
    await expectRejection(exportModel(neuron, file as string), expected);
    await expectRejection(readCheckpoint(file as string), expected);
    await saveModel(neuron, place('named.json'));
    const model = await loadModel(place('named.json'));
    const files = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'files',
      message: /files must be the name of a file/,
    } as const;
    await expectRejection(model.predictTable(file as string), files);
    await expectRejection(model.predictTable([file as string]), files);
    if (file === undefined) return;
    const output = { output: file as string };
    await expectRejection(model.predictTable('x.csv', output), {
      ...files,
      option: 'output',
      message: /output must/,
    });
  },
);

test('predictTable says what is wrong with a table as the command line does', async () => {
  const file = place('line.json');
  await saveModel(new Neuron({ weights: [1] }), file, { features: ['x'] });
  const model = await loadModel(file);
  const other = write('other.csv', 'y\n1\n');
  await expectRejection(model.predictTable(other), {
    code: 'ERR_COLUMN',
    column: 'x',
    message: /no column "x"/,
  });
  await expectFailure(['predict', file, other], { code: 'ERR_COLUMN', message: /no column "x"/ });
  await expectRejection(model.predictTable(place('none.csv')), { code: 'ERR_FILE', message: /none\.csv/ });
  await expectRejection(model.predictTable(other, { devise: 'cpu' } as object), {
    ...{ code: 'ERR_INVALID_ARGUMENT', option: 'devise', message: /no option 'devise'/ },
  });
  await expectRejection(loadModel(place('none.json')), { code: 'ERR_FILE', message: /There is no model/ });
  writeFileSync(place('bad.json'), '{"format":"thalweg-model","version":2,"extra":1}');
  await expectRejection(loadModel(place('bad.json')), {
    code: 'ERR_MODEL',
    message: /"extra" is no field of a model/,
  });
});
