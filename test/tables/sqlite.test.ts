import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { openSource } from '../../lib/tables/files/open-source';
import type { SourceOptions } from '../../lib/tables/files/source-options';
import { data, fileWriter, fitJson, temporaryFolder, thalweg } from '../cli/thalweg';
import { contentOf } from './content';

interface Sqlite {
  run(sql: string): void;
  export(): Uint8Array;
}

const folder = temporaryFolder();
const write = fileWriter(folder);

/** Makes a database as somebody who has SQLite would. */
async function sqlite(name: string, ...statements: string[]): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it carries no types
  const { Database } = await (require('sql.js') as () => Promise<{ Database: new () => Sqlite }>)();
  const database = new Database();
  for (const statement of statements) database.run(statement);
  return write(name, database.export());
}

const read = (sql: string, database: string): SourceOptions => ({ sql, database });

const table = `CREATE TABLE t (i INTEGER, r REAL, d DATE, s TEXT, any, b BLOB)`;
const rows = `INSERT INTO t VALUES (1, 0.1, '2026-01-31', '007', 1, x'00'), (-2, 3, '2025-12-01', 'é', 2.5, NULL), (NULL, NULL, NULL, '', 'x', x'01')`;

let file = '';
beforeAll(async () => {
  file = await sqlite('data.sqlite', table, rows);
});

describe('an SQLite file', () => {
  test('is read by SELECT, each cell as what it holds, in the order that it gives', async () => {
    expect(await contentOf([], read('SELECT * FROM t ORDER BY i DESC', file))).toEqual({
      columns: ['i', 'r', 'd', 's', 'any', 'b'],
      rows: [
        ['1', '0.1', '2026-01-31', '007', '1', null],
        ['-2', '3', '2025-12-01', 'é', '2.5', null],
        [null, null, null, null, 'x', null],
      ],
      notes: [],
    });
    const found = await contentOf(
      [],
      read('/* a */ WITH u AS (SELECT i FROM t) SELECT i AS "a b", i FROM u WHERE i > 0; -- done', file),
    );
    expect(found).toEqual({ columns: ['a b', 'i'], rows: [['1', '1']], notes: [] });
  });

  test('keeps the digits of whole numbers that a double does not hold', async () => {
    const sql = 'SELECT 9007199254740993 AS n, 9007199254740993 AS m UNION ALL SELECT -1, 0.5';
    const { rows: found } = await contentOf([], read(sql, file));
    expect(found).toEqual([
      ['9007199254740993', '9007199254740993'],
      ['-1', '0.5'],
    ]);
  });

  test('may hold other kinds of values further down', async () => {
    const last = 300_000;
    const count = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT ${last})`;
    const sql = `${count} SELECT iif(i < ${last}, i, i + 0.5) AS r, iif(i < ${last}, i * 0.5, 'x') AS s, iif(i < ${last}, NULL, 7) AS n FROM c`;
    const source = await openSource([], read(sql, file));
    const [r, s, n] = source.columns.map((column) => column.sql);
    const found = await source.database.rows(
      `SELECT sum(${String(r?.number)}), count(${String(s?.text)})::DOUBLE, count(DISTINCT ${String(s?.text)})::DOUBLE, max(${String(n?.number)}) FROM ${source.select(source.columns)}`,
    );
    const ends = await source.database.rows(
      `SELECT t FROM (SELECT r, ${String(s?.text)} AS t FROM ${source.select(source.columns, { rowNumber: true })}) WHERE r IN (1, 2, ${last}) ORDER BY r`,
    );
    source.database.close();
    expect(found).toEqual([[(last * (last + 1)) / 2 + 0.5, last, last, 7]]);
    expect(ends).toEqual([['0.5'], ['1'], ['x']]);
  });

  test.each([
    'DROP TABLE t',
    'INSERT INTO t VALUES (1, 2, 3, 4, 5, 6)',
    'SELECT 1; DROP TABLE t',
    'SELECT * FROM t) AS q; DROP TABLE t; SELECT * FROM (SELECT 1',
    'WITH a AS (SELECT 1) DELETE FROM t',
    'CREATE TABLE u AS SELECT 1',
    `ATTACH '${path.join(folder, 'stolen.sqlite')}' AS o`,
    `VACUUM INTO '${path.join(folder, 'stolen.sqlite')}'`,
    'PRAGMA query_only = false',
    'EXPLAIN SELECT * FROM t',
    '',
    '-- SELECT 1',
    'SELEC 1',
    'SELECT * FROM none',
    `SELECT readfile('${__filename}')`,
    `SELECT load_extension('stolen')`,
  ])('refuses %s', async (sql) => {
    const [before, beside] = [readFileSync(file), readdirSync(folder)];
    await expect(openSource([], read(sql, file))).rejects.toMatchObject({ code: 'ERR_FILE' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(beside);
  });

  test('of a log written ahead is read where all of it is in the file', async () => {
    const bytes = readFileSync(file);
    bytes.set([2, 2], 18);
    const logged = write('logged.sqlite', bytes);
    expect((await contentOf([], read('SELECT count(*) AS n FROM t', logged))).rows).toEqual([['3']]);
    expect(existsSync(`${logged}-wal`) || existsSync(`${logged}-shm`)).toBe(false);
    expect(readFileSync(logged).equals(bytes)).toBe(true);
    write('logged.sqlite-wal', Buffer.from([0x37, 0x7f, 6, 0x82]));
    await expect(openSource([], read('SELECT 1', logged))).rejects.toThrow(
      /logged\.sqlite is not all of its database: logged\.sqlite-wal holds changes.*\.backup copy\.sqlite/,
    );
  });

  test('that is broken is told so', async () => {
    const broken = write('broken.sqlite', readFileSync(file).fill(0xff, 100, 600));
    await expect(openSource([], read('SELECT * FROM t', broken))).rejects.toThrow(
      /broken\.sqlite: could not be read: .*malformed/,
    );
  });

  test('whose query does not end can be left', async () => {
    const endless = 'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c';
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(reason);
    }, 300);
    const opening = openSource([], read(endless, file), { signal: controller.signal });
    await expect(opening).rejects.toBe(reason);
  });
});

describe('thalweg fit', () => {
  test('learns from an SQLite file what it learns from CSV', async () => {
    const lines = readFileSync(data('diabetes.csv'), 'utf8').trim().split(/\r?\n/);
    const [names = '', ...values] = lines;
    const database = await sqlite(
      'housing.sqlite',
      `CREATE TABLE housing (${names})`,
      ...values.map(
        (line) =>
          `INSERT INTO housing VALUES (${line.replace(/[^,]*[a-z][^,]*/gi, "'$&'").replace(/(?<=^|,)(?=,|$)/g, 'NULL')})`,
      ),
    );
    const target = names.split(',').at(-1) ?? '';
    const of = ['--database', database, '--sql', 'SELECT * FROM housing ORDER BY rowid'];
    const [found, expected] = [
      await fitJson([...of, '--target', target]),
      await fitJson([data('diabetes.csv'), '--target', target]),
    ];
    expect(found.weights).toEqual(expected.weights);
    expect(found.rows).toBe(expected.rows);
  });

  test('says how a column of bytes is left out', async () => {
    const { code, stderr } = await thalweg([
      'fit',
      '--database',
      file,
      '--sql',
      'SELECT i, r, b FROM t',
      '--target',
      'i',
    ]);
    expect(stderr).toMatch(/"b".*no number, boolean, finite date or text/);
    expect(code).toBe(1);
  });
});
