import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Neuron, loadModel } from '../../lib';
import { csvText, expectFailure, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const cpu = ['--device', 'cpu'];

const people = write(
  'people.csv',
  [
    'id,age,town,note,passed',
    '007,21,Ulm,"says ""hi"", leaves",no',
    '1.50,30,Bonn, two words ,no',
    '1e3,44,Ulm,"two\nlines",yes',
    'NA,52,NA,none,no',
    ',63,Bonn,,yes',
    'x,71,"Ulm",é,yes',
  ].join('\n'),
);
const model = path.join(folder, 'passed.json');
const flowers = path.join(folder, 'flowers.json');
const line = path.join(folder, 'line.json');

beforeAll(async () => {
  await fitJson([
    people,
    '--target',
    'passed',
    '--features',
    'age',
    '--l2',
    '0.1',
    '--output',
    model,
    ...cpu,
  ]);
  const species = write(
    'species.csv',
    'x,species\n1,level\n2,level\n3,prediction\n4,prediction\n5,other\n6,other\n',
  );
  await fitJson([species, '--target', 'species', '--l2', '0.1', '--output', flowers, ...cpu]);
  const numbers = write('line.csv', 'x,y\n1,2\n2,4\n3,6\n');
  await fitJson([numbers, '--target', 'y', '--output', line, ...cpu]);
});

/** What predict prints, with what it says besides. */
async function predicted(args: readonly string[]): Promise<{ rows: string[]; notes: string }> {
  const { code, stdout, stderr } = await thalweg(['predict', ...args, ...cpu]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) as unknown });
  return { rows: stdout.trimEnd().split('\n'), notes: stderr };
}

const ages = [21, 30, 44, 52, 63, 71];
const file = (): string => write('ages.csv', `age\n${ages.join('\n')}\n`);

async function probabilities(): Promise<number[]> {
  const { rows } = await predicted([model, file()]);
  expect(rows[0]).toBe('prediction,level');
  return rows.slice(1).map((row) => Number(row.split(',')[0]));
}

test('--threshold says from which probability on the second class is predicted', async () => {
  const all = await probabilities();
  expect(new Set(all).size).toBe(ages.length);
  for (const threshold of [0, all[3] ?? NaN, 1]) {
    const { rows } = await predicted([model, file(), '--threshold', String(threshold)]);
    expect(rows.slice(1)).toEqual(all.map((p) => `${p},${p >= threshold ? 'yes' : 'no'}`));
  }
});

test('--proba writes a column of each of two classes', async () => {
  const all = await probabilities();
  const { rows } = await predicted([model, file(), '--proba', '--threshold', '0.9']);
  expect(rows).toEqual(['no,yes,level', ...all.map((p) => `${1 - p},${p},${p >= 0.9 ? 'yes' : 'no'}`)]);
});

test('a neuron whose classes have no names has 0 and 1, where classes are asked for', async () => {
  const neuron = new Neuron({ weights: [0.1], bias: -4, activation: 'sigmoid' });
  const bare = write('bare.json', JSON.stringify(neuron));
  const outputs = ages.map((age) => neuron.output([age]));
  const plain = await predicted([bare, file()]);
  expect(plain.rows).toEqual(['prediction', ...outputs.map(String)]);
  const { rows } = await predicted([bare, file(), '--threshold', '0.7']);
  expect(rows).toEqual(['prediction,level', ...outputs.map((p) => `${p},${p >= 0.7 ? 1 : 0}`)]);
});

test('--keep carries columns over as the text that they are', async () => {
  const { rows, notes } = await predicted([model, people, '--keep', 'note,id,town,age']);
  expect(notes).toBe('');
  const text = rows.join('\n').replaceAll(/,0\.\d+,(no|yes)$/gm, '');
  expect(text).toBe(
    [
      'note,id,town,age,prediction,level',
      '"says ""hi"", leaves",007,Ulm,21',
      ' two words ,1.50,Bonn,30',
      '"two\nlines",1e3,Ulm,44',
      'none,NA,NA,52',
      ',,Bonn,63',
      'é,x,Ulm,71',
    ].join('\n'),
  );
});

test('--json writes an object a row, null where there is nothing', async () => {
  const lacking = write('lacking.csv', 'id,age\na,21\nb,\n');
  const [p] = await probabilities();
  const { rows, notes } = await predicted([model, lacking, '--keep', 'id', '--json']);
  expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
    { id: 'a', prediction: p, level: 'no' },
    { id: 'b', prediction: null, level: null },
  ]);
  expect(notes).toMatch(/^1 row without a prediction: .*: age 1\n$/);
  const { rows: numbers } = await predicted([line, write('x.csv', 'x\n4\n'), '--json']);
  expect(JSON.parse(numbers[0] ?? '')).toEqual({ prediction: expect.closeTo(8, 9) as unknown });
});

test('what a JSON file holds is kept as its text', async () => {
  const objects = write(
    'people.jsonl',
    '{"id":"007","age":21,"more":{"a":1}}\n{"id":1.50,"age":30,"more":null}\n',
  );
  const { rows } = await predicted([model, objects, '--keep', 'id', '--json']);
  expect(rows.map((row) => (JSON.parse(row) as { id: unknown }).id)).toEqual([
    '007',
    expect.stringMatching(/^1\.50?$/),
  ]);
});

test('texts of JSON and Parquet that are plainly numbers, dates or booleans read as for models', async () => {
  const day = (i: number): string => `2024-01-${String(1 + (i % 28)).padStart(2, '0')}`;
  const rows = Array.from({ length: 40 }, (_, i) => {
    const [a, b] = [(i * 7) % 11, i % 3 === 0];
    return { a, b, d: day(i * 5), y: 3 * a - (b ? 5 : 0) + 0.5 * (Date.parse(day(i * 5)) / 86_400_000) };
  });
  const plain = write(
    'plain.csv',
    csvText([['a', 'b', 'd', 'y'], ...rows.map(({ a, b, d, y }) => [a, b, d, y])]),
  );
  const saved = path.join(folder, 'plain.json');
  await fitJson([plain, '--target', 'y', '--device', 'cpu', '--output', saved]);
  const lines = rows.map(({ a, b, d }) => JSON.stringify({ a: String(a), b: String(b), d }));
  const mixed = rows.map(({ a, b, d }, i) => JSON.stringify({ a: i % 2 === 0 ? a : ` ${a}`, b, d }));
  const parquet = path.join(folder, 'texts.parquet');
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT a, b, d FROM read_csv('${plain}', all_varchar = true)) TO '${parquet}'`);
  connection.closeSync();
  instance.closeSync();
  const texts = write('texts.jsonl', `${lines.join('\n')}\n{"a":"(5)","b":"true","d":"2024-01-01"}\n`);
  const expected = rows.map(({ y }) => expect.closeTo(y, 4) as unknown);
  const model = await loadModel(saved);
  expect(lines.map((line) => model.predict(JSON.parse(line) as object).value)).toEqual(expected);
  expect(() => model.predict({ a: '(5)', b: 'true', d: '2024-01-01' })).toThrow(/"\(5\)"/);
  const said = await predicted([saved, texts]);
  expect(said.rows.slice(1, -1).map(Number)).toEqual(expected);
  expect(said.rows.at(-1)).toBe('""');
  for (const file of [write('mixed.jsonl', mixed.join('\n')), parquet])
    expect((await predicted([saved, file])).rows.slice(1).map(Number)).toEqual(expected);
});

test('no two columns have one name, and those that give way are named', async () => {
  const values = write('values.csv', 'x,level,prediction_1\n1,a,b\n');
  const { rows, notes } = await predicted([flowers, values, '--keep', 'level,x,prediction_1']);
  expect(rows[0]).toBe('level_2,x,prediction_1,level_1,other,prediction,level');
  expect(notes).toContain('the column "level" is written as "level_1"');
  expect(notes).toContain('the column "level" is written as "level_2"');
  const { rows: objects } = await predicted([flowers, values, '--keep', 'level,x', '--json']);
  const found = JSON.parse(objects[0] ?? '') as Record<string, unknown>;
  expect(Object.keys(found)).toEqual(['level_2', 'x', 'level_1', 'other', 'prediction', 'level']);
  expect(found).toMatchObject({ level_2: 'a', level: 'level' });
});

describe('a cell that does not read as in training', () => {
  const cells = 'x\n"1,200"\n3\nlots\n4\n';

  test('is an empty prediction, counted by its column with the first of them', async () => {
    const { rows, notes } = await predicted([line, write('cells.csv', cells), '--keep', 'x']);
    expect(rows).toEqual([
      'x,prediction',
      '"1,200",',
      expect.stringMatching(/^3,(6|5\.9999)/),
      'lots,',
      expect.stringMatching(/^4,(8|7\.9999)/),
    ]);
    expect(notes).toContain('x: 2 values that do not read as in training, "1,200" in row 1 the first\n');
    expect(notes).toMatch(/^2 rows without a prediction: .*: x 2$/m);
  });

  test('is counted where a JSON number is infinite, too, beside numbers that stand there as text', async () => {
    const { rows, notes } = await predicted([line, write('infinite.jsonl', '{"x":1e999}\n{"x":"3"}\n')]);
    expect(rows[1]).toBe('""');
    expect(Number(rows[2])).toBeCloseTo(6, 9);
    expect(notes).toContain('x: 1 value that does not read as in training, "1e999" in row 1\n');
  });

  test('also where it is alone in the file, but not where the column is of another kind', async () => {
    const { rows, notes } = await predicted([line, write('alone.csv', 'x\n"1,200"\n')]);
    expect(rows).toEqual(['prediction', '""']);
    expect(notes).toContain('x: 1 value that does not read as in training, "1,200" in row 1\n');
    await expectFailure(['predict', line, write('texts.csv', 'x\nred\nblue\n'), ...cpu], {
      code: 'ERR_COLUMN',
      message:
        /The column "x" of texts\.csv holds text, as "red" in row 1; the model was trained on numbers there/,
    });
    await expectFailure(['predict', line, write('flag.csv', 'x\ntrue\n'), ...cpu], {
      code: 'ERR_COLUMN',
      message: /holds booleans; the model was trained on numbers there/,
    });
  });

  test('is not filled as what is missing is', async () => {
    const filled = path.join(folder, 'filled.json');
    const numbers = path.join(folder, 'line.csv');
    await fitJson([numbers, '--target', 'y', '--missing', 'mean', '--output', filled, ...cpu]);
    const { rows, notes } = await predicted([filled, write('filled.csv', 'x,more\nlots,a\n,b\n3,c\n')]);
    expect(rows.slice(1).map((row) => (row === '""' ? '' : Math.round(Number(row))))).toEqual(['', 4, 6]);
    expect(notes).toMatch(/^1 row without a prediction: .*: x 1$/m);
  });

  test('leaves its row out of evaluate, which counts it, in a target too', async () => {
    const scored = write('scored.csv', 'x,y\n1,2\nlots,4\n3,many\n4,8\n');
    const { stdout, stderr } = await thalweg(['evaluate', line, scored, ...cpu]);
    expect(stdout).toMatch(/^R² 1\.0000 on 2 rows of scored\.csv; 0 for their mean\n/);
    expect(stderr).toContain('x: 1 value that does not read as in training, "lots" in row 2\n');
    expect(stderr).toContain('y: 1 value that does not read as in training, "many" in row 3\n');
    expect(await json(['evaluate', line, scored, ...cpu])).toMatchObject({
      rows: 2,
      dropped: 2,
      unread: { x: 1, y: 1 },
    });
  });

  test('fails with --strict, with its place', async () => {
    await expectFailure(['predict', line, write('strict-cells.csv', cells), '--strict', '--json', ...cpu], {
      code: 'ERR_COLUMN',
      message: /strict-cells\.csv, row 1: the column "x" holds "1,200", which the model cannot read/,
      column: 'x',
      row: 0,
    });
  });
});

describe('--strict', () => {
  test('fails at the first row without a prediction, with the column and what stands there', async () => {
    const lacking = write('strict.csv', 'age\n21\n\n30\n');
    const output = path.join(folder, 'none.csv');
    await expectFailure(['predict', model, lacking, '--strict', '--output', output, ...cpu], {
      code: 'ERR_COLUMN',
      message:
        /strict\.csv, row 2: the column "age" holds no value\. Correct the file, or leave --strict out/,
    });
    const level = path.join(folder, 'level.json');
    await fitJson([
      people,
      '--target',
      'passed',
      '--features',
      'age,town',
      '--l2',
      '1',
      '--output',
      level,
      ...cpu,
    ]);
    const unseen = write('unseen.csv', 'age,town\n21,Ulm\n22,Bonn\n23,Rome\n');
    await expectFailure(['predict', level, unseen, '--strict', '--json', ...cpu], {
      code: 'ERR_COLUMN',
      message: /row 3: the column "town" holds "Rome", which the model cannot read/,
      column: 'town',
      row: 2,
    });
  });

  test('and where a prediction is too large', async () => {
    const large = write('large.json', JSON.stringify(new Neuron({ weights: [1], activation: 'exp' })));
    const rows = write('large.csv', 'x\n1\n1000\n');
    await expectFailure(['predict', large, rows, '--strict', ...cpu], {
      code: 'ERR_NOT_FINITE',
      message: /large\.csv, row 2: the prediction is too large for float64/,
    });
  });

  test('says nothing where every row has one', async () => {
    const { rows } = await predicted([model, file(), '--strict']);
    expect(rows).toHaveLength(ages.length + 1);
  });
});

describe('what has no meaning is refused', () => {
  test.each([
    [
      '--threshold for several classes',
      () => [flowers, '--threshold', '0.5'],
      /--threshold is for two classes, and .* has 3/,
      'threshold',
    ],
    [
      '--threshold for numbers',
      () => [line, '--threshold', '0.5'],
      /--threshold is for classes, and .* predicts numbers/,
      'threshold',
    ],
    ['--proba for numbers', () => [line, '--proba'], /--proba is for classes/, 'proba'],
  ])('%s', async (_what, args, message, option) => {
    const [name = '', ...options] = args();
    const rows = write('refused.csv', 'x\n1\n');
    await expectFailure(['predict', name, rows, ...options, '--json', ...cpu], {
      code: 'ERR_INVALID_ARGUMENT',
      message,
      option,
    });
  });

  test('a column to keep that is not there', async () => {
    await expectFailure(['predict', model, people, '--keep', 'Id', ...cpu], {
      code: 'ERR_COLUMN',
      message: /has no column "Id"\. Did you mean "id"\?/,
    });
  });

  test('a threshold that is no probability', async () => {
    const { code, stderr } = await thalweg(['predict', model, people, '--threshold', '1.5']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/argument '1\.5' is invalid\. It must be from 0 to 1/);
  });
});
