import { type FileHandle, open } from 'node:fs/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import type * as Arrow from 'apache-arrow';
import type * as Zstd from 'fzstd';
import type * as Lz4 from 'lz4js';
import { ThalwegError } from '../../base/errors';
import type { Database } from './database';
import { loadDuckDB } from './duckdb';
import { fileError } from './file-error';
import type { Input } from './inputs';
import { type Described, ofType, requireSame } from './parquet';
import type { Opening } from './source';
import { Staged, opaque } from './staged';

const PACKAGE = 'apache-arrow';

/** What a column is held as: none where its values are neither numbers nor booleans, dates or text. */
interface Held {
  readonly type: string | undefined;
  /** Of one array of values that are there, by their place. */
  readonly values: (data: Arrow.Data) => (at: number) => DuckDBValue;
}

const MICROSECONDS = [1_000_000n, 1_000n, 1n] as const;
const LATEST = 2n ** 63n - 1n;

/** A time in the unit of the index, as microseconds: those of nanoseconds are rounded down. */
function microseconds(value: number | bigint, unit: number): bigint {
  const ticks = BigInt(value);
  const factor = MICROSECONDS[unit];
  const found = factor === undefined ? (ticks - (((ticks % 1000n) + 1000n) % 1000n)) / 1000n : ticks * factor;
  if (found >= LATEST || found <= -LATEST)
    throw new Error(
      `a time of ${value} ${['seconds', 'milliseconds', 'microseconds'][unit] ?? 'nanoseconds'} since 1970, which is beyond all dates`,
    );
  return found;
}

/** An integer of 128 bits, in the words of its two's complement. */
function integerOf(words: Uint32Array): bigint {
  const bits = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(128, bits);
}

function heldOf(type: Arrow.DataType): Held {
  const arrow = loadArrow();
  const duckdb = loadDuckDB();
  const { DataType } = arrow;
  const raw = (data: Arrow.Data, at: number): number | bigint =>
    (data.values as ArrayLike<number | bigint>)[at] as number;
  const plain =
    (convert: (value: unknown) => DuckDBValue): Held['values'] =>
    (data) => {
      const vector = new arrow.Vector([data]);
      return (at) => convert(vector.get(at));
    };
  if (DataType.isDictionary(type)) {
    const { type: sqlType } = heldOf(type.dictionary as Arrow.DataType);
    return {
      type: sqlType,
      values: (data) => {
        const words = cells(data.dictionary as Arrow.Vector);
        return (at) => words[Number(raw(data, at))] ?? null;
      },
    };
  }
  if (DataType.isNull(type)) return { type: 'BIGINT', values: () => () => null };
  if (DataType.isInt(type))
    return {
      type: type.bitWidth === 64 && !type.isSigned ? 'UBIGINT' : 'BIGINT',
      values: plain((value) => BigInt(value as number | bigint)),
    };
  if (DataType.isFloat(type))
    return { type: type.precision === arrow.Precision.SINGLE ? 'FLOAT' : 'DOUBLE', values: plain(Number) };
  if (DataType.isBool(type)) return { type: 'BOOLEAN', values: plain(Boolean) };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return { type: 'VARCHAR', values: plain(String) };
  if (DataType.isDate(type)) {
    const isDays = type.unit === arrow.DateUnit.DAY;
    return {
      type: 'DATE',
      values: (data) => (at) =>
        new duckdb.DuckDBDateValue(
          isDays ? Number(raw(data, at)) : Math.floor(Number(raw(data, at)) / 86_400_000),
        ),
    };
  }
  if (DataType.isTimestamp(type)) {
    const { unit, timezone } = type;
    return timezone
      ? {
          type: 'TIMESTAMP WITH TIME ZONE',
          values: (data) => (at) => new duckdb.DuckDBTimestampTZValue(microseconds(raw(data, at), unit)),
        }
      : {
          type: 'TIMESTAMP',
          values: (data) => (at) => new duckdb.DuckDBTimestampValue(microseconds(raw(data, at), unit)),
        };
  }
  if (DataType.isTime(type)) {
    const { unit } = type;
    return {
      type: 'TIME',
      values: (data) => (at) => new duckdb.DuckDBTimeValue(microseconds(raw(data, at), unit)),
    };
  }
  if (DataType.isDecimal(type)) {
    const { precision, scale, bitWidth } = type;
    if (bitWidth === 128 && precision <= 38 && scale >= 0 && scale <= precision)
      return {
        type: `DECIMAL(${precision},${scale})`,
        values: plain(
          (words) => new duckdb.DuckDBDecimalValue(integerOf(words as Uint32Array), precision, scale),
        ),
      };
  }
  return { type: undefined, values: () => () => true };
}

/** The values of a column of some rows. */
function cells(vector: Arrow.Vector): DuckDBValue[] {
  const { values } = heldOf(vector.type as Arrow.DataType);
  return (vector.data as readonly Arrow.Data[]).flatMap((data) => {
    const value = values(data);
    return Array.from({ length: data.length }, (_, at) => (data.getValid(at) ? value(at) : null));
  });
}

/** Opens Arrow, files and streams, whose rows are kept in DuckDB's memory. */
export async function openArrow(database: Database, inputs: readonly Input[]): Promise<Opening> {
  const [first] = inputs as readonly [Input, ...Input[]];
  let staged: Staged | undefined;
  let columns: Described[] = [];
  for (const input of inputs) {
    const file = await open(input.readPath);
    try {
      const reader = await readerOf(input, file);
      const fields = reader.schema.fields as readonly Arrow.Field<Arrow.DataType>[];
      const here = fields.map(({ name, type }) => ({
        name,
        type: heldOf(type).type ?? loadArrow().Type[type.typeId],
      }));
      if (staged === undefined) {
        columns = here;
        staged = await Staged.of(
          database,
          fields.map(({ type }) => heldOf(type).type ?? opaque.sqlType),
        );
      } else requireSame(first, columns, input, here);
      const places = columns.map(({ name }, index) =>
        here[index]?.name === name ? index : here.findIndex((other) => other.name === name),
      );
      for await (const batch of reader) {
        await staged.append(places.map((place) => cells(batch.getChildAt(place) as Arrow.Vector)));
      }
    } catch (cause) {
      throw cause instanceof ThalwegError ? cause : fileError([input], cause);
    } finally {
      await file.close().catch(() => undefined);
    }
  }
  const opened = await (staged as Staged).relation(
    columns.map(({ name, type }) => ({
      name,
      readAs: KNOWN.test(type) ? ofType(type) : { ...opaque, type },
    })),
  );
  return { opened, notes: [] };
}

/** Types that columns are held as by themselves. */
const KNOWN =
  /^(U?BIGINT|FLOAT|DOUBLE|BOOLEAN|VARCHAR|DATE|TIMESTAMP( WITH TIME ZONE)?|TIME|DECIMAL\(\d+,\d+\))$/;

async function readerOf({ name, path }: Input, file: FileHandle): Promise<Arrow.RecordBatchReader> {
  const { RecordBatchReader } = loadArrow();
  const { buffer } = await file.read({ buffer: Buffer.alloc(4), position: 0 });
  if (buffer.toString('latin1') === 'FEA1')
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is Feather of version 1. Write it again, in Python with pyarrow.feather.write_feather.`,
      { path },
    );
  const reader = await RecordBatchReader.from(file).catch(() => undefined);
  const opened = await Promise.resolve(reader?.open()).catch(() => undefined);
  if (opened?.schema === undefined)
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is no Arrow file or stream, or not all of one. Write it again (unpacked: Arrow compresses within), or say what it is with --format.`,
      {
        path,
      },
    );
  return opened as Arrow.RecordBatchReader;
}

let loaded: typeof Arrow | undefined;

/** With what unpacks compressed files, into memory that starts at a whole value. */
function loadArrow(): typeof Arrow {
  if (loaded !== undefined) return loaded;
  try {
    /* eslint-disable @typescript-eslint/no-require-imports -- optional, and loaded at its first use */
    const arrow = require(PACKAGE) as typeof Arrow;
    const { CompressionType, compressionRegistry } = arrow;
    // What the application writes with stays.
    compressionRegistry.set(CompressionType.LZ4_FRAME, {
      ...compressionRegistry.get(CompressionType.LZ4_FRAME),
      decode: (frame) => (require('lz4js') as typeof Lz4).decompress(frame).slice(),
    });
    compressionRegistry.set(CompressionType.ZSTD, {
      ...compressionRegistry.get(CompressionType.ZSTD),
      decode: (frame) => (require('fzstd') as typeof Zstd).decompress(frame).slice(),
    });
    /* eslint-enable @typescript-eslint/no-require-imports */
    return (loaded = arrow);
  } catch (cause) {
    throw new ThalwegError(
      'ERR_FILE',
      `Arrow files are read with the package ${PACKAGE}, which could not be loaded ` +
        `(${(cause as Error).message.split('\n')[0] ?? ''}). Install it: npm install ${PACKAGE} lz4js fzstd`,
      { cause },
    );
  }
}
