import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadModel } from '../../lib';
import {
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

/** Whole numbers of up to seven digits, of which no order or step tells a row. */
const values = Array.from({ length: 24 }, (_, i) => ((i * 7919) % 1000) * (i % 3 === 0 ? 1234 : 7) + i);

const grouped = (value: number, mark: string): string => String(value).replace(/\B(?=(\d{3})+$)/g, mark);
const two = (value: number): string => String(value).padStart(2, '0');

describe('numbers in other clothes', () => {
  const dressings: [
    name: string,
    dress: (value: number) => string,
    value: (value: number) => number,
    note: string,
  ][] = [
    ['currency', (v) => `$${v}.50`, (v) => v + 0.5, 'x: numbers with $ before them'],
    ['currency-behind', (v) => `${v}.25 €`, (v) => v + 0.25, 'x: numbers with the unit €'],
    ['code', (v) => `USD ${v}`, (v) => v, 'x: numbers with USD before them'],
    ['percent', (v) => `${v}%`, (v) => v / 100, 'x: percentages, 50% as 0.5'],
    ['comma', (v) => `"${grouped(v, ',')}.5"`, (v) => v + 0.5, 'x: numbers with commas between thousands'],
    [
      'german',
      (v) => `"${grouped(v, '.')},5"`,
      (v) => v + 0.5,
      'x: numbers with points between thousands and a decimal comma',
    ],
    [
      'apostrophe',
      (v) => grouped(v, v % 2 === 0 ? "'" : '’'),
      (v) => v,
      'x: numbers with apostrophes between thousands',
    ],
    [
      'space',
      (v) => grouped(v, [' ', '\u00a0', '\u202f'][v % 3] ?? ' '),
      (v) => v,
      'x: numbers with spaces between thousands',
    ],
    ['underscore', (v) => grouped(v, '_'), (v) => v, 'x: numbers with underscores between thousands'],
    [
      'parentheses',
      (v) => (v % 2 === 0 ? `(${v})` : `${v}`),
      (v) => (v % 2 === 0 ? -v : v),
      'x: numbers, where (5) and −5 are -5',
    ],
    ['minus', (v) => `\u2212${v}`, (v) => -v, 'x: numbers, where (5) and −5 are -5'],
    [
      'accounting',
      (v) => `"$(${grouped(v, ',')}.00)"`,
      (v) => -v,
      'x: numbers with $ before them and commas between thousands',
    ],
    ['unit', (v) => `${v} ${v === 1 ? 'star' : 'stars'}`, (v) => v, 'x: numbers with the unit stars'],
    ['glued', (v) => `${v}kg`, (v) => v, 'x: numbers with the unit kg'],
    ['hex', (v) => `0x${v.toString(16).toUpperCase()}`, (v) => v, 'x: hexadecimal numbers'],
    [
      'clock',
      (v) => `${two(v % 24)}:${two(v % 60)}`,
      (v) => (v % 24) + (v % 60) / 60,
      'x: times of day, in hours',
    ],
    [
      'halves',
      (v) => `${v % 12 || 12}:${two(v % 60)} ${v % 24 < 12 ? 'AM' : 'PM'}`,
      (v) => (v % 24) + (v % 60) / 60,
      'x: times of day, in hours',
    ],
  ];

  test.each(dressings)('%s', async (name, dress, value, note) => {
    const rows = values.map((v) => [dress(v), 2 * value(v) + 1]);
    const file = write(`${name}.csv`, csvText([['x', 'y'], ...rows]));
    const model = path.join(folder, `${name}.json`);
    const found = await fitJson([file, ...target, '--output', model]);
    expect(found.weights).toEqual({ x: expect.closeTo(2, 6) as unknown });
    expect(found.intercept).toBeCloseTo(1, 4);
    expect(noteTexts(found, 'READ_AS')).toEqual([note]);
    // What training read, prediction does; what does not read has none.
    const unseen = write(
      `${name}-new.csv`,
      csvText([['x'], ...rows.slice(3, 6).map(([x]) => [x]), ['blue']]),
    );
    const { stdout } = await thalweg(['predict', model, unseen, '--device', 'cpu']);
    const predicted = stdout.trimEnd().split('\n').slice(1);
    expect(predicted.slice(0, 3).map(Number)).toEqual(
      rows.slice(3, 6).map(([, y]) => expect.closeTo(y as number, 3) as unknown),
    );
    expect(predicted.slice(3)).toEqual(['""']);
    expect(await json(['evaluate', model, file, '--device', 'cpu'])).toMatchObject({ rows: values.length });
  });

  test('in strings of JSON', async () => {
    const rows = values.map((v) => `${JSON.stringify({ x: String(v), y: 2 * v + 1 })}\n`);
    const found = await fitJson([write('strings.jsonl', rows.join('')), ...target]);
    expect(found.weights).toEqual({ x: expect.closeTo(2, 6) as unknown });
    expect(noteTexts(found, 'READ_AS')).toEqual(['x: numbers that are written as text']);
  });

  test('as a target', async () => {
    const rows = [5, 4, 5, 1].map((y, x) => [x, `${y} ${y === 1 ? 'star' : 'stars'}`]);
    const file = write('stars.csv', csvText([['x', 'y'], ...rows]));
    const found = await fitJson([file, ...target]);
    expect(found.activation).toBe('linear');
    // The line through (0, 5), (1, 4), (2, 5), (3, 1).
    expect(found.weights).toEqual({ x: expect.closeTo(-1.1, 9) as unknown });
    expect(noteTexts(found, 'READ_AS')).toEqual(['y: numbers with the unit star or stars']);
    const classes = await fitJson([file, ...target, '--categories', 'y']);
    expect(classes.target.levels).toEqual(['1 star', '4 stars', '5 stars']);
  });

  test('rare marks far down are found', async () => {
    const rows = Array.from({ length: 6000 }, (_, i) => {
      const v = i === 5000 ? 1234567 : (i * 37) % 900;
      return [`"$${grouped(v, ',')}"`, 2 * v + 1];
    });
    const found = await fitJson([write('far.csv', csvText([['x', 'y'], ...rows])), ...target]);
    expect(found.weights).toEqual({ x: expect.closeTo(2, 6) as unknown });
    expect(noteTexts(found, 'READ_AS')).toEqual([
      'x: numbers with $ before them and commas between thousands',
    ]);
  });

  test.each([
    ['units', ['5 kg', '6 lb', '7 kg', '5 kg', '6 lb', '7 kg']],
    ['streets', ['12 Main St', '14 Elm St', '12 Main St', '3 Oak Av', '14 Elm St', '3 Oak Av']],
    ['classes', ['1st', '2nd', '3rd', '1st', '2nd', '3rd']],
    ['codes', ['A12', 'B7', 'A12', 'B7', 'C3', 'C3']],
  ])('%s of several words are categories', async (name, levels) => {
    const found = await fitJson([
      write(`${name}.csv`, csvText([['x', 'y'], ...levels.map((x, i) => [x, i])])),
      ...target,
    ]);
    expect(Object.keys(found.weights)).toHaveLength(new Set(levels).size - 1);
    expect(noteTexts(found, 'READ_AS')).toEqual([]);
  });

  test('a sign of both is none of a number', async () => {
    const file = write('both.csv', 'x,y\n1,1\n2,2\n+-1,3\n4,4\n');
    await expectFailure(['fit', file, ...target, '--json'], {
      code: 'ERR_COLUMN',
      message: /row 3: the column "x" holds "\+-1", where 3 of its 4 values are a number/,
      column: 'x',
      row: 2,
    });
  });

  test('words among them are refused, and named for --null', async () => {
    const file = write('unlike.csv', 'x,y\n$5,1\n$6,2\nask,3\n$8,4\n');
    await expectFailure(['fit', file, ...target, '--json'], {
      code: 'ERR_COLUMN',
      message: /row 3: the column "x" holds "ask", where 3 of its 4 values are a number.* --null ask/,
      column: 'x',
      row: 2,
    });
    const found = await fitJson([file, ...target, '--null', 'ask']);
    expect(found).toMatchObject({ rows: 3, dropped: 1, missing: { x: 1 } });
    expect(noteTexts(found, 'MISSING_WORDS')).toEqual(['x taken as missing: ask 1']);
  });
});

describe('dates', () => {
  test.each(['-', '/'])('months, with %s between, are their first days', async (between) => {
    const months = Array.from({ length: 30 }, (_, i) => (i * 7) % 45);
    const rows = months.map((month) => {
      const [year, ofYear] = [2021 + Math.floor(month / 12), month % 12];
      return [`${year}${between}${two(ofYear + 1)}`, 0.5 * (Date.UTC(year, ofYear) / 86_400_000) + 3];
    });
    const model = path.join(folder, 'months.json');
    const file = write('months.csv', csvText([['x', 'y'], ...rows]));
    const found = await fitJson([file, ...target, '--output', model]);
    expect(found.weights).toEqual({ x: expect.closeTo(0.5, 6) as unknown });
    expect(noteTexts(found, 'READ_AS')).toEqual(['x: dates, months alone']);
    const later = write(
      'later.csv',
      csvText([['x'], [`2030${between}2`], ['2030-02-15'], [`2030${between}13`]]),
    );
    const { stdout } = await thalweg(['predict', model, later, '--device', 'cpu']);
    const [first, iso, ...others] = stdout.trimEnd().split('\n').slice(1);
    expect(Number(first)).toBeCloseTo(0.5 * (Date.UTC(2030, 1) / 86_400_000) + 3, 2);
    // ISO 8601 reads in any column of dates, as for models.
    expect(Number(iso)).toBeCloseTo(0.5 * (Date.UTC(2030, 1, 15) / 86_400_000) + 3, 2);
    expect(others).toEqual(['""']);
  });

  const monthNames = 'January February March April May June July August September October November December';
  test.each([
    ['2021Q2', 'quarters', (y: number, m: number) => `${y}Q${m / 3 + 1}`, 3],
    ['2021-q2', 'quarters', (y: number, m: number) => `${y}-q${m / 3 + 1}`, 3],
    ['Q2 2021', 'quarters', (y: number, m: number) => `Q${m / 3 + 1} ${y}`, 3],
    ['April 2021', 'months alone', (y: number, m: number) => `${monthNames.split(' ')[m] ?? ''} ${y}`, 1],
    [
      'Apr-2021',
      'months alone',
      (y: number, m: number) => `${(monthNames.split(' ')[m] ?? '').slice(0, 3)}-${y}`,
      1,
    ],
  ] as const)('%s is its first day, for fit, predict, evaluate and models', async (_, what, shown, step) => {
    const first = (i: number): [number, number] => [2019 + (i % 4), (i * 7 * step) % 12];
    const rows = Array.from({ length: 40 }, (_, i) => {
      const [year, month] = first(i);
      return [shown(year, month), 0.5 * (Date.UTC(year, month) / 86_400_000) + 3] as [string, number];
    });
    const model = path.join(folder, 'periods.json');
    const file = write('periods.csv', csvText([['x', 'y'], ...rows]));
    const found = await fitJson([file, ...target, '--output', model]);
    expect(found.weights).toEqual({ x: expect.closeTo(0.5, 6) as unknown });
    expect(noteTexts(found, 'READ_AS')).toEqual([`x: dates, ${what}`]);
    const { stdout } = await thalweg(['predict', model, file, '--device', 'cpu']);
    const predicted = stdout.trimEnd().split('\n').slice(1).map(Number);
    expect(predicted).toEqual(rows.map(([, y]) => expect.closeTo(y, 2) as unknown));
    const loaded = await loadModel(model);
    for (const [x, y] of rows) expect(loaded.predict({ x }).value).toBeCloseTo(y, 2);
  });

  test('ISO dates are read among those of a form by predict, as by models', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => [
      `${13 + (i % 10)}/0${1 + (i % 9)}/2024`,
      Date.UTC(2024, i % 9, 13 + (i % 10)) / 86_400_000,
    ]);
    const model = path.join(folder, 'forms.json');
    await fitJson([write('forms.csv', csvText([['x', 'y'], ...rows])), ...target, '--output', model]);
    const later = ['2024-03-20', '20/03/2024', '2024-03-20T12:00:00Z'];
    const { stdout } = await thalweg([
      'predict',
      model,
      write('later.csv', csvText([['x'], ...later.map((x) => [x])])),
    ]);
    const day = Date.UTC(2024, 2, 20) / 86_400_000;
    const expected = [day, day, day + 0.5].map((value) => expect.closeTo(value, 6) as unknown);
    expect(stdout.trimEnd().split('\n').slice(1).map(Number)).toEqual(expected);
    const loaded = await loadModel(model);
    expect(later.map((x) => loaded.predict({ x }).value)).toEqual(expected);
  });

  test.each([
    ['2021-W14', (i: number) => `2021-W${two(1 + ((i * 5) % 50))}`],
    ['H1 2021', (i: number) => `H${1 + (i % 2)} ${2015 + (i % 7)}`],
  ])('times such as %s are a category each, and said to be', async (_, shown) => {
    const rows = Array.from({ length: 300 }, (_, i) => [shown(i), (i * 7) % 11]);
    const found = await fitJson([write('weeks.csv', csvText([['x', 'y'], ...rows])), ...target]);
    expect(noteTexts(found, 'PERIODS')).toEqual([`x: times such as ${shown(0)}, a category each`]);
    const names = rows.map(([x], i) => [`${String(x)}${i === 7 ? 'x' : ''}`, (i * 7) % 11]);
    const others = await fitJson([write('names.csv', csvText([['x', 'y'], ...names])), ...target]);
    expect(noteTexts(others, 'PERIODS')).toEqual([]);
  });

  test('codes whose second part is not always a month are text', async () => {
    const codes = ['2021-01', '2021-12', '2021-13', '2022-07'];
    const rows = Array.from({ length: 40 }, (_, i) => [codes[i % 4], (i % 4) ** 2]);
    const found = await fitJson([write('codes.csv', csvText([['x', 'y'], ...rows])), ...target]);
    expect(Object.keys(found.weights)).toEqual(['x=2021-12', 'x=2021-13', 'x=2022-07']);
  });

  const days = Array.from({ length: 20 }, (_, i) => new Date(Date.UTC(2023, 10, 3 + ((i * 23) % 120))));
  const parts = (date: Date): [string, string, string] => [
    String(date.getUTCFullYear()),
    two(date.getUTCMonth() + 1),
    two(date.getUTCDate()),
  ];

  test.each([
    ['dmy', (date: Date) => parts(date).reverse().join('/'), 'day first'],
    ['mdy', (date: Date) => [parts(date)[1], parts(date)[2], parts(date)[0]].join('/'), 'month first'],
    ['dots', (date: Date) => parts(date).reverse().map(Number).join('.'), 'day first'],
    ['ymd', (date: Date) => parts(date).join(date.getUTCDate() % 2 === 0 ? '/' : '-'), 'year first'],
    [
      'names',
      (date: Date) =>
        `"${date.toLocaleString('en-US', { month: 'long', day: 'numeric', year: 'numeric', timeZone: 'UTC' })}"`,
      'the month by name',
    ],
    ['mail', (date: Date) => `"${date.toUTCString()}"`, 'the month by name'],
    [
      'log',
      (date: Date) => `${date.toUTCString().slice(5, 16).replaceAll(' ', '/')}:00:00:00 +0000`,
      'the month by name',
    ],
  ])('%s', async (name, dress, order) => {
    const rows = days.map((date) => [dress(date), 0.5 * (date.getTime() / 86_400_000) + 3]);
    const model = path.join(folder, `${name}.json`);
    const found = await fitJson([
      write(`${name}.csv`, csvText([['x', 'y'], ...rows])),
      ...target,
      '--output',
      model,
    ]);
    expect(found.weights).toEqual({ x: expect.closeTo(0.5, 6) as unknown });
    expect(found.intercept).toBeCloseTo(3, 1);
    expect(noteTexts(found, 'READ_AS')).toEqual([`x: dates, ${order}`]);
    const { stdout } = await thalweg([
      'predict',
      model,
      write(`${name}-new.csv`, csvText([['x'], [rows[4]?.[0]]])),
    ]);
    expect(Number(stdout.split('\n')[1])).toBeCloseTo(rows[4]?.[1] as number, 4);
  });

  test('in two readings are asked about, and each is had by its option', async () => {
    const file = write('unclear.csv', 'x,y\n01/02/2024,1\n03/04/2024,2\n05/06/2024,4\n');
    await expectFailure(['fit', file, ...target, '--json'], {
      code: 'ERR_COLUMN',
      message:
        /row 1: the column "x" holds "01\/02\/2024", which reads in two ways.* --dates x=day-first .* --dates x=month-first /,
      column: 'x',
      row: 0,
    });
    const middle = { 'day-first': [2024, 3, 3], 'month-first': [2024, 2, 4] } as const;
    for (const [hint, [year, month, day]] of Object.entries(middle)) {
      for (const name of ['x', '*']) {
        const model = path.join(folder, 'unclear.json');
        const args = [
          '--dates',
          `${name}=${hint}`,
          '--no-standardize',
          '--iterations',
          '1',
          '--output',
          model,
        ];
        await fitJson([file, ...target, ...args]);
        const saved = JSON.parse(readFileSync(model, 'utf8')) as { features: { mean: number }[] };
        // The middle row is the mean day, but for what months differ in length.
        expect(
          Math.abs((saved.features[0]?.mean ?? 0) - Date.UTC(year, month, day) / 86_400_000),
        ).toBeLessThan(2);
      }
    }
  });
});

describe('numbers in two readings', () => {
  const rows = [1200, 2400, 3600, 5000].map((v) => [`"${grouped(v, ',')}"`, v]);
  const file = write('thousands.csv', csvText([['x', 'y'], ...rows]));

  test.each([
    ['decimal-point', 1],
    ['decimal-comma', 1000],
  ])('--numbers x=%s', async (hint, weight) => {
    await expectFailure(['fit', file, ...target], {
      code: 'ERR_COLUMN',
      message: /"1,200", which reads in two ways/,
    });
    const found = await fitJson([file, ...target, '--numbers', `x=${hint}`]);
    expect(found.weights).toEqual({ x: expect.closeTo(weight, 6) as unknown });
  });

  test('and --categories takes them as names', async () => {
    const found = await fitJson([file, ...target, '--categories', 'x']);
    expect(Object.keys(found.weights)).toEqual(['x=2,400', 'x=3,600', 'x=5,000']);
  });

  test.each([
    [['--numbers', ''], /It must be names of columns with commas between them/],
    [['--unknown', 'error', '--max-levels', '5'], /--unknown error has no meaning with --max-levels/],
    [['--max-levels', '1'], /It must be a whole number from 2/],
  ])('wrong usage: %j', async (args, message) => {
    const { code, stderr } = await thalweg(['fit', file, ...target, ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('two roles of one column', async () => {
    await expectFailure(['fit', file, ...target, '--numbers', 'x', '--categories', 'x'], {
      code: 'ERR_COLUMN',
      message: /"x" is named by --categories and by --numbers or --dates/,
    });
    await expectFailure(['fit', file, ...target, '--features', 'x', '--exclude', 'x'], {
      code: 'ERR_COLUMN',
      message: /"x" is named by --features and by --exclude/,
    });
  });
});

describe('what is no feature', () => {
  const rows = Array.from({ length: 120 }, (_, i) => ({
    blank: i,
    id: 10n ** 19n + BigInt(7 * i),
    user_id: 4000 + ((i * 7) % 120),
    name: `person ${i}`,
    zip: ['01234', '00501', '90210'][i % 3] ?? '',
    flat: 7,
    none: '',
    t: i + 1,
    x: (i * 13) % 17,
  }));
  const names = ['', 'id', 'user_id', 'name', 'zip', 'flat', 'none', 't', 'x'];
  const file = write(
    'people.csv',
    csvText([
      [...names, 'y'],
      ...rows.map((row) => [...Object.values(row), 2 * row.x + row.t + (row.zip === '90210' ? 5 : 0)]),
    ]),
  );

  test('is left out with a reason, and what counts rows or begins with 0 is told', async () => {
    const found = await fitJson([file, ...target]);
    expect(found.leftOut).toEqual([
      { column: 'column1', why: 'counts the rows from 0, without a name' },
      { column: 'id', why: `ids of more digits than numbers hold, as ${10n ** 19n + 7n}` },
      { column: 'user_id', why: 'an id of each row' },
      { column: 'name', why: 'text with a level of its own in each row' },
      { column: 'flat', why: 'only 7' },
      { column: 'none', why: 'no values' },
    ]);
    expect(found.features).toEqual(['zip', 't', 'x']);
    expect(found.weights).toEqual({
      'zip=01234': expect.closeTo(0, 6) as unknown,
      'zip=90210': expect.closeTo(5, 6) as unknown,
      t: expect.closeTo(1, 6) as unknown,
      x: expect.closeTo(2, 6) as unknown,
    });
    expect(noteTexts(found, 'LEADING_ZEROS')).toEqual(['zip: codes with leading zeros, as categories']);
    expect(noteTexts(found, 'ROW_COUNTER')).toEqual(['t may only number the rows: 1, 2, 3, … down the rows']);
  });

  test.each(['Unnamed: 0', '__index_level_0__'])('and the index that pandas writes as %s', async (name) => {
    const rows = Array.from({ length: 12 }, (_, i) => [(i * 5) % 37, (i * 7) % 11, 2 * ((i * 7) % 11)]);
    const found = await fitJson([write('index.csv', csvText([[name, 'x', 'y'], ...rows])), ...target]);
    expect(found.leftOut).toEqual([{ column: name, why: 'an id of each row' }]);
    expect(found.features).toEqual(['x']);
  });

  test('and a name that a blank one could have been given stays that of its column', async () => {
    const named = csvText([
      ['column1', '', 'y'],
      ...Array.from({ length: 8 }, (_, i) => [i, (i * 5) % 8, 3 * i + ((i * 5) % 8)]),
    ]);
    const found = await fitJson([write('blank.csv', named), ...target]);
    expect(found.weights).toEqual({
      column1: expect.closeTo(3, 9) as unknown,
      column2: expect.closeTo(1, 9) as unknown,
    });
    const clash = named.replace('column1,', 'column2,');
    const both = await fitJson([write('clash.csv', clash), ...target]);
    expect(both.weights).toEqual({
      column2: expect.closeTo(3, 9) as unknown,
      column2_: expect.closeTo(1, 9) as unknown,
    });
  });

  test('unless it is asked for', async () => {
    const found = await fitJson([file, ...target, '--features', 'user_id,flat,zip,x', '--numbers', 'zip']);
    expect(found.features).toEqual(['user_id', 'flat', 'zip', 'x']);
    expect(Object.keys(found.weights)).toEqual(['user_id', 'flat', 'zip', 'x']);
    const named = await fitJson([
      file,
      ...target,
      '--categories',
      'name',
      '--exclude',
      't,zip,x',
      '--l2',
      '1',
    ]);
    expect(named.features).toEqual(['name']);
    expect(noteTexts(named, 'LEVEL_A_ROW')).toHaveLength(1);
  });

  test('a target is never left out', async () => {
    await expectFailure(['fit', file, '--target', 'name'], {
      code: 'ERR_COLUMN',
      message: /The target "name" of people\.csv is text with a level of its own in each row/,
    });
    await expectFailure(['fit', file, ...target, '--exclude', 'y'], {
      code: 'ERR_COLUMN',
      message: /"y" is the target: leave it out of --exclude/,
    });
  });

  test('digits that a target loses are told', async () => {
    const big = [9007199254740993n, 9007199254740995n, 9007199254740999n].map((y, x) => [x, y]);
    const found = await fitJson([write('big.csv', csvText([['x', 'y'], ...big])), ...target]);
    expect(noteTexts(found, 'DIGITS_LOST')).toEqual([
      'y: more digits than numbers hold: 9007199254740993 is read as 9007199254740992',
    ]);
  });

  test('numbers that all read as dates are numbers, with a note, and days on demand', async () => {
    const days = [20240227, 20240228, 20240229, 20240301, 20240302];
    const rows = days.map((day, i) => [day, 3 * i + 1]);
    const compact = write('compact.csv', csvText([['day', 'y'], ...rows]));
    const numbers = await fitJson([compact, ...target]);
    expect(noteTexts(numbers, 'COMPACT_DATES')).toEqual(['day: numbers that all read as dates']);
    expect(numbers.score.train).toBeLessThan(0.9);
    const dates = await fitJson([compact, ...target, '--dates', 'day']);
    expect(noteTexts(dates, 'COMPACT_DATES')).toEqual([]);
    expect(noteTexts(dates, 'READ_AS')).toEqual(['day: dates, as 20240131']);
    expect(dates.weights).toEqual({ day: expect.closeTo(3, 9) as unknown });
    // The 30th of February is no date.
    const other = write('no-dates.csv', csvText([['day', 'y'], ...rows, [20240230, 16]]));
    expect(noteTexts(await fitJson([other, ...target]), 'COMPACT_DATES')).toEqual([]);
  });

  test('a first line of numbers is told', async () => {
    const bare = write('bare.csv', '1,2,3\n4,5,8\n6,7,11\n9,1,10\n');
    expect(noteTexts(await fitJson([bare, '--target', '3']), 'NUMBERS_AS_NAMES')).toEqual([
      'bare.csv: the first line, of numbers alone, is taken for the names of the columns; where it is data, put a line of names above it',
    ]);
    const twice = await thalweg(['fit', write('twice.csv', '1,1,3\n4,5,8\n'), '--target', '3']);
    expect(twice.stderr).toContain('two columns "1". Put a line of names above the data, or rename one');
  });

  test('a number far outside may stand for a missing value', async () => {
    const outlying = write(
      'outlying.csv',
      csvText([['x', 'y'], ...[1, 2, -999, 4, 5].map((x, i) => [x, 2 * (i + 1)])]),
    );
    const found = await fitJson([outlying, ...target]);
    expect(noteTexts(found, 'OUTLYING_VALUE')).toEqual(['x: -999 in 1 row, far from the others (1 to 5)']);
    const without = await fitJson([outlying, ...target, '--null=-999']);
    expect(without).toMatchObject({ rows: 4, missing: { x: 1 } });
    expect(without.weights).toEqual({ x: expect.closeTo(2, 9) as unknown });
    expect(noteTexts(without, 'OUTLYING_VALUE')).toEqual([]);
  });
});
