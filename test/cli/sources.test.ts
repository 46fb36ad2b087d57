import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { plainEnvironment, root } from '../examples/run-example';
import { expectFailure, fileWriter, fitJson, main, noteTexts, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

const rows = Array.from({ length: 30 }, (_, i) => [i, (i * 7) % 11, 2 * i - ((i * 7) % 11) + 3]);
const text = (of: readonly (readonly number[])[], between = ','): string =>
  [['a', 'b', 'y'], ...of].map((row) => `${row.join(between)}\n`).join('');
const weights = { a: expect.closeTo(2, 6) as unknown, b: expect.closeTo(-1, 6) as unknown };
const target = ['--target', 'y', '--device', 'cpu'];

test('fit, evaluate and predict read several files, standard input and a database alike', async () => {
  const model = path.join(folder, 'model.json');
  const halves = [write('1.csv', text(rows.slice(0, 9))), write('2.csv', text(rows.slice(9), ';'))];
  expect(await fitJson([...halves, ...target, '--output', model])).toMatchObject({ rows: 30, weights });
  const input = await thalweg(['fit', '-', '--format', 'csv', ...target, '--json'], { input: text(rows) });
  expect(JSON.parse(input.stdout)).toMatchObject({ rows: 30, weights });

  const file = path.join(folder, 'rows.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE t AS SELECT i AS a, (i * 7) % 11 AS b, 2 * i - b + 3 AS y FROM range(30) r(i)`,
  );
  connection.closeSync();
  instance.closeSync();
  const database = ['--database', file, '--sql', 'SELECT * FROM t ORDER BY a'];
  expect(await fitJson([...database, ...target])).toMatchObject({ rows: 30, weights });

  const predicted = await Promise.all([
    thalweg(['predict', model, ...halves, '--quiet']),
    thalweg(['predict', model, ...database, '--quiet']),
    thalweg(['predict', model, '-', '--format', 'csv', '--quiet'], { input: text(rows) }),
  ]);
  for (const { code, stdout } of predicted) {
    expect(code).toBe(0);
    const [head, ...values] = stdout.trimEnd().split('\n');
    expect(head).toBe('prediction');
    expect(values.map(Number)).toEqual(rows.map(([, , y]) => expect.closeTo(y as number, 6) as unknown));
  }
  const evaluated = await thalweg(['evaluate', model, '-', '--format', 'csv'], { input: text(rows) });
  expect(evaluated.stdout).toMatch(/^R² 1\.0000 on 30 rows of standard input; 0 for their mean$/m);
});

test('a file that is given twice counts twice, which is said', async () => {
  const file = write('again.csv', text(rows));
  const found = await fitJson([file, path.join(folder, 'agai?.csv'), ...target]);
  expect(found).toMatchObject({ rows: 60, weights });
  expect(noteTexts(found, 'FILE_TWICE')).toEqual([
    'again.csv is given more than once: its rows count as often',
  ]);
});

test('columns of one name in a SELECT are refused where the name is needed', async () => {
  const file = path.join(folder, 'names.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE t AS SELECT i AS a, i AS c, 2 * i AS y FROM range(9) r(i)`);
  connection.closeSync();
  instance.closeSync();
  const args = (sql: string): string[] => ['fit', '--database', file, '--sql', sql, ...target];
  await expectFailure(args('SELECT a, c AS a, y FROM t'), {
    code: 'ERR_COLUMN',
    message: /has two columns "a"/,
    column: 'a',
  });
  const found = await fitJson(args('SELECT a, a AS b, c AS A, y FROM t').slice(1));
  expect(Object.keys(found.weights)).toEqual(['a', 'b', 'A']);
});

test('data are named once; of other options the last counts', async () => {
  const file = write('options.csv', text(rows));
  for (const [option, one, other] of [
    ['database', 'a.duckdb', 'b.duckdb'],
    ['sql', 'SELECT 1', 'SELECT 2'],
  ] as const) {
    const given = ['fit', '--json', `--${option}`, one, `--${option}=${other}`];
    const { code, stderr, stdout } = await thalweg(given);
    expect(stderr).toContain(`--${option} is given twice, as ${one} and as ${other}. Give it once.`);
    expect({ code, error: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 2,
      error: { error: { code: 'ERR_INVALID_ARGUMENT' } },
    });
  }
  expect(await fitJson([file, '--target', 'a', ...target])).toMatchObject({ target: { name: 'y' } });
});

test('where a title is taken for the names, the error says how to skip it', async () => {
  const names = 'a,b,y';
  for (const [title, skip] of [
    ['Report,,', 1],
    ['Report,2024,\n,,\n', 3],
  ] as const) {
    const file = write('titled.csv', [title, names, ...rows.map((row) => row.join(','))].join('\n'));
    await expectFailure(['fit', file, ...target], {
      code: 'ERR_COLUMN',
      message: new RegExp(`no column "y".* line ${skip + 1}: --skip ${skip}\\.`),
    });
    expect(await fitJson([file, ...target, '--skip', String(skip)])).toMatchObject({ rows: 30, weights });
  }
  const numbered = write('numbered.csv', text(rows).replace(/^/gm, 'r,').replace(/^r/, '').trimEnd());
  const { stderr } = await thalweg(['fit', numbered, '--target', 'z']);
  expect(stderr).not.toContain('--skip');
});

test('what was guessed is said on standard error', async () => {
  const { stderr, code } = await thalweg(['fit', write('semicolons.csv', text(rows, ';')), ...target]);
  expect({ stderr, code }).toEqual({
    stderr: 'semicolons.csv: values are taken to have a semicolon between them; --delimiter says otherwise\n',
    code: 0,
  });
  const said = await thalweg(['fit', path.join(folder, 'semicolons.csv'), '--delimiter', ';', ...target]);
  expect(said).toMatchObject({ stderr: '', code: 0 });
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while standard input is read leaves no copy',
  async (signal) => {
    const child = spawn(process.execPath, [main, 'fit', '-', '--format', 'csv', ...target], {
      cwd: root,
      env: plainEnvironment(),
    });
    const copies = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`.thalweg-${child.pid ?? 0}-`));
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdin.write(text(rows));
    while (copies().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect(await closed).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(copies()).toEqual([]);
  },
);
