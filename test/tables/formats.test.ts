import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { openSource } from '../../lib/tables/files/open-source';
import type { SourceOptions } from '../../lib/tables/files/source-options';
import { fileWriter, temporaryFolder } from '../cli/thalweg';
import { contentOf } from './content';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** Runs statements as somebody who makes files would. */
async function duckdb(database: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

const table = {
  columns: ['x', 'y'],
  rows: [
    ['1', '2'],
    ['2', '4'],
    ['3', '6'],
  ],
  notes: [],
};

describe('JSON', () => {
  const objects = table.rows.map(([x, y]) => `{"x":${x},"y":${y}}`);
  const list = `[${objects.join(',')}]`;
  const pretty = JSON.stringify(JSON.parse(list), null, 2);
  const lines = objects.join('\n');

  test.each<[string, string | Uint8Array]>([
    ['lines.jsonl', lines],
    ['lines.ndjson', lines],
    ['lines.json', lines],
    ['list.json', list],
    ['list.jsonl', list],
    ['pretty.json', pretty],
    ['pretty.jsonl', pretty],
    ['objects.json', objects.map((object) => JSON.stringify(JSON.parse(object), null, 2)).join('\n')],
    ['marked.json', `\ufeff${list}`],
    ['marked.jsonl', `\ufeff${lines}\n`],
    ['returns.jsonl', lines.replaceAll('\n', '\r\n\r\n')],
    ['packed.jsonl.gz', gzipSync(lines)],
    ['packed.json.gz', gzipSync(`\ufeff${pretty}`)],
  ])('%s', async (name, text) => {
    expect(await contentOf(write(name, text))).toEqual(table);
  });

  test('UTF-16', async () => {
    const found = await contentOf(write('wide.json', Buffer.from(`\ufeff${pretty}`, 'utf16le')));
    expect(found).toEqual({ ...table, notes: ['ENCODING'] });
  });

  test('objects within objects are columns, lists and mixtures are none', async () => {
    const text =
      '{"f":{"x":1,"g":{"a b":"u","q\\"":2}},"l":[1],"y":1}\n{"f":{"x":2,"g":null},"l":[],"y":2,"late":true}\n{"y":3}\n';
    expect(await contentOf(write('nested.jsonl', text))).toEqual({
      columns: ['f.x', 'f.g.a b', 'f.g.q"', 'l', 'y', 'late'],
      rows: [
        ['1', 'u', '2', null, '1', null],
        ['2', null, null, null, '2', 'true'],
        [null, null, null, null, '3', null],
      ],
      notes: [],
    });
  });
});

test('zstd', async () => {
  const csv = path.join(folder, 'packed.csv.zst');
  const jsonl = path.join(folder, 'packed.jsonl.zst');
  const rows = '(SELECT i AS x, 2 * i AS y FROM range(1, 4) r(i))';
  await duckdb(
    ':memory:',
    `COPY ${rows} TO '${csv}' (FORMAT csv, DELIMITER ';', COMPRESSION zstd)`,
    `COPY ${rows} TO '${jsonl}' (FORMAT json, COMPRESSION zstd)`,
  );
  expect(await contentOf(csv)).toEqual({ ...table, notes: ['DELIMITER'] });
  expect(await contentOf(jsonl)).toEqual(table);
});

describe('a packed file', () => {
  const csv = ['x,y', ...Array.from({ length: 60_000 }, (_, i) => `${i},${2 * i}`), ''].join('\n');
  const lines = Array.from({ length: 60_000 }, (_, i) => `{"x":${i},"y":${2 * i}}\n`).join('');
  const expectRefused = (file: string): unknown =>
    expect(openSource(file)).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(new RegExp(`^${path.basename(file)} cannot be unpacked: `)) as unknown,
    });

  test.each([
    ['csv', csv],
    ['jsonl', lines],
  ])('of %s that was cut short or has changed is refused', async (ending, text) => {
    const packed = gzipSync(text);
    const small = gzipSync(text.slice(0, text.indexOf('\n', 100) + 1));
    const half = packed.subarray(0, packed.length / 2);
    for (const [name, bytes] of [
      ['half', half],
      ['member', Buffer.concat([packed, small.subarray(0, -12)])],
      // The rows are there, and what tells that they are these is not.
      ['end', packed.subarray(0, -8)],
      ['small', small.subarray(0, -8)],
      ['sum', Buffer.from(packed).fill(0, packed.length - 8, packed.length - 4)],
    ] as const)
      await expectRefused(write(`cut-${name}.${ending}.gz`, bytes));
  });

  test('of several members is one file', async () => {
    const parts = ['x,y\n1,2\n2,', '4\n3,6\n'].map((text) => gzipSync(text));
    expect(await contentOf(write('members.csv.gz', Buffer.concat(parts)))).toEqual(table);
  });

  test('of zstd that was cut short is refused', async () => {
    const file = path.join(folder, 'many.csv.zst');
    const rows = '(SELECT i AS x, 2 * i AS y FROM range(200_000) r(i))';
    await duckdb(':memory:', `COPY ${rows} TO '${file}' (FORMAT csv, COMPRESSION zstd)`);
    const packed = readFileSync(file);
    for (const bytes of [1, 2, 3, 4, 1000, packed.length / 2, packed.length - 6, packed.length - 4])
      await expectRefused(write('cut.csv.zst', packed.subarray(0, packed.length - bytes)));
    const two = Buffer.concat([packed, packed]);
    await expectRefused(write('cut.csv.zst', two.subarray(0, -5)));
  });
});

test('--format says what endings do not', async () => {
  expect(
    await contentOf(write('list.txt', '[{"x":1,"y":2},{"x":2,"y":4},{"x":3,"y":6}]'), { format: 'json' }),
  ).toEqual(table);
  expect(await contentOf(write('data', 'x\ty\n1\t2\n2\t4\n3\t6\n'), { format: 'tsv' })).toEqual(table);
  expect(
    await contentOf(write('list.csv', '{"x":1,"y":2}\n{"x":2,"y":4}\n{"x":3,"y":6}\n'), { format: 'jsonl' }),
  ).toEqual(table);
});

describe('several files', () => {
  const part = (name: string, text: string): string => write(path.join('parts', name), text);
  const parts = (): string[] => [part('1.csv', 'x,y\n1,2\n'), part('2.csv', 'x,y\n2,4\n3,6\n')];
  beforeAll(() => {
    mkdirSync(path.join(folder, 'parts'));
  });

  test('are one table in their order', async () => {
    const [first = '', second = ''] = parts();
    expect(await contentOf([first, second])).toEqual(table);
    expect((await contentOf([second, first])).rows.map(([x]) => x)).toEqual(['2', '3', '1']);
  });

  test('of a glob stand in the order of their names', async () => {
    parts();
    expect(await contentOf(path.join(folder, 'parts', '?.csv'))).toEqual(table);
    expect(await contentOf(path.join(folder, '*', '[12].csv'))).toEqual(table);
    await expect(openSource(path.join(folder, 'parts', '*.tsv'))).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(/^No file matches .*\*\.tsv\. Check the path\.$/) as unknown,
    });
  });

  test('may be written differently, and hold text and numbers in one column', async () => {
    const second = Buffer.from('\ufeffx;y\r\nz;4\r\n"3";6\r\n', 'utf16le');
    const files = [
      part('a.csv', 'x,y\n1,2\n'),
      write('parts/b.csv', second),
      write('parts/c.csv.gz', gzipSync('x|y\n4|8\n')),
    ];
    expect(await contentOf(files)).toEqual({
      columns: ['x', 'y'],
      rows: [
        ['1', '2'],
        ['z', '4'],
        ['3', '6'],
        ['4', '8'],
      ],
      notes: ['ENCODING', 'DELIMITER', 'DELIMITER'],
    });
  });

  test('of JSON and Parquet', async () => {
    const json = [part('1.jsonl', '{"x":1,"y":2}\n'), part('2.jsonl', '[{"x":2,"y":4},{"x":3,"y":6}]')];
    expect(await contentOf(json)).toEqual(table);
    const parquet = ['1', '2'].map((name) => path.join(folder, 'parts', `${name}.parquet`));
    await duckdb(
      ':memory:',
      `COPY (SELECT 1 AS x, 2 AS y) TO '${parquet[0]}'`,
      `COPY (SELECT * FROM (VALUES (4, 2), (6, 3)) v(y, x)) TO '${parquet[1]}'`,
    );
    // By name.
    expect(await contentOf(parquet)).toEqual(table);
  });

  test.each<[string, string, string, RegExp, string]>([
    [
      'another name',
      'x,z\n1,2\n',
      'csv',
      /^2\.csv has other columns than 1\.csv: column 2 is "z", and "y" there/,
      'z',
    ],
    [
      'another order',
      'y,x\n1,2\n',
      'csv',
      /^2\.csv has other columns than 1\.csv: column 1 is "y", and "x" there/,
      'y',
    ],
    [
      'one column more',
      'x,y,z\n1,2,3\n',
      'csv',
      /^2\.csv has other columns than 1\.csv: column 3 is "z", and none there/,
      'z',
    ],
    [
      'one column less',
      'x\n1\n',
      'csv',
      /^2\.csv has other columns than 1\.csv: column 2 is none, and "y" there/,
      'y',
    ],
    [
      'one key more',
      '{"x":1,"y":1,"z":3}',
      'jsonl',
      /^2\.jsonl has a column "z", and 1\.jsonl has none/,
      'z',
    ],
    ['one key less', '{"x":1}', 'jsonl', /^2\.jsonl has no column "y", and 1\.jsonl has one/, 'y'],
  ])('with %s are refused', async (_, text, ending, message, column) => {
    const first = part(`1.${ending}`, ending === 'csv' ? 'x,y\n1,2\n' : '{"x":1,"y":2}\n');
    await expect(openSource([first, part(`2.${ending}`, text)])).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(message) as unknown,
      column,
      path: path.join(folder, 'parts', `2.${ending}`),
    });
  });

  test('of Parquet with another type, and of two formats, are refused', async () => {
    const parquet = ['3', '4'].map((name) => path.join(folder, 'parts', `${name}.parquet`));
    await duckdb(
      ':memory:',
      `COPY (SELECT 1 AS x) TO '${parquet[0]}'`,
      `COPY (SELECT 'a' AS x) TO '${parquet[1]}'`,
    );
    await expect(openSource(parquet)).rejects.toThrow(
      '4.parquet has a column "x" of VARCHAR, and 3.parquet has one of INTEGER.',
    );
    await expect(openSource([...parts(), ...parquet])).rejects.toThrow(
      '1.csv is csv and 3.parquet is parquet.',
    );
  });
});

describe('a database', () => {
  const file = path.join(folder, "it's.duckdb");
  const other = path.join(folder, 'other.duckdb');
  const read = (sql: string, database = file): SourceOptions => ({ sql, database });

  beforeAll(async () => {
    await duckdb(
      file,
      'CREATE TABLE t AS SELECT i AS x, 2 * i AS y FROM range(1, 4) r(i)',
      'CREATE SCHEMA s',
      `CREATE TABLE s."a;b" AS SELECT 'u' AS "c""d", 1.5::DECIMAL(4, 1) AS n`,
    );
    await duckdb(other, 'CREATE TABLE secret AS SELECT 1 AS x');
  });

  test('is read by SELECT, in the order that it gives', async () => {
    expect(await contentOf([], read('SELECT * FROM t ORDER BY x'))).toEqual(table);
    const found = await contentOf(
      [],
      read('WITH u AS (SELECT * FROM t) SELECT y, x AS "y z" FROM u ORDER BY x DESC; -- done'),
    );
    expect(found).toEqual({
      columns: ['y', 'y z'],
      rows: [
        ['6', '3'],
        ['4', '2'],
        ['2', '1'],
      ],
      notes: [],
    });
    expect(await contentOf([], read('FROM s."a;b"'))).toEqual({
      columns: ['c"d', 'n'],
      rows: [['u', '1.5']],
      notes: [],
    });
  });

  test.each([
    'DROP TABLE t',
    'INSERT INTO t VALUES (1, 2)',
    'SELECT 1; DROP TABLE t',
    'SELECT * FROM t) AS q; DROP TABLE t; SELECT * FROM (SELECT 1',
    'CREATE TABLE u AS SELECT 1',
    `ATTACH '${other}' AS o`,
    `COPY t TO '${path.join(folder, 'stolen.csv')}'`,
    'SET enable_external_access = true',
    'PRAGMA database_list',
    'INSTALL httpfs',
    '',
    'SELEC 1',
    `SELECT * FROM read_csv('${path.join(folder, 'lines.jsonl')}')`,
    `SELECT * FROM '${path.join(folder, 'lines.jsonl')}'`,
    `SELECT * FROM glob('${folder}/*')`,
    `SELECT content FROM read_text('${__filename}')`,
    `SELECT * FROM query('DROP TABLE t')`,
    `SELECT * FROM read_csv('https://example.com/data.csv')`,
    'SELECT * FROM o.secret',
  ])('refuses %s', async (sql) => {
    const before = readFileSync(file);
    write('lines.jsonl', '{"x":1}');
    await expect(openSource([], read(sql))).rejects.toMatchObject({ code: 'ERR_FILE' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).not.toContain('stolen.csv');
  });

  test('that is none is told apart', async () => {
    const text = write('text.db', 'SELECT');
    await expect(openSource([], read('SELECT 1', text))).rejects.toThrow(
      /text\.db is no DuckDB or SQLite file/,
    );
  });
});

describe('the network', () => {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/data.csv') === true) response.end('x,y\n1,2\n2,4\n3,6\n');
    else if (request.url === '/late.csv') response.end(`x,y\r\n${'1,2\r\n'.repeat(300_000)}3,4\n5,6\n`);
    else response.writeHead(404).end();
  });
  let address = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  test('is read where that is allowed', async () => {
    const url = `http://${address}/data.csv?key=secret`;
    expect(await contentOf(url, { allowNetwork: true })).toEqual(table);
    const refused = openSource(url.replace('http://', 'http://me:secret@'));
    await expect(refused).rejects.toThrow(/data\.csv is on the network.*--allow-network/);
    await expect(refused).rejects.not.toThrow(/secret/);
    await expect(openSource(`http://${address}/none.csv`, { allowNetwork: true })).rejects.toThrow(
      /answered 404/,
    );
    await expect(openSource('s3://bucket/x.csv', { allowNetwork: true })).rejects.toThrow(
      /only http and https/,
    );
  });

  test('is read again where it turns out to be written otherwise', async () => {
    const { rows, notes } = await contentOf(`http://${address}/late.csv`, { allowNetwork: true });
    expect(rows).toHaveLength(300_002);
    expect(rows.at(-1)).toEqual(['5', '6']);
    expect(notes).toEqual(['LINE_ENDS']);
  });

  test('leaves no copy behind', async () => {
    const copies = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`.thalweg-${process.pid}-`));
    const source = await openSource(`http://${address}/data.csv`, { allowNetwork: true });
    expect(copies()).toHaveLength(1);
    source.database.close();
    expect(copies()).toEqual([]);
    const wrong = write('wrong.csv', Buffer.from('a,y\r\n1,2\n3\n', 'latin1'));
    await expect(openSource(wrong)).rejects.toMatchObject({ code: 'ERR_FILE' });
    expect(copies()).toEqual([]);
  });
});

describe('names that would be SQL', () => {
  const names = ['a"b', "c'd", '"); DROP TABLE loaded0; --', 'e;f', '--', '*', 'rowid', 'p0', 'c0', '\\'];
  const values = names.map((_, index) => String(index));

  test('are columns of CSV and JSON', async () => {
    const csv = [names, values]
      .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
      .join('\n');
    const json = JSON.stringify(Object.fromEntries(names.map((name, index) => [name, index])));
    for (const [file, text] of [
      ["it's; DROP TABLE loaded0.csv", csv],
      ["it's [*].jsonl", json],
    ] as const) {
      const place = path.join(folder, file);
      writeFileSync(place, `${text}\n`);
      expect(await contentOf(place)).toEqual({ columns: names, rows: [values], notes: [] });
    }
  });
});
