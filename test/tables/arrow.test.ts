import * as arrow from 'apache-arrow';
import { compress } from 'lz4js';
import { openSource } from '../../lib/tables/files/open-source';
import { data, fileWriter, fitJson, temporaryFolder } from '../cli/thalweg';
import { contentOf } from './content';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** A column of a type by its values; of times, what stands in the file, in its unit. */
function vector(type: arrow.DataType, values: readonly unknown[]): arrow.Vector {
  return arrow.vectorFromArray(values as never[], type);
}

/** A column whose values are 64 bits each, missing where they are null. */
function ticks(type: arrow.DataType, values: readonly (bigint | null)[]): arrow.Vector {
  const bits = values.reduce((sum, value, at) => sum | (value === null ? 0 : 1 << at), 0);
  return new arrow.Vector([
    arrow.makeData({
      // As all types of 64 bits are made.
      type: type as never,
      length: values.length,
      nullCount: values.filter((value) => value === null).length,
      nullBitmap: Uint8Array.of(bits),
      data: BigInt64Array.from(values, (value) => value ?? 0n) as never,
    }),
  ]);
}

const columns: Record<string, [arrow.Vector, (string | null)[]]> = {
  i8: [vector(new arrow.Int8(), [-128, null]), ['-128', null]],
  u32: [vector(new arrow.Uint32(), [4294967295, null]), ['4294967295', null]],
  i64: [vector(new arrow.Int64(), [9007199254740993n, null]), ['9007199254740993', null]],
  u64: [vector(new arrow.Uint64(), [18446744073709551615n, null]), ['18446744073709551615', null]],
  f32: [vector(new arrow.Float32(), [0.1, null]), ['0.1', null]],
  f64: [vector(new arrow.Float64(), [0.1, NaN]), ['0.1', null]],
  b: [vector(new arrow.Bool(), [false, null]), ['false', null]],
  s: [vector(new arrow.Utf8(), ['é', null]), ['é', null]],
  dictionary: [vector(new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), ['u', null]), ['u', null]],
  days: [vector(new arrow.DateDay(), [new Date('1960-02-29'), null]), ['1960-02-29', null]],
  seconds: [ticks(new arrow.TimestampSecond(), [-1n, null]), ['1969-12-31 23:59:59', null]],
  nanoseconds: [ticks(new arrow.TimestampNanosecond(), [-1n, null]), ['1969-12-31 23:59:59.999999', null]],
  zone: [
    ticks(new arrow.TimestampMicrosecond('Europe/Paris'), [1_769_860_800_123_456n, null]),
    ['2026-01-31 12:00:00.123456+00', null],
  ],
  list: [
    vector(new arrow.List(arrow.Field.new({ name: 'item', type: new arrow.Int8(), nullable: true })), [
      [1],
      null,
    ]),
    [null, null],
  ],
  none: [vector(new arrow.Null(), [null, null]), [null, null]],
};

const table = new arrow.Table(
  Object.fromEntries(Object.entries(columns).map(([name, [values]]) => [name, values])),
);
const content = {
  columns: Object.keys(columns),
  rows: [0, 1].map((row) => Object.values(columns).map(([, texts]) => texts[row] ?? null)),
  notes: [],
};

describe('Arrow', () => {
  test.each([
    ['table.arrow', 'file'],
    ['table.feather', 'file'],
    ['table.arrows', 'stream'],
    ['table.ipc', 'stream'],
  ] as const)('%s', async (name, form) => {
    expect(await contentOf(write(name, arrow.tableToIPC(table, form)))).toEqual(content);
  });

  test('decimals keep their digits', async () => {
    const words = Uint32Array.from([-12_345, -1, -1, -1, 1, 0, 0, 0]);
    const type = new arrow.Decimal(3, 10);
    const decimals = new arrow.Vector([arrow.makeData({ type, length: 2, data: words })]);
    const file = write('decimals.arrow', arrow.tableToIPC(new arrow.Table({ decimals }), 'file'));
    expect((await contentOf(file)).rows).toEqual([['-12.345'], ['0.001']]);
  });

  test('several files are one table, columns by their names', async () => {
    const of = (names: readonly string[]): Uint8Array =>
      arrow.tableToIPC(
        new arrow.Table(Object.fromEntries(names.map((name) => [name, columns[name]?.[0] as arrow.Vector]))),
        'file',
      );
    const first = write('first.arrow', of(['i8', 's']));
    expect(await contentOf([first, write('second.arrow', of(['s', 'i8']))])).toEqual({
      columns: ['i8', 's'],
      rows: [
        ['-128', 'é'],
        [null, null],
        ['-128', 'é'],
        [null, null],
      ],
      notes: [],
    });
    await expect(contentOf([first, write('third.arrow', of(['s', 'u32']))])).rejects.toThrow(
      /third\.arrow has no column "i8", and first\.arrow has one of BIGINT/,
    );
  });

  test('batches compressed with LZ4, one after the other', async () => {
    const { LZ4_FRAME } = arrow.CompressionType;
    const codec = arrow.compressionRegistry.get(LZ4_FRAME);
    arrow.compressionRegistry.set(LZ4_FRAME, { ...codec, encode: (bytes) => compress(bytes) });
    const values = Float64Array.from({ length: 70_000 }, (_, at) => at % 7);
    const writer = new arrow.RecordBatchStreamWriter({ compressionType: LZ4_FRAME });
    const [part] = arrow.tableFromArrays({ x: values }).batches as [arrow.RecordBatch];
    writer.write(part);
    writer.write(part.slice(0, 3));
    writer.finish();
    const source = await openSource(write('packed.arrows', await writer.toUint8Array()));
    const x = source.columns[0]?.sql.number ?? '';
    const found = await source.database.rows(
      `SELECT count(*)::DOUBLE, sum(${x}) FROM ${source.select(source.columns)}`,
    );
    source.database.close();
    expect(found).toEqual([[70_003, values.reduce((sum, value) => sum + value, 3)]]);
  });

  test.each([
    [
      'cut.arrow',
      arrow.tableToIPC(table, 'file').subarray(0, 900),
      /no Arrow file or stream, or not all of one/,
    ],
    ['old.feather', Buffer.from('FEA1 and more'), /Feather of version 1\. Write it again/],
    [
      'late.arrow',
      arrow.tableToIPC(new arrow.Table({ t: ticks(new arrow.TimestampSecond(), [2n ** 62n]) }), 'file'),
      /beyond all dates/,
    ],
  ])('%s is refused', async (name, bytes, message) => {
    await expect(contentOf(write(name, bytes))).rejects.toThrow(message);
  });

  test('trains as CSV does', async () => {
    const csv = data('diabetes.csv');
    const source = await openSource(csv);
    const rows = await source.database.rows(
      `SELECT ${source.columns.map(({ sql }) => sql.number ?? '').join(', ')} FROM ${source.select(source.columns, { rowNumber: true })} ORDER BY r`,
    );
    source.database.close();
    const file = write(
      'diabetes.arrow',
      arrow.tableToIPC(
        arrow.tableFromArrays(
          Object.fromEntries(
            source.columns.map(({ name }, at) => [name, Float64Array.from(rows, (row) => Number(row[at]))]),
          ),
        ),
        'file',
      ),
    );
    const [found, expected] = [
      await fitJson([file, '--target', 'progression']),
      await fitJson([csv, '--target', 'progression']),
    ];
    expect(found.weights).toEqual(expected.weights);
  });
});
