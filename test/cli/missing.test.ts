import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadModel } from '../../lib';
import {
  type FitJson,
  csvText,
  expectFailure,
  fileWriter,
  fitJson,
  json,
  noteTexts,
  temporaryFolder,
  thalweg,
} from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const target = ['--target', 'y', '--device', 'cpu'];

describe('words for missing values', () => {
  const garages = [
    'None',
    'Attached',
    'None',
    'Detached',
    'None',
    'Attached',
    'none',
    'Detached',
    '',
    'Attached',
  ];
  const rows = garages.map((garage, i) => [
    garage,
    50 + 5 * i,
    100 + 2 * i + (garage === 'Detached' ? 30 : 0),
  ]);
  const file = write('garage.csv', csvText([['garage', 'size', 'y'], ...rows]));

  test('are named and counted', async () => {
    const found = await fitJson([file, ...target]);
    expect(found).toMatchObject({ rows: 5, dropped: 5, missing: { garage: 5 } });
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual(['garage taken as missing: None 3, none 1']);
    const { stderr } = await thalweg(['fit', file, ...target]);
    expect(stderr).toBe(
      'taken as missing: garage (None 3, none 1); --categories keeps them as levels\n5 rows dropped for missing values: garage 5\n',
    );
  });

  test('are levels with --categories, in prediction too', async () => {
    const model = path.join(folder, 'garage.json');
    const found = await fitJson([file, ...target, '--categories', 'garage', '--output', model]);
    expect(found).toMatchObject({ rows: 9, dropped: 1, missing: { garage: 1 } });
    expect(Object.keys(found.weights)).toEqual(['garage=Detached', 'garage=None', 'garage=none', 'size']);
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual([]);
    const { stdout } = await thalweg(['predict', model, file, '--device', 'cpu']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line === '""'),
    ).toEqual(['prediction', ...garages].map((garage) => garage === ''));
    expect(await json(['evaluate', model, file, '--device', 'cpu'])).toMatchObject({ rows: 9, dropped: 1 });
  });

  test('NaN is one in JSON, where Python writes it', async () => {
    const lines = ['1', 'NaN', '3', '4', 'nan', '"6"', '7'].map((x, i) => `{"x": ${x}, "y": ${2 * i}}`);
    const found = await fitJson([write('nan.jsonl', `${lines.join('\n')}\n`), ...target]);
    expect(found).toMatchObject({ rows: 5, dropped: 2, missing: { x: 2 } });
    expect(found.weights).toEqual({ x: expect.closeTo(2, 9) as unknown });
  });

  test('NaN is one in Parquet, also where its least and greatest values pass it over', async () => {
    const file = path.join(folder, 'nan.parquet');
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    await connection.run(
      `COPY (SELECT CASE WHEN i % 5 = 2 THEN 7.25 ELSE i END::DOUBLE AS x, (CASE WHEN i % 5 = 2 THEN 900 ELSE 2 * i END)::DOUBLE AS y
        FROM range(20) r(i)) TO '${file}' (FORMAT parquet, COMPRESSION uncompressed)`,
    );
    connection.closeSync();
    database.closeSync();
    // As most writers have it, and DuckDB not: it writes no ends of a column with NaN.
    const bits = (value: number): Buffer => Buffer.from(Float64Array.of(value).buffer);
    const bytes = readFileSync(file);
    expect(bytes.includes(bits(7.25))).toBe(true);
    for (let at = bytes.indexOf(bits(7.25)); at >= 0; at = bytes.indexOf(bits(7.25)))
      bits(NaN).copy(bytes, at);
    const found = await fitJson([write('nan.parquet', bytes), ...target]);
    expect(found).toMatchObject({ rows: 16, dropped: 4, missing: { x: 4 } });
    expect(found.weights).toEqual({ x: expect.closeTo(2, 9) as unknown });
  });

  test('others are named with --null, which the model keeps', async () => {
    const model = path.join(folder, 'null.json');
    const found = await fitJson([file, ...target, '--null', 'Detached,none', '--output', model]);
    expect(found).toMatchObject({ rows: 6, missing: { garage: 4 } });
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual(['garage taken as missing: Detached 2, none 1']);
    expect(JSON.parse(readFileSync(model, 'utf8'))).toMatchObject({ nulls: ['Detached', 'none'] });
    const evaluated = await json(['evaluate', model, file, '--device', 'cpu']);
    expect(evaluated).toMatchObject({ rows: 6, dropped: 4 });
    const none = await fitJson([file, ...target, '--null', '']);
    expect(none).toMatchObject({ rows: 9, missing: { garage: 1 } });
  });

  // y is x, but for what stands for a missing value.
  test.each([
    [
      'numbers with a unit',
      '5',
      ['1 star', '5 stars', '2 stars', '5.0 stars', '3 stars'],
      '5 stars 1, 5.0 stars 1',
    ],
    ['currencies', '-999', ['$1', '$-999.00', '$2.00', '-999', '$3'], '$-999.00 1, -999 1'],
    ['numbers in strings', '5', ['1', '5', '2', '5.0', '3'], '5 1, 5.0 1'],
    [
      'dates',
      '1970-01-06',
      ['1970-01-02', '1970-01-06T00:00:00Z', '1970-01-03', '1970-1-6', '1970-01-04'],
      '1970-01-06T00:00:00Z 1, 1970-1-6 1',
    ],
    [
      'dates in a form',
      '01/13/1970',
      ['01/02/1970', '01/13/70', '01/03/1970', '01/13/1970', '01/04/1970'],
      '01/13/1970 1, 01/13/70 1',
    ],
  ])('are missing however a number that they stand for is written: %s', async (kind, word, texts, taken) => {
    const y = [1, 20, 2, 20, 3];
    const isJson = kind === 'numbers in strings';
    const lines = texts.map((x, i) => (isJson ? JSON.stringify({ x, y: y[i] }) : `${x},${y[i] ?? ''}`));
    const data = write(`word.${isJson ? 'jsonl' : 'csv'}`, `${isJson ? '' : 'x,y\n'}${lines.join('\n')}\n`);
    const model = path.join(folder, 'word.json');
    const named = ['--null', word, ...(kind === 'dates in a form' ? ['--dates', 'x=month-first'] : [])];
    for (const policy of ['drop', 'median']) {
      const found = await fitJson([data, ...target, ...named, '--missing', policy, '--output', model]);
      expect(found).toMatchObject({ missing: { x: 2 }, rows: policy === 'drop' ? 3 : 5 });
      expect(noteTexts(found, 'MISSING_WORDS')).toEqual([`x taken as missing: ${taken}`]);
      const { weights, intercept } = found;
      // The median is 2, at which the line through 1, 2, 3 and twice 20 has their mean.
      expect(weights.x).toBeCloseTo(1, 9);
      expect(intercept).toBeCloseTo(policy === 'drop' ? 0 : 46 / 5 - 2, 9);
      const loaded = await loadModel(model);
      const expected = texts.map((x) => loaded.predict({ x }).value ?? null);
      const table = await loaded.predictTable(data, { device: 'cpu' });
      const close = (value: number): unknown => expect.closeTo(value, 9);
      expect(table.map(({ value }) => value ?? null)).toEqual(
        expected.map((value) => (value === null ? null : close(value))),
      );
      expect(expected.filter((value) => value === null)).toHaveLength(policy === 'drop' ? 2 : 0);
    }
    await expectFailure(['fit', data, ...target, ...named, '--missing', 'error'], {
      code: 'ERR_COLUMN',
      message: /row 2: the column "x" has no value there, as in 2 of its rows/,
    });
  });

  test('are missing among --categories where they are named, in tables and models', async () => {
    const rows = ['a', 'b', 'b', 'b', 'b', 'c', 'c', 'd'].map((x, y) => [x, y]);
    const data = write('categories.csv', csvText([['x', 'y'], ...rows]));
    const model = path.join(folder, 'categories.json');
    const named = ['--null', 'a', '--categories', 'x', '--max-levels', '2', '--missing', 'mode'];
    const found = await fitJson([data, ...target, ...named, '--output', model]);
    expect(found.missing).toEqual({ x: 1 });
    const loaded = await loadModel(model);
    // a is filled with b: the mean of 0 to 4; all others are rare, with the mean of 5, 6 and 7.
    const expected = ['a', 'b', 'c', 'd'].map((x) => (x < 'c' ? 2 : 6));
    const close = expected.map((value) => ({ value: expect.closeTo(value, 9) as unknown }));
    expect(loaded.predict(['a', 'b', 'c', 'd'].map((x) => ({ x })))).toEqual(close);
    const some = write('some.csv', 'x\na\nb\nc\nd\n');
    expect(await loaded.predictTable(some, { device: 'cpu' })).toEqual(close);
  });

  test('in quotes are text', async () => {
    const quoted = write('quoted.csv', 'country,y\n"NA",1\nZA,2\nNA,9\n"NA",1.1\nZA,2.1\nBW,3\n');
    const model = path.join(folder, 'quoted.json');
    const found = await fitJson([quoted, ...target, '--output', model]);
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual(['country taken as missing: NA 1']);
    expect(found).toMatchObject({ rows: 5, dropped: 1 });
    expect(found.intercept).toBeCloseTo(1.05, 9);
    expect(found.weights).toEqual({
      'country=BW': expect.closeTo(1.95, 9) as unknown,
      'country=ZA': expect.closeTo(1, 9) as unknown,
    });
    expect(await json(['evaluate', model, quoted, '--device', 'cpu'])).toMatchObject({ rows: 5, dropped: 1 });
    expect(await fitJson([quoted, ...target, '--null', 'NA'])).toMatchObject({
      rows: 3,
      missing: { country: 3 },
    });
  });

  test('in strings of JSON are text, but where they are named', async () => {
    const lines = ['NA', 'ZA', 'NA', null, 'BW', 'ZA'].map(
      (country, y) => `${JSON.stringify({ country, y })}\n`,
    );
    const file = write('strings.jsonl', lines.join(''));
    const found = await fitJson([file, ...target]);
    expect(found).toMatchObject({
      rows: 5,
      missing: { country: 1 },
      notes: [{ code: 'ROWS_DROPPED', count: 1 }],
    });
    expect(await fitJson([file, ...target, '--null', 'NA'])).toMatchObject({
      rows: 3,
      missing: { country: 3 },
    });
    const numbers = write('numbers.jsonl', '{"x":1,"y":1}\n{"x":"NA","y":2}\n{"x":3,"y":2}\n');
    await expectFailure(['fit', numbers, ...target], {
      code: 'ERR_COLUMN',
      message: /row 2: the column "x" holds "NA", where 2 of its 3 values are a number.* --null NA/,
    });
    expect(await fitJson([numbers, ...target, '--null', 'NA'])).toMatchObject({ rows: 2, missing: { x: 1 } });
  });

  test('among numbers and dates are more', async () => {
    const dates = ['-', '2024-01-01', '?', '2024-01-05', 'n.a.', '2024-01-09'];
    const numbers = ['1', '#DIV/0!', '3', '4', '.', '6'];
    const rows = dates.map((date, i) => [date, numbers[i], i]);
    const found = await fitJson([
      write('marks.csv', csvText([['d', 'x', 'y'], ...rows])),
      ...target,
      '--missing',
      'mean',
    ]);
    expect(found).toMatchObject({ rows: 6, missing: { d: 3, x: 2 } });
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual([
      'd taken as missing: - 1, ? 1, n.a. 1',
      'x taken as missing: #DIV/0! 1, . 1',
    ]);
  });

  test('of a target are told by themselves', async () => {
    const doses = ['None', 'Mild', 'Severe', 'None', 'Mild', 'Severe', 'Mild'].map((symptom, dose) => [
      dose,
      symptom,
    ]);
    const file = write('symptoms.csv', csvText([['dose', 'y'], ...doses]));
    const found = await fitJson([file, ...target, '--l2', '0.1']);
    expect(found).toMatchObject({ rows: 5, dropped: 2, target: { levels: ['Mild', 'Severe'] } });
    expect(noteTexts(found, 'TARGET_MISSING')).toEqual([
      'the target y: None 2 taken as missing, and those 2 rows left out; --categories y keeps them as levels',
    ]);
    const kept = await fitJson([file, ...target, '--categories', 'y', '--l2', '0.1']);
    expect(kept).toMatchObject({ rows: 7, target: { levels: ['Mild', 'None', 'Severe'] } });
    const one = write('one.csv', 'dose,y\n1,None\n2,None\n3,Mild\n4,Mild\n');
    await expectFailure(['fit', one, ...target], {
      code: 'ERR_COLUMN',
      message:
        /"y" .* one level \("Mild"\) besides what was taken as missing: None 2\. --categories y keeps that/,
    });
  });
});

interface Saved {
  readonly features: readonly {
    readonly mean: number;
    readonly scale: number;
    readonly fill?: number | string;
    readonly indicator?: { readonly mean: number; readonly scale: number };
    readonly levels?: readonly string[];
    readonly leftOut?: string;
  }[];
}

describe('--missing', () => {
  const x = [1, 2, 2, 9, '', 6, '', 4];
  const c = ['a', 'b', 'a', '', 'a', 'b', 'c', 'c'];
  const y = [1, 3, 2, 8, 5, 7, 4, 6];
  const table = (xs: readonly unknown[], cs: readonly unknown[]): string =>
    csvText([['x', 'c', 'y'], ...xs.map((value, i) => [value, cs[i], y[i]])]);
  const file = write('gaps.csv', table(x, c));

  async function fitted(args: readonly string[], name = 'fill'): Promise<{ found: FitJson; saved: Saved }> {
    const model = path.join(folder, `${name}.json`);
    const found = await fitJson([...args, '--output', model, ...target]);
    return { found, saved: JSON.parse(readFileSync(model, 'utf8')) as Saved };
  }

  test.each([
    ['median', 3, 'a'],
    ['mode', 2, 'a'],
  ])('%s: as if the value had been there, in training and in prediction', async (policy, number, level) => {
    const { found, saved } = await fitted([file, '--missing', policy], policy);
    expect(saved.features.map(({ fill }) => fill)).toEqual([number, level]);
    const filled = write(
      `${policy}.csv`,
      table(
        x.map((value) => (value === '' ? number : value)),
        c.map((value) => (value === '' ? level : value)),
      ),
    );
    const { found: whole, saved: wholly } = await fitted([filled], `${policy}-whole`);
    expect(Object.keys(found.weights)).toEqual(Object.keys(whole.weights));
    for (const [name, weight] of Object.entries(whole.weights))
      expect(found.weights[name]).toBeCloseTo(weight, 9);
    expect(found.score.train).toBeCloseTo(whole.score.train ?? NaN, 9);
    for (const key of ['mean', 'scale'] as const)
      expect(saved.features[0]?.[key]).toBeCloseTo(wholly.features[0]?.[key] ?? NaN, 11);
    expect(noteTexts(found, 'MISSING_FILLED')).toHaveLength(1);
    const predictions = await Promise.all(
      [file, filled].map(async (data) => {
        const { stdout } = await thalweg([
          'predict',
          path.join(folder, `${policy}.json`),
          data,
          '--device',
          'cpu',
        ]);
        return stdout.trimEnd().split('\n').slice(1).map(Number);
      }),
    );
    expect(predictions[0]).toEqual(predictions[1]);
    expect(predictions[0]).toHaveLength(8);
  });

  test('median and mode count weights', async () => {
    const weighed = write('weighed.csv', 'x,w,y\n1,1,1\n2,1,2\n10,5,3\n,1,4\n3,1,6\n');
    for (const [policy, value] of [
      ['median', 10],
      ['mode', 10],
    ] as const) {
      const { saved } = await fitted([weighed, '--weight', 'w', '--missing', policy]);
      expect(saved.features[0]?.fill).toBe(value);
    }
    // Between 2 and 3 of weights 1, 1, 2.
    const even = write('even.csv', 'x,w,y\n1,1,1\n2,1,2\n4,2,3\n,1,4\n');
    const { saved } = await fitted([even, '--weight', 'w', '--missing', 'median']);
    expect(saved.features[0]?.fill).toBe(3);
  });

  test('indicator: a column of its own, and a level', async () => {
    const { found, saved } = await fitted([file, '--missing', 'indicator'], 'indicator');
    expect(Object.keys(found.weights)).toEqual(['x', 'x=(missing)', 'c=(missing)', 'c=b', 'c=c']);
    expect(saved.features[0]).toMatchObject({
      mean: 4,
      fill: 4,
      indicator: { mean: 0.25, scale: expect.closeTo(Math.sqrt(3 / 16), 12) as unknown },
    });
    expect(saved.features[1]).toMatchObject({ fill: '(missing)', leftOut: 'a' });
    const plain = write(
      'marked.csv',
      csvText([
        ['x', 'm', 'c', 'y'],
        ...x.map((value, i) => [
          value === '' ? 4 : value,
          value === '' ? 1 : 0,
          c[i] === '' ? 'none here' : c[i],
          y[i],
        ]),
      ]),
    );
    const marked = await fitJson([plain, ...target]);
    expect(Object.values(found.weights)).toEqual(
      ['x', 'm', 'c=none here', 'c=b', 'c=c'].map(
        (name) => expect.closeTo(marked.weights[name] ?? NaN, 9) as unknown,
      ),
    );
    const evaluated = (await json(['evaluate', path.join(folder, 'indicator.json'), file])) as { r2: number };
    expect(evaluated.r2).toBeCloseTo(found.score.train ?? NaN, 9);
  });

  test('fills features alone', async () => {
    const lacking = write('lacking.csv', 'x,y\n1,2\n,4\n3,\n5,10\n7,14\n');
    for (const policy of ['mean', 'median', 'mode', 'indicator']) {
      const found = await fitJson([lacking, ...target, '--missing', policy]);
      expect(found).toMatchObject({ rows: 4, dropped: 1, missing: { x: 1, y: 1 } });
      expect(noteTexts(found, 'ROWS_DROPPED')).toEqual(['1 row dropped for missing values: y 1']);
    }
  });

  test('what does not read is not filled', async () => {
    await fitted([file, '--missing', 'mean'], 'mean');
    const odd = write('odd.csv', 'x,c\n,a\n1,\ntwo,a\n3,b\n');
    const { stdout } = await thalweg(['predict', path.join(folder, 'mean.json'), odd, '--device', 'cpu']);
    const isEmpty = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line === '""');
    expect(isEmpty).toEqual([false, false, false, true, false]);
  });
});

describe('levels', () => {
  const letters = Array.from({ length: 400 }, (_, i) => `l${Math.floor(Math.sqrt(i))}`);
  const rows = letters.map((level, i) => [level, (i * 7) % 11, Number(level.slice(1)) + ((i * 7) % 11)]);
  const file = write('levels.csv', csvText([['c', 'x', 'y'], ...rows]));

  test('are as many as there are', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => [`l${i % 1500}`, (i % 1500) / 10]);
    const found = await fitJson([write('many.csv', csvText([['c', 'y'], ...many])), ...target]);
    expect(Object.keys(found.weights)).toHaveLength(1499);
    expect(found.score.train).toBeGreaterThan(0.999);
    expect(noteTexts(found, 'MANY_LEVELS')).toEqual([
      'c: 1,499 columns, one for each level, which take 0.036 GB; --max-levels 100 keeps the most frequent',
    ]);
  });

  test('--max-levels keeps the most frequent, and the others together', async () => {
    const model = path.join(folder, 'levels.json');
    const found = await fitJson([file, ...target, '--max-levels', '4', '--output', model]);
    // 39, 37 and 35 rows.
    expect(Object.keys(found.weights)).toEqual(['c=l17', 'c=l18', 'c=l19', 'x']);
    const { stdout } = await thalweg([
      'predict',
      model,
      write('new.csv', 'c,x\nl0,1\nl19,1\nnever,1\n,1\n'),
      '--device',
      'cpu',
    ]);
    const [, rare, frequent, unseen, missing] = stdout.split('\n');
    expect(unseen).toBe(rare);
    expect(Number(frequent) - Number(rare)).toBeCloseTo(found.weights['c=l19'] ?? NaN, 9);
    expect(missing).toBe('""');
    expect(await json(['evaluate', model, file, '--device', 'cpu'])).toMatchObject({ rows: 400, dropped: 0 });
  });

  test('--unknown other takes a new one for their average, error stops', async () => {
    const model = path.join(folder, 'unknown.json');
    const unseen = write('unseen.csv', 'c,x\nl3,2\nnever,2\n');
    const found = await fitJson([file, ...target, '--unknown', 'other', '--output', model]);
    const { stdout } = await thalweg(['predict', model, unseen, '--device', 'cpu']);
    const average =
      letters.reduce((sum, level) => sum + (found.weights[`c=${level}`] ?? 0), 0) / letters.length;
    expect(Number(stdout.split('\n')[2])).toBeCloseTo(
      found.intercept + average + 2 * (found.weights['x'] ?? NaN),
      6,
    );
    await fitJson([file, ...target, '--unknown', 'error', '--output', model]);
    await expectFailure(['predict', model, unseen], {
      code: 'ERR_COLUMN',
      message: /unseen\.csv, row 2: the column "c" holds a level that training did not see/,
    });
    await fitJson([file, ...target, '--output', model]);
    expect((await thalweg(['predict', model, unseen])).stdout).toMatch(/^prediction\n[\d.]+\n""\n$/);
  });

  test('of thousands of columns are read in a time that grows with the columns', async () => {
    const names = Array.from({ length: 3000 }, (_, k) => `c${k}`);
    const cells = Array.from({ length: 40 }, (_, i) => names.map((_, k) => 'abc'[(i * (k + 1)) % 3]));
    const many = write('many.csv', csvText([[...names, 'y'], ...cells.map((row, i) => [...row, i % 3])]));
    const args = ['fit', many, '--target', 'y', '--activation', 'linear', '--unknown', 'error', '--json'];
    const began = performance.now();
    const { metrics } = JSON.parse((await thalweg(args)).stdout) as { metrics: { train: { r2: number } } };
    // A second or two; with a copy of all levels for each value it was a minute.
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(metrics.train.r2).toBeCloseTo(1, 9);
  }, 120_000);

  test('of many columns are read as of few', async () => {
    const names = Array.from({ length: 70 }, (_, k) => `c${k}`);
    const wide = letters.map((_, i) => names.map((_, k) => letters[(i * (k + 3)) % 400]));
    const all = write(
      'wide.csv',
      csvText([[...names, 'y'], ...wide.map((row, i) => [...row, rows[i]?.[2]])]),
    );
    const args = ['--max-levels', '5', '--missing', 'mode', '--iterations', '1', ...target];
    const saved = async (features: readonly string[], name: string): Promise<Saved['features']> => {
      const model = path.join(folder, `${name}.json`);
      await fitJson([all, ...args, '--features', features.join(','), '--output', model]);
      return (JSON.parse(readFileSync(model, 'utf8')) as Saved).features;
    };
    const many = await saved(names, 'wide-many');
    expect(await saved(names.slice(3, 6), 'wide-few')).toEqual(many.slice(3, 6));
    const [one, other] = await Promise.all(
      ['wide-many', 'wide-few'].map(
        async (name) => await json(['evaluate', path.join(folder, `${name}.json`), all]),
      ),
    );
    expect([one, other]).toMatchObject([
      { rows: 400, dropped: 0 },
      { rows: 400, dropped: 0 },
    ]);
  });
});

test('classes that differ in capitals alone are told of', async () => {
  const cells = Array.from({ length: 24 }, (_, i) => [
    i,
    ['Yes', 'yes', 'NO', 'Maybe', 'maybe', 'late'][i % 6],
  ]);
  const found = await fitJson([write('capitals.csv', csvText([['x', 'y'], ...cells])), ...target]);
  expect(noteTexts(found, 'CLASSES_ALIKE')).toEqual([
    '"Maybe", "Yes", "maybe" and "yes": classes of y that differ in capitals alone, each of which is learned by itself: where they are one, write it one way',
  ]);
});

test.each([
  ['1-2', [1, 2]],
  ['signs', [-1, 1]],
])(
  'a target of %s is two classes, and numbers with --activation linear',
  async (name, [zero = 0, one = 0]) => {
    const rows = Array.from({ length: 20 }, (_, i) => [i, (i * 7) % 20 < i ? one : zero]);
    const file = write(`${name}.csv`, csvText([['x', 'y'], ...rows]));
    const model = path.join(folder, 'pair.json');
    const found = await fitJson([file, ...target, '--output', model]);
    expect(found).toMatchObject({ activation: 'sigmoid', target: { kind: 'number', levels: [zero, one] } });
    expect(noteTexts(found, 'TWO_NUMBERS')).toEqual([
      `y holds only ${zero} and ${one}, which are two classes: --activation linear learns numbers`,
    ]);
    const { stdout } = await thalweg(['predict', model, file, '--device', 'cpu']);
    expect(
      new Set(
        stdout
          .trimEnd()
          .split('\n')
          .slice(1)
          .map((line) => line.split(',')[1]),
      ),
    ).toEqual(new Set([String(zero), String(one)]));
    expect(await fitJson([file, ...target, '--activation', 'linear'])).toMatchObject({
      activation: 'linear',
    });
  },
);
