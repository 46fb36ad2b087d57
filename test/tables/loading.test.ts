import { openSource } from '../../lib/tables/files/open-source';
import type { Source, SourceColumn } from '../../lib/tables/files/source';
import { fileWriter, temporaryFolder } from '../cli/thalweg';

const write = fileWriter(temporaryFolder());

/** Opens a file of `columns` by `cells(row)`. */
async function opened(
  name: string,
  rows: number,
  columns: readonly string[],
  cells: (row: number) => readonly string[],
): Promise<Source> {
  const lines = Array.from({ length: rows }, (_, row) => `${cells(row).join(',')}\n`);
  return await openSource(write(name, `${columns.join(',')}\n${lines.join('')}`));
}

function column(source: Source, name: string): SourceColumn {
  const [found] = source.columnsNamed.get(name) ?? [];
  if (found === undefined) throw new Error(`There is no column ${name}.`);
  return found;
}

/** The text of a column in a row, from 1, and how many values the column has. */
async function at(source: Source, name: string, row: number): Promise<unknown[]> {
  const found = column(source, name);
  const numbered = source.select([found], { rowNumber: true });
  const [cells = []] = await source.database.rows(
    `SELECT max(CASE WHEN r = ${row} THEN CAST(${found.alias} AS VARCHAR) END), count(${found.alias})::DOUBLE FROM ${numbered}`,
  );
  return [...cells];
}

describe.each([2, 70])('%i columns more', (more) => {
  // More than the head that is looked at for numbers.
  const rows = more === 2 ? 45_000 : 3_000;
  const others = Array.from({ length: more }, (_, k) => `k${k}`);
  const last = rows - 1;

  test.each([
    ['a fraction among integers', '1.5', 'DOUBLE', '1.5'],
    ['an exponent', '1e3', 'DOUBLE', '1000.0'],
    ['a word', 'NA', 'text', 'NA'],
    ['a comma', '"1,5"', 'text', '1,5'],
    ['hexadecimal', '0x10', 'text', '0x10'],
    ['more digits than a double has', '12345678901234567891', 'text', '12345678901234567891'],
    ['2⁵³', '9007199254740992', 'text', '9007199254740992'],
    ['one less', '-9007199254740991', 'DOUBLE', '-9007199254740991.0'],
    ['NaN', 'NaN', 'text', 'NaN'],
    ['an infinity', '-inf', 'text', '-inf'],
    ['more than the largest double', '1e400', 'text', '1e400'],
  ])('%s in the last row alone', async (_, value, type, text) => {
    const source = await opened('late.csv', rows, ['n', 'x', ...others], (row) => [
      String(row),
      row === last ? value : String(row % 9),
      ...others.map((__, k) => String(k)),
    ]);
    try {
      expect(column(source, 'x').type).toBe(type);
      expect(await at(source, 'x', rows)).toEqual([text, rows]);
      expect(column(source, 'n').type).toBe('DOUBLE');
      expect(await at(source, 'n', rows)).toEqual([`${last}.0`, rows]);
      expect(await at(source, 'n', 2_345)).toEqual(['2344.0', rows]);
    } finally {
      source.database.close();
    }
  });

  test.each([
    ['a leading zero', '01', '01'],
    ['underscores', '1_000', '1_000'],
    ['quotes around a word', '"NA"', 'NA'],
  ])('%s in the head', async (_, value, text) => {
    const source = await opened('head.csv', rows, ['n', 'x', ...others], (row) => [
      String(row),
      row === 7 ? value : '5',
      ...others.map(() => '1'),
    ]);
    try {
      expect(column(source, 'x').type).toBe('text');
      expect(await at(source, 'x', 8)).toEqual([text, rows]);
    } finally {
      source.database.close();
    }
  });

  test('are read again as text, and words without quotes as missing', async () => {
    const source = await opened('again.csv', rows, ['n', 'x', 'word', ...others], (row) => [
      `${row % 10}.50`,
      String(row),
      row % 3 === 0 ? 'NA' : row % 3 === 1 ? '"NA"' : 'b',
      ...others.map(() => '1'),
    ]);
    try {
      expect(column(source, 'n').type).toBe('DOUBLE');
      await source.takeAsText([column(source, 'n')]);
      expect(column(source, 'n').type).toBe('text');
      expect(await at(source, 'n', 12)).toEqual(['1.50', rows]);
      expect(await at(source, 'word', 1)).toEqual(['NA', rows]);
      await source.takeAsMissing([column(source, 'word')], ['NA']);
      expect(await at(source, 'word', 1)).toEqual([null, (rows / 3) * 2]);
      expect(await at(source, 'word', rows - 1)).toEqual(['NA', (rows / 3) * 2]);
      // Together with columns that were read before.
      const both = source.select([column(source, 'x'), column(source, 'word'), column(source, 'n')], {
        rowNumber: true,
      });
      const [x, word, n] = ['x', 'word', 'n'].map((name) => column(source, name).alias);
      expect(
        await source.database.rows(
          `SELECT count(*)::DOUBLE FROM ${both} WHERE ${x} = r - 1 AND ${n} = ((r - 1) % 10)::VARCHAR || '.50' ` +
            `AND (${word} IS NULL) = ((r - 1) % 3 = 0)`,
        ),
      ).toEqual([[rows]]);
    } finally {
      source.database.close();
    }
  });
});

test('the empty value is missing, in quotes or not', async () => {
  const source = await openSource(write('empty.csv', '"x","w"\n"1","a"\n"",""\n,\n"2","b"\n'));
  try {
    expect(column(source, 'x').type).toBe('DOUBLE');
    expect(await at(source, 'x', 2)).toEqual([null, 2]);
    expect(await at(source, 'w', 2)).toEqual([null, 2]);
    await source.takeAsMissing([column(source, 'w')], ['a']);
    expect(await at(source, 'w', 1)).toEqual(['a', 2]);
    expect(await at(source, 'w', 2)).toEqual([null, 2]);
  } finally {
    source.database.close();
  }
});

test('JSON numbers of more digits than a double has are seen as they are', async () => {
  const source = await openSource(
    write('ids.jsonl', '{"id":12345678901234567890,"x":1,"s":"1"}\n{"id":1,"x":1.5,"s":"2"}\n'),
  );
  try {
    expect(['id', 'x', 's'].map((name) => column(source, name).type)).toEqual(['json', 'DOUBLE', 'json']);
    expect(await at(source, 'id', 1)).toEqual(['12345678901234567890', 2]);
    expect(await at(source, 'x', 2)).toEqual(['1.5', 2]);
  } finally {
    source.database.close();
  }
});
