import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  type FitJson,
  type Run,
  csvText,
  fileWriter,
  fitJson,
  main,
  temporaryFolder,
  thalweg,
} from '../cli/thalweg';
import { type LaunchOptions, type Launcher, describeOnEachMpi, launched } from '../support/each-mpi';
import { numbersOf } from './data.cjs';
import { seeded, wholeNumber } from './seeded';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** What a fit tells that hangs on how it was computed. */
const ofTheWay = ['plan', 'iterations', 'seconds', 'created', 'converged', 'stopped'];

/** Where values are apart by more than `within` of their size, or of 1. */
function apart(a: unknown, b: unknown, within: number, place = ''): string[] {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= within * Math.max(1, Math.abs(b)) ? [] : [`${place}: ${a}, ${b}`];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? [] : [`${place}: ${String(a)}, ${String(b)}`];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !ofTheWay.includes(name))
    .flatMap((name) =>
      apart(
        (a as Record<string, unknown>)[name],
        (b as Record<string, unknown>)[name],
        within,
        `${place}/${name}`,
      ),
    );
}

/** Tables whose rows nobody has seen before: numbers, some of them missing, levels, weights and targets. */
function table(rows: number, seed = wholeNumber()): unknown[][] {
  const next = numbersOf(seed);
  const oneOf = (values: readonly unknown[]): unknown =>
    values[Math.floor(((next() + 1) / 2) * values.length)];
  return Array.from({ length: rows }, (_, row) => {
    const [a, b] = [3 * next(), 100 + next()];
    const z = a + 0.3 * next();
    // Some levels are the last rank's alone.
    const level = row >= rows - 5 ? oneOf(['x', 'z']) : oneOf(['p', 'q', 'r']);
    const classOf = z < -1 ? 'low' : z < 1 ? 'mid' : 'high';
    const count = oneOf(['1', '2', '', '3.5']);
    return [a, b, count, level, oneOf([0, 1, 2.5]), 2 * z + b, z > 0 ? 'yes' : 'no', classOf];
  });
}

const names = ['a', 'b', 'count', 'level', 'weight', 'number', 'answer', 'class'];
const fileOf = (name: string, rows: readonly unknown[][]): string => write(name, csvText([names, ...rows]));
const others = (target: string): string =>
  names
    .slice(5)
    .filter((name) => name !== target)
    .join(',');
const learning = (target: string): string[] => ['--target', target, '--exclude', others(target)];

async function fitOver(launcher: Launcher, ranks: number, args: readonly string[]): Promise<FitJson> {
  const { code, stdout, stderr } = await launched(launcher, ranks, [main, 'fit', ...args, '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as FitJson;
}

/** The fit of several ranks, and its model, are those of one process. */
async function expectAlike(
  launcher: Launcher,
  ranks: number,
  args: readonly string[],
  within: number,
): Promise<FitJson> {
  const [one, many] = ['one.json', 'many.json'].map((name) => path.join(folder, name)) as [string, string];
  const alone = await fitJson([...args, '--output', one]);
  const together = await fitOver(launcher, ranks, [...args, '--output', many]);
  expect(apart({ ...together, model: '' }, { ...alone, model: '' }, within)).toEqual([]);
  const model = (file: string): object => JSON.parse(readFileSync(file, 'utf8')) as object;
  expect(apart(model(many), model(one), within)).toEqual([]);
  return together;
}

const exact = 1e-9;
/** By how far from an optimum both may stop. */
const optimum = 1e-4;

describeOnEachMpi('thalweg fit over ranks is that of one process', (launcher) => {
  test.each([2, 5])(
    'least squares of numbers and levels, with rows held out, %d ranks',
    seeded(async (ranks) => {
      const file = fileOf('numbers.csv', table(203));
      const args = [file, ...learning('number'), '--holdout', '0.3', '--seed', '7'];
      const { dropped } = await expectAlike(launcher, ranks, args, exact);
      expect(dropped).toBeGreaterThan(0);
    }),
  );

  test(
    'classes, weighted, with missing values filled, of two files',
    seeded(async () => {
      const files = [fileOf('first.csv', table(90)), fileOf('second.csv', table(31))];
      const how = ['--weight', 'weight', '--missing', 'indicator', '--l2', '0.05', '--holdout', '0.2'];
      await expectAlike(launcher, 4, [...files, ...learning('class'), ...how], optimum);
    }),
  );

  test(
    'two classes that count otherwise, and a page about them',
    seeded(async () => {
      const file = fileOf('answers.csv', table(150));
      const report = path.join(folder, 'page.html');
      const how = ['--class-weight', 'yes=2', '--l2', '0.05', '--report', report];
      await expectAlike(launcher, 3, [file, ...learning('answer'), ...how], optimum);
      expect(readFileSync(report, 'utf8')).toMatch(/<html/);
    }),
  );

  test(
    'steps from the weights of another model',
    seeded(async () => {
      const file = fileOf('warm.csv', table(120));
      const model = path.join(folder, 'before.json');
      await fitJson([file, ...learning('number'), '--l2', '1', '--output', model]);
      const how = ['--optimizer', 'momentum', '--iterations', '40', '--warm-start', model];
      await expectAlike(launcher, 3, [file, ...learning('number'), ...how], exact);
    }),
  );

  test(
    'classes balanced by the rows of all',
    seeded(async () => {
      const file = fileOf('balanced.csv', table(150));
      const how = ['--class-weight', 'balanced', '--holdout', '0.2', '--l2', '0.1'];
      await expectAlike(launcher, 3, [file, ...learning('answer'), ...how], optimum);
    }),
  );

  test(
    'as long as it is given',
    seeded(async () => {
      const steps = ['--optimizer', 'sgd', '--learning-rate', '1e-9', '--iterations', '100000000'];
      const args = [fileOf('long.csv', table(60)), ...learning('number'), ...steps, '--max-seconds', '0.5'];
      expect(await fitOver(launcher, 2, args)).toMatchObject({
        stopped: 'early',
        notConverged: 'it was ended after 0.5 seconds: raise --max-seconds',
      });
    }),
  );

  test(
    'mini-batches of the same draws',
    seeded(async () => {
      const file = fileOf('batches.csv', table(130));
      const how = ['--strategy', 'mini-batch', '--epochs', '3', '--seed', '5', '--batch-size', '17'];
      await expectAlike(launcher, 3, [file, ...learning('answer'), ...how], exact);
    }),
  );

  test(
    'mini-batches, validated with a share of the rows',
    seeded(async () => {
      const file = fileOf('validated.csv', table(140));
      const steps = ['--strategy', 'mini-batch', '--epochs', '30', '--seed', '5', '--batch-size', '17'];
      const how = [...steps, '--validation', '0.25', '--patience', '3', '--holdout', '0.1'];
      const { validated } = await expectAlike(launcher, 3, [file, ...learning('answer'), ...how], exact);
      expect(validated).toBeGreaterThan(0);
    }),
  );

  test(
    'what patience ends, of which nothing is to be said',
    seeded(async () => {
      const file = fileOf('impatient.csv', table(140));
      // No epoch of so many is always better than the one before.
      const steps = ['--strategy', 'mini-batch', '--epochs', '2000', '--seed', '5', '--batch-size', '17'];
      const how = [...steps, '--validation', '0.25', '--patience', '1'];
      const found = await expectAlike(launcher, 3, [file, ...learning('answer'), ...how], exact);
      expect(found).toMatchObject({ stopped: 'early' });
      expect(found).not.toHaveProperty('notConverged', expect.any(String));
    }),
  );

  test(
    'batches of numbers that count, validated with a share of the rows',
    seeded(async () => {
      const file = fileOf('validated-numbers.csv', table(140));
      const how = ['--optimizer', 'adam', '--iterations', '40', '--validation', '0.2', '--weight', 'weight'];
      await expectAlike(launcher, 4, [file, ...learning('number'), ...how], exact);
    }),
  );

  test(
    'steps of each process by itself: near the same, and named as approximate',
    seeded(async () => {
      const file = fileOf('local.csv', table(400));
      const model = path.join(folder, 'local.json');
      const how = ['--strategy', 'mini-batch', '--epochs', '40', '--seed', '5', '--average-every', '3'];
      const args = [file, ...learning('number'), '--max-levels', '2', ...how];
      const { plan, notes, weights } = await fitOver(launcher, 3, [...args, '--output', model]);
      expect(plan).toBe('local');
      expect(notes).toContainEqual({
        code: 'LOCAL_STEPS',
        text: expect.stringMatching(
          /^the weights are approximate: each process took 3 steps by itself/,
        ) as string,
      });
      const { training } = JSON.parse(readFileSync(model, 'utf8')) as { training: object };
      expect(training).toMatchObject({ averageEvery: 3, plan: 'local', strategy: 'mini-batch' });
      expect((await thalweg(['evaluate', model, file, '--json'])).code).toBe(0);
      const exactly = await fitJson([file, ...learning('number'), '--max-levels', '2']);
      // Of a target that is 2a + b but for noise of 0.6 at most.
      for (const name of ['a', 'b'])
        expect(Math.abs((weights[name] ?? NaN) - (exactly.weights[name] ?? NaN))).toBeLessThan(0.3);
    }),
  );

  test(
    'fewer rows than ranks',
    seeded(async () => {
      const file = write('few.csv', 'a,c,y\n1,p,2\n2,q,5\n4,p,7\n');
      await expectAlike(launcher, 5, [file, '--target', 'y', '--l2', '0.1'], exact);
    }),
  );

  test(
    'Parquet',
    seeded(async () => {
      const rows = fileOf('rows.csv', table(180));
      const file = path.join(folder, 'rows.parquet');
      const database = await (await DuckDBInstance.create(':memory:')).connect();
      await database.run(`COPY (SELECT * FROM read_csv('${rows}')) TO '${file}' (ROW_GROUP_SIZE 64)`);
      database.closeSync();
      await expectAlike(launcher, 3, [file, ...learning('number'), '--holdout', '0.25'], exact);
    }),
  );

  test.each(['median', 'mode', 'mean'])(
    'columns that are constant, or missing on a rank, by their %s',
    seeded(async (missing) => {
      const next = numbersOf(wholeNumber());
      const rows = Array.from({ length: 60 }, (_, row) => {
        // Far from 0, yet not so far that the intercept is what is left of numbers a million times as large.
        const [a, b] = [next(), 1e3 + 10 * next()];
        // The first rank has no value of "late", and one that never changes of "step".
        const late = row < 20 || row % 7 === 0 ? '' : Math.round(4 * next());
        return [
          a,
          b,
          late,
          row < 20 ? 3 : 4,
          row % 3 === 0 ? 'u' : 'v',
          (2 * a + b / 10 + Number(late)).toFixed(6),
        ];
      });
      const file = write('parts.csv', csvText([['a', 'b', 'late', 'step', 'level', 'y'], ...rows]));
      const how = [
        '--target',
        'y',
        '--missing',
        missing,
        '--l2',
        '0.01',
        '--features',
        'a,b,late,step,level',
      ];
      await expectAlike(launcher, 3, [file, ...how], exact);
    }),
  );

  test(
    'more columns than are read one by one',
    seeded(async () => {
      const next = numbersOf(wholeNumber());
      const wide = Array.from({ length: 90 }, () => Array.from({ length: 80 }, () => next().toFixed(9)));
      const header = Array.from({ length: 80 }, (_, j) => `x${j}`);
      const file = write('wide.csv', csvText([header, ...wide]));
      await expectAlike(launcher, 3, [file, '--target', 'x0', '--l2', '0.1'], exact);
    }),
  );

  test(
    'the same bits again, and text for a person once',
    seeded(async () => {
      const file = fileOf('again.csv', table(100));
      const args = [file, ...learning('class'), '--l2', '0.1'];
      const [once, again] = [await fitOver(launcher, 3, args), await fitOver(launcher, 3, args)];
      expect({ ...again, seconds: 0 }).toEqual({ ...once, seconds: 0 });
      const { stdout } = await launched(launcher, 3, [main, 'fit', ...args]);
      expect(stdout.split('To keep it: ')).toHaveLength(2);
    }),
  );
});

const elsewhere = path.join(__dirname, 'elsewhere.cjs');

describeOnEachMpi('thalweg fit over ranks says once', (launcher) => {
  const run = (args: readonly string[], options?: LaunchOptions): Promise<Run> =>
    launched(launcher, 3, [main, ...args], options);

  function expectSaid({ code, stderr }: Run, message: RegExp): void {
    expect(stderr).toMatch(message);
    expect(stderr.split('thalweg: ERR_')).toHaveLength(2);
    expect(code).toBe(1);
  }

  const data = (): string => fileOf('refused.csv', table(20));

  test.each([['--strategy stochastic', ['--strategy', 'stochastic']]])(
    'that it does no %s',
    seeded(async (name, args) => {
      const message = new RegExp(`ERR_INVALID_ARGUMENT: ${name} is not for several ranks, and 3 processes`);
      expectSaid(await run(['fit', data(), ...learning('answer'), ...args]), message);
    }),
  );

  test(
    'that standard input is of one process',
    seeded(async () => {
      const message = /data from standard input \(-\) are not for several ranks/;
      expectSaid(await run(['fit', '-', '--format', 'csv', '--target', 'y']), message);
    }),
  );

  test(
    'that a column is not there',
    seeded(async () => {
      expectSaid(
        await run(['fit', data(), '--target', 'nothing']),
        /thalweg: ERR_COLUMN: .* no column "nothing"/,
      );
    }),
  );

  test(
    'that cross-validation is of one process',
    seeded(async () => {
      const { code, stderr } = await run(['cv', data(), ...learning('number')]);
      expect(stderr).toMatch(/ERR_INVALID_ARGUMENT: thalweg cv is not for several ranks/);
      expect(code).toBe(1);
    }),
  );

  test(
    'what is wrong with the command, once',
    seeded(async () => {
      const { code, stdout, stderr } = await run(['fit', data(), '--wrong', '--json']);
      expect(JSON.parse(stdout)).toEqual({
        error: {
          code: 'ERR_INVALID_ARGUMENT',
          message: expect.stringMatching(/unknown option '--wrong'/) as string,
        },
      });
      expect(stderr).toMatch(/error: unknown option '--wrong'/);
      expect(code).not.toBe(0);
    }),
  );

  test(
    'that there is no MPI to join',
    seeded(async () => {
      const args = ['fit', data(), ...learning('number')];
      const { code, stderr } = await run(args, { env: { THALWEG_MPI: 'another' } });
      expect(stderr).toMatch(/ERR_DRIVER_MISSING: .*\. Build it .*: npx thalweg build --mpi/);
      expect(code).toBe(1);
    }),
  );

  test(
    'nothing of each other where THALWEG_MPI is off',
    seeded(async () => {
      const args = ['fit', data(), ...learning('number'), '--json'];
      const { code, stdout } = await run(args, { env: { THALWEG_MPI: 'off' } });
      expect(stdout.split('"residency"')).toHaveLength(4);
      expect(code).toBe(0);
      expect((await thalweg(args)).code).toBe(0);
    }),
  );

  type Table = readonly unknown[][];
  const replaced =
    (row: number, column: number, value: unknown) =>
    (rows: Table): Table =>
      rows.map((each, at) => (at === row ? each.map((one, k) => (k === column ? value : one)) : each));

  /** Two levels of rows change places, so that each is there as often. */
  const swapped = (rows: Table): Table => {
    const at = rows.findIndex(([, , , level]) => level !== rows[0]?.[3]);
    const [first, other] = [rows[0]?.[3], rows[at]?.[3]];
    return rows.map((each, row) =>
      row === 0 || row === at ? each.map((one, k) => (k === 3 ? (row === 0 ? other : first) : one)) : each,
    );
  };

  test.each([
    ['a value', replaced(30, 0, 0.125), /rank 2 of 3: ERR_FILE: table.csv has other values of "a" here/],
    ['a level', replaced(3, 3, 'other'), /ERR_FILE: table.csv has other values of "level" here/],
    ['levels in another order', swapped, /ERR_FILE: table.csv has other values of "level" here/],
    [
      'the order of rows',
      (rows: Table): Table => rows.slice().reverse(),
      /ERR_FILE: table.csv has other values of "a" here/,
    ],
    ['no file', undefined, /rank 2 of 3: ERR_FILE: .*table.csv/],
  ])(
    'that a rank sees another table: %s',
    seeded(async (name, toSeen, message) => {
      const rows = table(40);
      const seen = toSeen?.(rows);
      const [here, there] = ['here', 'there'].map((end) => path.join(folder, `${name} ${end}`)) as [
        string,
        string,
      ];
      for (const each of [here, there]) mkdirSync(each, { recursive: true });
      writeFileSync(path.join(here, 'table.csv'), csvText([names, ...rows]));
      if (seen !== undefined) writeFileSync(path.join(there, 'table.csv'), csvText([names, ...seen]));
      const folders = [here, here, there].join(',');
      const how = ['fit', 'table.csv', ...learning('number'), '--missing', 'mean'];
      expectSaid(await launched(launcher, 3, [elsewhere, folders, ...how]), message);
    }),
  );

  test(
    'that a rank sees another value of one of many columns',
    seeded(async () => {
      const next = numbersOf(wholeNumber());
      const wide = Array.from({ length: 30 }, () => Array.from({ length: 70 }, () => next()));
      const header = Array.from({ length: 70 }, (_, j) => `x${j}`);
      const [here, there] = ['wide here', 'wide there'].map((end) => path.join(folder, end)) as [
        string,
        string,
      ];
      for (const each of [here, there]) mkdirSync(each, { recursive: true });
      writeFileSync(path.join(here, 'table.csv'), csvText([header, ...wide]));
      (wide[29] as number[])[33] = 0.125;
      writeFileSync(path.join(there, 'table.csv'), csvText([header, ...wide]));
      const how = ['fit', 'table.csv', '--target', 'x5'];
      const run = launched(launcher, 3, [elsewhere, [here, there, here].join(','), ...how]);
      expectSaid(
        await run,
        /rank 1 of 3: ERR_FILE: table.csv has other values of one of the 69 columns from "x0"/,
      );
    }),
  );
});
