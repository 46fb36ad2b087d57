import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openSource } from '../../lib/tables/files/open-source';
import { root } from '../examples/run-example';
import { type Failure, data, expectFailure, fileWriter, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const target = ['--target', 'y'];

/** Fits a file of that name and content. */
function expectRefusal(
  name: string,
  content: string | Uint8Array,
  failure: Failure,
  ...options: string[]
): Promise<void> {
  return expectFailure(['fit', write(name, content), ...target, '--json', ...options], failure);
}

/** What a data file is read as. */
async function contentOf(file: string): Promise<object> {
  const source = await openSource(file);
  const { name, columns, database } = source;
  const [[rows] = []] = await database.rows(`SELECT count(*)::DOUBLE FROM ${source.select(columns)}`);
  database.close();
  return { name, columns: columns.map((column) => column.name), rows };
}

const three = { columns: ['x', 'y'], rows: 3 };

describe('files', () => {
  const good = 'a,b,y\n1,2,3\n2,3,4\n4,5,6\n';

  test.each([
    [
      'garbage.csv',
      `${good}%%%garbage\n`,
      /garbage\.csv, line 5: 3 columns expected, 1 found in "%%%garbage"/,
      { row: 3 },
    ],
    ['title.csv', 'Sales of 2024\n\na,b,y\n1,2,3\n', /line 3: 1 column expected, .*: --skip 2\.$/m, {}],
    ['long.csv', 'a,b,y\n1,2,3\n2,3,4,5\n', /line 3: 3 columns expected, 4 found/, { row: 1 }],
    ['quote.csv', `${good}7,"8,9\n1,2,3\n`, /line 5: a quote that does not end/, { row: 3 }],
    ['zeros.csv', Buffer.from('a,y\n1,2\n\0\0\0,4\n'), /zeros\.csv is not UTF-8 text.*--encoding/, {}],
    ['comment.csv', `${good}# the end\n`, /line 5: "# the end" among the values.*--comment '#'/, { row: 3 }],
    ['empty.csv', '', /is empty/, {}],
    ['header.csv', 'a,y\n', /column names but no rows/, {}],
    ['gaps.csv', 'a,y\n1,\n,2\n', /every row lacks a value/, {}],
    ['break.csv', 'a,"b\nc",y\n1,2,3\n', /line 1: a line break in the column name "b\\nc"/, {}],
    [
      'garbage.jsonl',
      '{"a":1,"y":2}\n{"a":2,"y":3}\ngarbage\n',
      /garbage\.jsonl, line 3: not a JSON object/,
      { row: 2 },
    ],
    ['array.jsonl', '{"a":1,"y":2}\n[1,2]\n', /array\.jsonl: not JSON objects\. Give one on each line/, {}],
    ['twice.jsonl', '{"a":1,"y":2}\n{"a":1,"y":2,"a":3}\n', /line 2: the key "a" stands twice/, { row: 1 }],
    ['cases.jsonl', '{"a":1,"A":3,"y":2}\n', /keys that differ from "[aA]" in the case of letters alone/, {}],
    ['nameless.jsonl', '{"a":1,"":3,"y":2}\n', /nameless\.jsonl has a key without a name, ""/, {}],
    ['begin.json', '// notes\n[{"a":1,"y":2}]', /not JSON \(unexpected character\) at its beginning/, {}],
    ['one.json', '[{"a":1,"y":2},]', /not JSON \(unexpected character\) after 1 value\. /, {}],
    ['two.json', '[{"a":1,"y":2},{"a":1,"y":2} oops]', /\(unexpected character\) after 2 values\. /, {}],
    ['table.feather', 'ARROW1', /table\.feather is no Arrow file or stream/, {}],
    ['bad.csv.gz', Buffer.from([0x1f, 0x8b, 9, 9]), /bad\.csv\.gz cannot be unpacked/, {}],
    ['fake.parquet', 'PAR1 is how it starts', /could not be read: No magic bytes found/, {}],
    [
      'data.xlsx',
      'x',
      /of no known format. Give a file that ends in \.csv, \.tsv, \.json, \.jsonl, \.ndjson, \.parquet, \.arrow/,
      {},
    ],
  ])('%s', async (name, content, message, details) => {
    await expectRefusal(name, content, {
      code: 'ERR_FILE',
      message,
      path: path.join(folder, name),
      ...details,
    });
  });

  test.each([
    ['no-such.csv', /There is no file no-such\.csv/],
    ['https://example.com/data.csv', /https:\/\/example\.com\/data\.csv is on the network.*--allow-network/],
    ['.', /\. is not a file/],
  ])('%s', async (file, message) => {
    await expectFailure(['fit', file, ...target], { code: 'ERR_FILE', message });
  });

  test('a name with glob characters and quotes is that file alone', async () => {
    const text = 'x,y\n1,2\n2,4\n3,6\n';
    const lines = '{"x":1,"y":2}\n{"x":2,"y":4}\n{"x":3,"y":6}\n';
    // Each is what one of the others would stand for.
    for (const name of ['a.csv', 'b.csv', 'a1.csv', 'a1b.csv', 'a.jsonl']) write(name, '');
    mkdirSync(path.join(folder, 'sub[a]', 'year=2020'), { recursive: true });
    mkdirSync(path.join(folder, 'suba'), { recursive: true });
    const odd: [string, string][] = [
      ...[
        '[ab].csv',
        '[!b].csv',
        '*.csv',
        '?.csv',
        '{a,b}.csv',
        "a[1]*?'.csv",
        'x**.csv',
        '[a.csv',
        '\\*.csv',
      ].map((name): [string, string] => [name, text]),
      ['[ab].jsonl', lines],
      ['sub[a]/[b].csv', text],
      // DuckDB would make a column of the year.
      ['sub[a]/year=2020/a.jsonl', lines],
    ];
    for (const [name, content] of odd) {
      expect(await contentOf(write(name, content))).toEqual({ name: path.basename(name), ...three });
    }
    // And so by the command line.
    const { rows, features } = await fitJson([path.join(folder, '[ab].csv'), ...target]);
    expect({ rows, features }).toEqual({ rows: 3, features: ['x'] });
  });

  test('a Parquet file of a partition is that file alone', async () => {
    const file = path.join(folder, 'year=2020', '[a].parquet');
    mkdirSync(path.dirname(file));
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    await connection.run(`COPY (SELECT i AS x, 2 * i AS y FROM range(3) r(i)) TO '${file}' (FORMAT parquet)`);
    connection.closeSync();
    database.closeSync();
    expect(await contentOf(file)).toEqual({ name: '[a].parquet', ...three });
  });

  test('an output that cannot be written is said before the work', async () => {
    const output = path.join(folder, 'absent', 'model.json');
    await expectFailure(
      ['fit', data('diabetes.csv'), '--target', 'progression', '--output', output, '--json'],
      {
        code: 'ERR_FILE',
        message: /Cannot write .*absent/,
        path: output,
      },
    );
  });
});

describe('columns', () => {
  test.each([
    [['--target', 'progresion'], /no column "progresion"\. Did you mean "progression"\?/, 'progresion'],
    [['--target', 'progression', '--features', 'eag'], /no column "eag"\. Its columns: age, sex/, 'eag'],
    [['--target', 'progression', '--features', 'aeg,bmi'], /no column "aeg"\. Did you mean "age"\?/, 'aeg'],
    [['--target', 'progression', '--features', 'age,bmj'], /no column "bmj"\. Did you mean "bmi"\?/, 'bmj'],
    [['--target', 'weight'], /no column "weight"\. Its columns: age, sex, bmi, /, 'weight'],
    [['--target', 'age', '--features', 'bmi,age'], /"age" is the target/, 'age'],
    [['--target', 'age', '--features', 'bmi,bmi'], /"bmi" is named twice/, 'bmi'],
    [['--target', 'age', '--categories', 'sexx'], /no column "sexx"\. Did you mean "sex"\?/, 'sexx'],
  ])('%j', async (options, message, column) => {
    await expectFailure(['fit', data('diabetes.csv'), '--json', ...options], {
      code: 'ERR_COLUMN',
      message,
      column,
    });
  });

  test.each([
    [
      'word.csv',
      'a,y\n1,2\n2,3\n3,4\nfoo,5\n',
      'ERR_COLUMN',
      /row 4: the column "a" holds "foo", where 3 of its 4 values are a number/,
      'a',
      3,
    ],
    ['target.csv', 'a,y\n1,2\n2,3\n3,4\n4,foo\n', 'ERR_COLUMN', /row 4: the column "y" holds "foo"/, 'y', 3],
    [
      'mixed.jsonl',
      '{"a":1,"y":2}\n{"a":"b","y":3}\n',
      'ERR_COLUMN',
      /row 2: the column "a" holds "b", where 1 of its 2/,
      'a',
      1,
    ],
    [
      'dates.csv',
      'a,y\n2020-01-01,2\n2020-13-01,3\n',
      'ERR_COLUMN',
      /row 2: the column "a" holds "2020-13-01", where 1 of its 2 values are a date/,
      'a',
      1,
    ],
    [
      'comma.csv',
      'a;y\n1,500;1\n2,500;2\n',
      'ERR_COLUMN',
      /row 1: the column "a" holds "1,500", which reads in two ways.* --numbers a=decimal-point .* --numbers a=decimal-comma/,
      'a',
      0,
    ],
    [
      'infinite.csv',
      'a,y\n1,2\ninf,3\n',
      'ERR_NOT_FINITE',
      /row 2: the column "a" holds "inf", which is infinite/,
      'a',
      1,
    ],
    ['huge.csv', 'a,y\n1,2\n3,1e999\n', 'ERR_NOT_FINITE', /row 2: the column "y" holds "1e999"/, 'y', 1],
    [
      'nested.jsonl',
      '{"a":1,"y":2}\n{"a":[1],"y":3}\n',
      'ERR_COLUMN',
      /row 2: the column "a" holds a value that is no number/,
      'a',
      1,
    ],
    [
      'blank.csv',
      'a,y\n1,\n2,\n',
      'ERR_COLUMN',
      /"y" of blank\.csv has no values\. Choose another --target\./,
      'y',
      undefined,
    ],
    ['twice.csv', 'a,a,y\n1,2,3\n', 'ERR_COLUMN', /two columns "a"/, 'a', undefined],
    [
      'three.csv',
      'a,y\n1,p\n2,q\n3,r\n',
      'ERR_COLUMN',
      /"y" .* is text with a level of its own in each row \("p", "q", "r"\)/,
      'y',
      undefined,
    ],
    ['one.csv', 'a,y\n1,p\n2,p\n', 'ERR_COLUMN', /"y" .* is text with one level \("p"\)/, 'y', undefined],
    [
      'single.csv',
      'a,y\np,1\np,2\n',
      'ERR_COLUMN',
      /Nothing can be learned of any column of single\.csv besides the target: a \(one level\)/,
      undefined,
      undefined,
    ],
    ['lonely.csv', 'y\n1\n2\n', 'ERR_COLUMN', /no column besides the target/, undefined, undefined],
  ])('%s', async (name, content, code, message, column, row) => {
    const place = { ...(column === undefined ? {} : { column }), ...(row === undefined ? {} : { row }) };
    await expectRefusal(name, content, { code, message, ...place });
  });

  test('more levels than there is memory for', async () => {
    const file = path.join(folder, 'levels.parquet');
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    await connection.run(
      `COPY (SELECT 'level ' || (i % 200000) AS a, i % 7 AS y FROM range(1000000) r(i)) TO '${file}' (FORMAT parquet)`,
    );
    connection.closeSync();
    database.closeSync();
    // Where a missing one is taken for the average of all they cannot be codes.
    const args = ['fit', file, ...target, '--iterations', '5', '--device', 'cpu', '--missing', 'mean'];
    await expectFailure([...args, '--json'], {
      code: 'ERR_COLUMN',
      message: /"a" of levels\.parquet is text with about \d+,000 levels.* take 1,\d00 GB.* --max-levels 100/,
      column: 'a',
    });
  });

  test('types of Parquet that cannot be learned from', async () => {
    const file = path.join(folder, 'types.parquet');
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    await connection.run(
      `COPY (SELECT [i] AS list, CASE i WHEN 2 THEN 'infinity'::TIMESTAMP ELSE TIMESTAMP '2020-01-01' END AS day,
        i::DOUBLE AS x, i AS y FROM range(4) r(i)) TO '${file}' (FORMAT parquet)`,
    );
    connection.closeSync();
    database.closeSync();
    for (const [column, row] of [
      ['list', 0],
      ['day', 2],
    ] as const) {
      const message = new RegExp(
        `row ${row + 1}: the column "${column}" holds a value that is no number, boolean, finite date or text \\(its type is (?:INTEGER|BIGINT|TIMESTAMP)`,
      );
      await expectFailure(['fit', file, ...target, '--features', column, '--json'], {
        code: 'ERR_COLUMN',
        message,
        column,
        row,
      });
    }
  });

  test('nothing left to train on', async () => {
    const message =
      /every row lacks a value or is held out, so that none is left to train on\. Use a smaller --holdout/;
    await expectRefusal('few.csv', 'a,y\n1,2\n', { code: 'ERR_FILE', message }, '--holdout', '0.999');
  });

  test('--missing error names the first row', async () => {
    await expectRefusal(
      'lacking.csv',
      'a,y\n1,2\n2,3\n,4\n,5\n',
      { code: 'ERR_COLUMN', message: /row 3: the column "a" has no value there/, column: 'a', row: 2 },
      '--missing',
      'error',
    );
  });

  test.each([
    ['sigmoid', /row 2: the target "y" is 2; a sigmoid learns 0 and 1/, 1],
    ['exp', /row 3: the target "y" is -1; an exponential neuron learns counts/, 2],
  ])('a target that does not suit %s', async (activation, message, row) => {
    const content = 'a,y\n1,1\n2,2\n3,-1\n';
    await expectRefusal(
      'suit.csv',
      content,
      { code: 'ERR_COLUMN', message, column: 'y', row },
      '--activation',
      activation,
    );
  });
});

describe('training', () => {
  const fit = ['fit', data('diabetes.csv'), '--target', 'progression', '--json'];

  test('a rate that diverges', async () => {
    await expectFailure([...fit, '--no-standardize', '--learning-rate', '1'], {
      code: 'ERR_DIVERGED',
      message: /diverged.*; use a smaller --learning-rate or 'auto'/,
      iteration: expect.any(Number) as unknown,
      lastLoss: expect.any(Number) as unknown,
      largestStableLearningRate: expect.any(Number) as unknown,
    });
  });

  test('averages over processes in one that was started alone', async () => {
    await expectFailure([...fit, '--strategy', 'mini-batch', '--average-every', '5'], {
      ...{ code: 'ERR_INVALID_ARGUMENT', message: /--average-every .* this process was started alone/ },
      option: 'average-every',
    });
  });

  test('a device that is not there', async () => {
    await expectFailure(
      [...fit, '--device', 'opencl'],
      { code: 'ERR_DRIVER_MISSING', message: /there is no device 'opencl'/, device: 'opencl' },
      { env: { THALWEG_OPENCL_LIBRARY: '/no/such/libOpenCL.so' } },
    );
    await expectFailure([...fit, '--optimizer', 'lbfgs', '--learning-rate', '0.1', '--json'], {
      ...{
        code: 'ERR_INVALID_ARGUMENT',
        message: /^(thalweg: \w+: )?--optimizer 'lbfgs' .* --learning-rate/,
      },
      option: 'learning-rate',
    });
    await expectFailure([...fit, '--device', 'tpu'], { code: 'ERR_INVALID_ARGUMENT', message: /tpu/ });
  });
});

describe('wrong usage ends with 2', () => {
  const fit = ['fit', data('diabetes.csv'), '--target', 'progression'];

  test.each([
    [[], /Usage: thalweg/],
    [['fti'], /unknown command 'fti'\n\(Did you mean fit\?\)/],
    [['fit'], /missing required argument 'data'|required option '-t, --target/],
    [['fit', data('diabetes.csv')], /required option '-t, --target <column>'/],
    [[...fit, '--iteration', '5'], /unknown option '--iteration'\n\(Did you mean --iterations\?\)/],
    [[...fit, '--iterations', '0'], /'0' is invalid\. It must be a whole number from 1 to 100000000/],
    [[...fit, '--iterations', '1.5'], /'1\.5' is invalid/],
    [[...fit, '--learning-rate', '-1'], /It must be auto or a number above 0/],
    [[...fit, '--patience', '3'], /--patience needs rows to validate with/],
    [[...fit, '--validation', '0'], /above 0 and below 1/],
    [[...fit, '--validation', '1'], /below 1/],
    [[...fit, '--schedule', 'step'], /stepSize must be an integer from 1/],
    [[...fit, '--schedule', 'cosine,tmax=3'], /schedule 'cosine' has no option 'tmax'/],
    [[...fit, '--schedule', 'cosine,tMax=x'], /tMax must be an integer from 1/],
    [[...fit, '--learning-rate', 'fast'], /It must be auto or a number above 0/],
    [[...fit, '--l2', 'NaN'], /It must be a number of at least 0/],
    [[...fit, '--seed', '4294967296'], /It must be a whole number from 0 to 4294967295/],
    [[...fit, '--holdout', '1'], /It must be at least 0 and below 1/],
    [[...fit, '--strategy', 'newton'], /Allowed choices are batch, stochastic, mini-batch/],
    [[...fit, '--missing', 'guess'], /Allowed choices are drop, mean, median, mode, indicator, error/],
    [[...fit, '--epochs', '5'], /--epochs has no meaning for --strategy batch\. Use --iterations/],
    [
      [...fit, '--strategy', 'stochastic', '--iterations', '5'],
      /--iterations has no meaning for --strategy stochastic/,
    ],
    [[...fit, '--batch-size', '5'], /--batch-size has no meaning/],
    [[...fit, '--average-every', '5'], /--average-every has no meaning/],
    [
      [...fit, '--optimizer', 'lbfgs', '--schedule', 'cosine'],
      /--schedule has no meaning for --optimizer lbfgs/,
    ],
    [[...fit, '--features', 'age,,bmi'], /names of columns with commas between them/],
    [['devices', 'more'], /too many arguments/],
    [['fit', '--target', 'y'], /missing required argument 'data'/],
    [['fit', '-', '--target', 'y'], /what standard input holds has to be said, as in --format csv/],
    [['fit', '-', '-', '--format', 'csv', '--target', 'y'], /standard input can be read once/],
    [[...fit, '--sql', 'SELECT 1'], /--sql and --database go together/],
    [['fit', '--database', 'x.duckdb', '--target', 'y'], /--sql and --database go together/],
    [[...fit, '--sql', 'SELECT 1', '--database', 'x.duckdb'], /with --sql the data come from --database/],
    [[...fit, '--delimiter', ';;'], /It must be one ASCII character, or one of tab/],
    [[...fit, '--quote', '\n'], /It must be one ASCII character, or one of none/],
    [[...fit, '--encoding', 'utf-9'], /It must be an encoding such as utf-8/],
    [[...fit, '--decimal', ',', '--delimiter', ','], /--decimal and --delimiter are both ","/],
    [[...fit, '--skip', '-1'], /It must be a whole number from 0/],
    [[...fit, '--format', 'xlsx'], /Allowed choices are csv, tsv, json, jsonl, parquet, arrow/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await thalweg(args);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test.each([
    [
      [...fit, '--json', '--iteration', '5'],
      /^unknown option '--iteration'\n\(Did you mean --iterations\?\)$/,
    ],
    [[...fit, '--lr', '1', '--json'], /^unknown option '--lr'\n\(Did you mean --learning-rate\?\)$/],
    [['fit', data('diabetes.csv'), '--json'], /^required option '-t, --target <column>' not specified$/],
    [[...fit, '--patience', '3', '--json'], /^--patience needs rows to validate with/],
    [['predict', 'm.json', 'd.csv', '--threshold', '2', '--json'], /'2' is invalid\. It must be from 0 to 1/],
    [['devices', '--json', 'all'], /^too many arguments/],
    [['fti', '--json'], /^unknown command 'fti'/],
  ])('and with --json is told as any other error: %j', async (args, message) => {
    const { code, stdout } = await thalweg(args);
    expect(code).toBe(2);
    const error = { code: 'ERR_INVALID_ARGUMENT', message: expect.stringMatching(message) as unknown };
    expect(JSON.parse(stdout)).toEqual({ error });
  });

  test('help and version are no failures', async () => {
    const help = await thalweg(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/Usage: thalweg .*fit .*predict .*evaluate .*devices .*doctor .*build/s);
    expect(await thalweg(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    expect((await thalweg(['fit', '--help'])).stdout).toMatch(/--holdout <share>/);
  });
});

/** The command line where packages are not installed. */
function without(...missing: string[]): { main: string; cwd: string } {
  const bare = path.join(folder, `bare-${missing.length}`);
  mkdirSync(path.join(bare, 'node_modules'), { recursive: true });
  for (const name of ['dist', 'package.json'])
    cpSync(path.join(root, name), path.join(bare, name), { recursive: true });
  for (const name of ['build', 'prebuilds'].filter((built) => existsSync(path.join(root, built)))) {
    symlinkSync(path.join(root, name), path.join(bare, name));
  }
  for (const name of readdirSync(path.join(root, 'node_modules')).filter((name) => !missing.includes(name))) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(bare, 'node_modules', name));
  }
  return { main: path.join(bare, 'dist', 'cli', 'main.js'), cwd: bare };
}

test('without @duckdb/node-api the rest works, and data commands say what to install', async () => {
  const options = without('@duckdb');
  await expectFailure(
    ['fit', data('diabetes.csv'), '--target', 'progression'],
    { code: 'ERR_FILE', message: /npm install @duckdb\/node-api/ },
    options,
  );
  const { code, stdout } = await thalweg(['devices', '--json'], options);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ id: 'cpu' }, ...(JSON.parse(stdout) as unknown[]).slice(1)]);
});

test('columns of Parquet keep their names, whose letters may differ in case alone', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const inner = "{'q': i, 'r': [i]} AS s";
  const parquet = async (name: string, columns: string): Promise<string> => {
    const file = path.join(folder, name);
    // DuckDB writes no such names: of one length they are put in their place afterwards.
    await connection.run(
      `COPY (SELECT ${inner}, (i % 5)::DOUBLE AS ${columns}, (i * i % 7)::DOUBLE AS bb, (i % 5 + 10 * (i * i % 7))::DOUBLE AS y FROM range(40) r(i)) TO '${file}' (FORMAT parquet, COMPRESSION uncompressed)`,
    );
    return file;
  };
  const renamed = (file: string, name: string): string => {
    const bytes = readFileSync(file).toString('latin1').replaceAll('\x02bb', `\x02${name}`);
    return write(path.basename(file), Buffer.from(bytes, 'latin1'));
  };
  const cases = renamed(await parquet('cases.parquet', 'aa'), 'AA');
  const twice = renamed(await parquet('twice.parquet', 'aa'), 'aa');
  const swapped = path.join(folder, 'swapped.parquet');
  await connection.run(
    `COPY (SELECT ${inner}, (i % 7)::DOUBLE AS "AA", (i % 3)::DOUBLE AS bb, (i % 3 + 10 * (i % 7))::DOUBLE AS y FROM range(40) r(i)) TO '${swapped}' (FORMAT parquet, COMPRESSION uncompressed)`,
  );
  renamed(swapped, 'aa');
  connection.closeSync();
  instance.closeSync();
  const { weights } = await fitJson([cases, ...target, '--exclude', 's']);
  expect(weights).toEqual({ aa: expect.closeTo(1, 9) as unknown, AA: expect.closeTo(10, 9) as unknown });
  const both = await fitJson([cases, swapped, ...target, '--exclude', 's']);
  expect(both).toMatchObject({ rows: 80, weights });
  await expectFailure(['fit', twice, ...target, '--exclude', 's'], {
    code: 'ERR_COLUMN',
    message: /twice\.parquet has two columns "aa"/,
  });
});

test.each([
  ['', /--sql takes one SELECT/],
  ['SELECT note FROM', /could not be read: syntax error at end of input/],
  [' ; -- nothing', /--sql takes one SELECT/],
  ['SELECT 1; SELECT 2', /--sql takes one SELECT/],
  ['SELECT nope, y FROM t', /tables\.duckdb: .*"nope" not found.*Candidate bindings: .*"note"/],
  ['SELECT * FROM tt', /tt does not exist! Did you mean "t"/],
  ["SELECT * FROM '/etc/passwd.csv'", /nothing but it is read, and "\/etc\/passwd\.csv" is asked for/],
])('--sql %j of a DuckDB file', async (sql, message) => {
  const file = path.join(folder, 'tables.duckdb');
  if (!existsSync(file)) {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run('CREATE TABLE t AS SELECT i AS note, 2 * i AS y FROM range(9) r(i)');
    connection.closeSync();
    instance.closeSync();
  }
  await expectFailure(['fit', '--database', file, '--sql', sql, '--target', 'y'], {
    code: 'ERR_FILE',
    message,
  });
  await expectFailure(['fit', file, '--target', 'y'], {
    code: 'ERR_FILE',
    message: /--database tables\.duckdb --sql/,
  });
});

test('what reads SQLite and Arrow is asked for where it is not installed', async () => {
  const options = without('sql.js', 'apache-arrow');
  const database = write('lite.sqlite', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(84)]));
  await expectFailure(
    ['fit', '--database', database, '--sql', 'SELECT 1 AS y', '--target', 'y'],
    { code: 'ERR_FILE', message: /lite\.sqlite is an SQLite file.*Install it: npm install sql\.js/ },
    options,
  );
  await expectFailure(
    ['fit', write('some.arrow', 'ARROW1'), '--target', 'y'],
    { code: 'ERR_FILE', message: /Arrow files are read with.*npm install apache-arrow lz4js fzstd/ },
    options,
  );
});
