import { gzipSync } from 'node:zlib';
import { openSource } from '../../lib/tables/files/open-source';
import type { SourceOptions } from '../../lib/tables/files/source-options';
import { fileWriter, temporaryFolder } from '../cli/thalweg';
import { contentOf } from './content';

const write = fileWriter(temporaryFolder());

const table = {
  columns: ['a', 'y'],
  rows: [
    ['1', '2'],
    ['2', '4.5'],
    ['3', '6'],
  ],
};

const lines = ['a,y', '1,2', '2,4.5', '3,6'];
const joined = (between: string, end = '\n'): string =>
  lines.map((line) => line.replace(',', between) + end).join('');

function utf16(text: string, isBig: boolean, marked: boolean): Buffer {
  const bytes = Buffer.from((marked ? '\ufeff' : '') + text, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

describe('a text that is longer than what is looked at first, a mebibyte', () => {
  const head = 1 << 20;

  test.each([1, 2, 3, 4])(
    'whose cut is within a character of four bytes: names of %i letters',
    async (letters) => {
      const name = 'n'.repeat(letters);
      const value = '😀'.repeat(1000);
      const rows = Array.from({ length: Math.ceil(head / 4000) }, (_, row) => [value, String(row)]);
      const text = [[name, 'y'], ...rows].map((cells) => `${cells.join(',')}\n`).join('');
      expect(Buffer.byteLength(text)).toBeGreaterThan(head);
      const found = await contentOf(write('long.csv', text));
      expect(found).toEqual({ columns: [name, 'y'], rows, notes: [] });
    },
  );

  test.each([
    ['begins as a character does', 0xe9, 'é'],
    ['goes on as a character does', 0x80, '€'],
    ['is in no UTF-8', 0xff, 'ÿ'],
  ])('whose last byte there %s, and is none', async (_, byte, character) => {
    const line = `${'x'.repeat(998)},\n`;
    const bytes = Buffer.from(`a,y\n${line.repeat(Math.ceil(head / line.length) + 1)}`, 'latin1');
    // Not the end of a line.
    expect(bytes[head - 1]).toBe('x'.charCodeAt(0));
    bytes[head - 1] = byte;
    const { columns, rows, notes } = await contentOf(write('long.csv', bytes));
    expect({ columns, notes }).toEqual({ columns: ['a', 'y'], notes: ['ENCODING'] });
    expect(rows.filter(([value]) => value?.includes(character))).toHaveLength(1);
  });
});

describe('found in the file', () => {
  test.each<[string, string | Uint8Array, string[]]>([
    ['commas', joined(','), []],
    ['a byte order mark', `\ufeff${joined(',')}`, []],
    ['semicolons', joined(';'), ['DELIMITER']],
    ['bars', joined('|'), ['DELIMITER']],
    ['tabs', joined('\t'), ['DELIMITER']],
    ['spaces', joined(' '), ['DELIMITER']],
    ['sep=', `sep=;\n${joined(';')}`, ['DELIMITER']],
    ['sep= of what would be guessed otherwise', `sep=|\r\n${joined('|', '\r\n')}`, ['DELIMITER']],
    ['empty lines before', `\n \n${joined(',')}`, ['SKIPPED_LINES']],
    ['empty lines between and after', `${joined(',', '\n\n')}\n\n`, []],
    ['comments before', `# of 2026, by me\n#\n${joined(',')}`, ['SKIPPED_LINES']],
    ['carriage returns', joined(',', '\r'), []],
    ['both', joined(',', '\r\n'), []],
    ['line ends of two kinds', 'a,y\r\n1,2\n2,4.5\r\n3,6', ['LINE_ENDS']],
    ['line ends of three kinds', 'a,y\r1,2\r\n2,4.5\n3,6\n', ['LINE_ENDS']],
    ['no end of the last line', joined(',').trimEnd(), []],
    ['spaces after commas', '"a", "y"\n1, 2\n2, "4.5"\n3, 6\n', []],
    ['commas at the ends of all lines', joined(',', ',\n'), ['UNNAMED_COLUMN']],
    ['a comma after the names alone', joined(',').replace('y', 'y,'), []],
    ['commas after all but the names', joined(',', ',\n').replace('y,', 'y'), ['UNNAMED_COLUMN']],
    ['UTF-16', utf16(joined(','), false, true), ['ENCODING']],
    ['UTF-16 of the other end', utf16(joined(','), true, true), ['ENCODING']],
    ['UTF-16 without a mark', utf16(joined(','), false, false), ['ENCODING']],
    ['UTF-16 of the other end without a mark', utf16(joined(','), true, false), ['ENCODING']],
    ['gzip', gzipSync(joined(',')), []],
    [
      'gzip of UTF-16 and two line ends',
      gzipSync(utf16('a;y\r\n1;2\n2;4.5\n3;6\n', false, true)),
      ['ENCODING', 'LINE_ENDS', 'DELIMITER'],
    ],
  ])('%s', async (_, text, notes) => {
    expect(await contentOf(write('dialect.csv', text))).toEqual({ ...table, notes });
  });

  test.each<[string, string, string[], (string | null)[][]]>([
    [
      'commas in names, semicolons between',
      'size (m, a, b);y\n1;10\n2;20\n',
      ['size (m, a, b)', 'y'],
      [
        ['1', '10'],
        ['2', '20'],
      ],
    ],
    [
      'decimal commas',
      'a;y\n1,5;10,5\n2,5;20,5\n',
      ['a', 'y'],
      [
        ['1,5', '10,5'],
        ['2,5', '20,5'],
      ],
    ],
    [
      'delimiters in quotes',
      '"a;b";"y"\n"1;2";3\n"4;5;6";7\n',
      ['a;b', 'y'],
      [
        ['1;2', '3'],
        ['4;5;6', '7'],
      ],
    ],
    ['a line of names that begins with #', '#a,y\n1,2\n', ['#a', 'y'], [['1', '2']]],
    [
      '#N/A is no comment',
      'a,y\n#N/A,2\n1,3\n',
      ['a', 'y'],
      [
        ['#N/A', '2'],
        ['1', '3'],
      ],
    ],
    ['names that are none', ',a,\n1,2,3\n', ['column1', 'a', 'column3'], [['1', '2', '3']]],
    [
      'names that are none and another of that name',
      'column2,,y\n1,2,3\n',
      ['column2', 'column2_', 'y'],
      [['1', '2', '3']],
    ],
    [
      'line ends in quotes',
      'a,y\r\n"1\n2",3\r\n"4",5\r\n',
      ['a', 'y'],
      [
        ['1\n2', '3'],
        ['4', '5'],
      ],
    ],
    [
      'a gap in the last column',
      'a,y,\n1,2,\n3,4,\n',
      ['a', 'y'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'one column alone',
      'some words\nof a\nlittle text here\n',
      ['some words'],
      [['of a'], ['little text here']],
    ],
  ])('%s', async (_, text, columns, rows) => {
    expect(await contentOf(write('other.csv', text))).toMatchObject({ columns, rows });
  });

  test('a value far down in a column without a name keeps it', async () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `${row},2,${row === 59_999 ? 7 : ''}\n`);
    const source = await openSource(write('late.csv', `a,y,\n${rows.join('')}`));
    expect(source.columns.map(({ name }) => name)).toEqual(['a', 'y', 'column3']);
    expect(source.notes).toEqual([]);
    source.database.close();
  });

  test('Windows-1252 in values and names, in the head and far down', async () => {
    const early = Buffer.from('caf\xe9,caf\xe8,y\nR\xe9mi,\x80,2\n', 'latin1');
    expect(await contentOf(write('early.csv', early))).toEqual({
      columns: ['café', 'cafè', 'y'],
      rows: [['Rémi', '€', '2']],
      notes: ['ENCODING'],
    });
    const rows = Array.from({ length: 200_000 }, (_, row) => `${row},b\n`);
    const late = Buffer.from(`a,y\n${rows.join('')}1,\xe9\n`, 'latin1');
    const found = await contentOf(write('late.csv', late));
    expect(found.rows.at(-1)).toEqual(['1', 'é']);
    expect(found.notes).toEqual(['ENCODING']);
  });

  test('line ends of two kinds far down', async () => {
    const rows = Array.from({ length: 200_000 }, (_, row) => `${row},b\r\n`);
    const found = await contentOf(write('ends.csv', `a,y\r\n${rows.join('')}1,c\n2,d\n`));
    expect(found.rows.slice(-2)).toEqual([
      ['1', 'c'],
      ['2', 'd'],
    ]);
    expect(found.notes).toEqual(['LINE_ENDS']);
  });
});

describe('said by options', () => {
  test.each<[string, string | Uint8Array, SourceOptions]>([
    ['delimiter', 'a:y\n1:2\n2:4.5\n3:6\n', { delimiter: ':' }],
    ['quote', "'a','y'\n'1','2'\n2,'4.5'\n'3',6\n", { quote: "'" }],
    ['no quotes', 'a,y\n1,2\n2,4.5\n3,6\n', { quote: '' }],
    ['comment', '% x,y,z\na,y\n1,2\n% , , ,\n2,4.5\n3,6\n', { comment: '%' }],
    [
      'comments and empty lines before the names',
      '\n% x,y,z\n\n%\na,y\n1,2\n%,\n2,4.5\n3,6\n',
      { comment: '%' },
    ],
    ['skip and comment', '% x\nReport\na,y\n1,2\n2,4.5\n3,6\n', { comment: '%', skip: 2 }],
    ['skip', `Report, of\nOctober\n\n${joined(',')}`, { skip: 3 }],
    ['decimal', joined(';').replace('4.5', '4,5'), { decimal: ',' }],
    ['decimal and no delimiter', joined('\t').replace('4.5', '4,5'), { decimal: ',' }],
    ['encoding', utf16(joined(','), false, true), { encoding: 'utf-16' }],
  ])('%s', async (_, text, options) => {
    const { columns, rows } = await contentOf(write('said.csv', text), options);
    expect({ columns, rows }).toEqual(table);
  });

  test.each(['latin-1', 'windows-1252', 'shift_jis', 'koi8-r'])('--encoding %s', async (encoding) => {
    const bytes = { 'latin-1': [0xe9], 'windows-1252': [0x80], shift_jis: [0x93, 0xfa], 'koi8-r': [0xc1] }[
      encoding
    ];
    const text = { 'latin-1': 'é', 'windows-1252': '€', shift_jis: '日', 'koi8-r': 'а' }[encoding];
    const file = Buffer.concat([Buffer.from('a,y\n'), Buffer.from(bytes ?? []), Buffer.from(',1\n')]);
    expect(await contentOf(write('encoded.csv', file), { encoding })).toEqual({
      columns: ['a', 'y'],
      rows: [[text, '1']],
      notes: [],
    });
  });

  test('numbers with a decimal comma are numbers, those with a point are not', async () => {
    const source = await openSource(write('comma.csv', 'a;b\n-1,5e2;1.5\n,5;2\n'), { decimal: ',' });
    expect(source.columns.map(({ type }) => type)).toEqual(['DOUBLE', 'text']);
    source.database.close();
    expect((await contentOf(write('comma.csv', 'a;b\n-1,5e2;1.5\n,5;2\n'), { decimal: ',' })).rows).toEqual([
      ['-150', '1.5'],
      ['0.5', '2'],
    ]);
  });

  test.each<[string, string | Uint8Array, SourceOptions, RegExp]>([
    [
      'an encoding that it is not',
      Buffer.from('a,y\n\xe9,1\n', 'latin1'),
      { encoding: 'utf-8' },
      /is not UTF-8 text\. Name what it is, as in --encoding/,
    ],
    ['more lines skipped than there are', 'a,y\n1,2\n', { skip: 9 }, /no line of column names/],
    ['a quote that is not the one', "a,y\n'1,2',3\n", {}, /2 columns expected, 3 found|--quote/],
  ])('%s', async (_, text, options, message) => {
    await expect(openSource(write('wrong.csv', text), options)).rejects.toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringMatching(message) as unknown,
    });
  });
});
