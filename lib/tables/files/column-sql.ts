import { isoMicrosecondsSql } from './iso-date';

/**
 * How one column reads as each kind of value: SQL expressions over the column's alias that are NULL where the
 * value is missing, or not of that kind.
 */
export interface ColumnSql {
  /** False for a missing value, never NULL. */
  readonly present: string;
  readonly number?: string;
  readonly boolean?: string;
  /** Days since 1970-01-01 UTC. */
  readonly date?: string;
  readonly text?: string;
  /** What stands in the file, of which `text` is what is there without the spaces around it. */
  readonly written?: string;
  /** Set where the file says that every value is of one kind: then only a category needs its text. */
  readonly isTyped?: boolean;
  /** Set where no number is infinite. */
  readonly isFinite?: boolean;
}

const days = (timestamp: string): string => `epoch_us(${timestamp}) / 86400000000.0`;

/** Only ISO 8601 dates: others read differently from country to country. */
export const isoDays = (text: string): string => `(${isoMicrosecondsSql(text)}) / 86400000000.0`;

/** By no comparison: of Parquet DuckDB answers those by least and greatest values, among which most writers count no NaN. */
const notNaN = (number: string): string => `CASE WHEN NOT isnan(${number}) THEN ${number} END`;

/** What DuckDB reads as numbers and nobody else does: 1_000, which in data is a name, and +-1. */
export const noNumbers = ['_', '+-'] as const;

const parsedNumber = (text: string): string => {
  const bare = noNumbers.reduce((left, mark) => `replace(${left}, '${mark}', '?')`, text);
  return notNaN(`TRY_CAST(${bare} AS DOUBLE)`);
};

/** A value that came as text without a type, as in CSV: whatever it can be read as. */
export function untyped(alias: string): ColumnSql {
  const text = `nullif(trim(${alias}), '')`;
  return {
    present: `(${text} IS NOT NULL)`,
    number: parsedNumber(text),
    boolean: `CASE lower(${text}) WHEN 'true' THEN true WHEN 'false' THEN false END`,
    date: isoDays(text),
    text,
    written: alias,
  };
}

/** A JSON value: numbers and booleans have their type, dates are strings. */
export function json(alias: string): ColumnSql {
  const type = `json_type(${alias})`;
  const text = `trim(${alias} ->> '$')`;
  // Written out, as Python does, which is none of JSON's values.
  const isNaN = `${type} = 'DOUBLE' AND lower(right(${text}, 3)) = 'nan'`;
  const present = `coalesce(${type} <> 'NULL' AND ${text} <> '' AND NOT (${isNaN}), false)`;
  const when = (condition: string, value: string): string =>
    `CASE WHEN ${present} AND ${type} ${condition} THEN ${value} END`;
  return {
    present,
    number: when(`NOT IN ('OBJECT', 'ARRAY', 'VARCHAR', 'BOOLEAN')`, notNaN(`TRY_CAST(${text} AS DOUBLE)`)),
    boolean: when(`= 'BOOLEAN'`, `${text} = 'true'`),
    date: when(`= 'VARCHAR'`, isoDays(text)),
    text: when(`NOT IN ('OBJECT', 'ARRAY')`, text),
  };
}

/** A column of a Parquet file, whose type is known. */
export function typed(alias: string, type: string): ColumnSql {
  return { ...typedSql(alias, type), isTyped: true };
}

function typedSql(alias: string, type: string): ColumnSql {
  const text = `CAST(${alias} AS VARCHAR)`;
  const present = `(${alias} IS NOT NULL)`;
  if (type === 'FLOAT' || type === 'DOUBLE') {
    const number = notNaN(`CAST(${alias} AS DOUBLE)`);
    return {
      present: `(${number} IS NOT NULL)`,
      number,
      text: `CASE WHEN NOT isnan(${alias}) THEN ${text} END`,
    };
  }
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$|^DECIMAL\(/.test(type)) {
    return { present, number: `CAST(${alias} AS DOUBLE)`, text, isFinite: true };
  }
  if (type === 'BOOLEAN') return { present, boolean: alias, text };
  if (type === 'TIMESTAMP WITH TIME ZONE') return { present, date: finiteDays(alias, alias), text };
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) {
    return { present, date: finiteDays(alias, `CAST(${alias} AS TIMESTAMP)`), text };
  }
  const isText = /^(?:VARCHAR|UUID|TIME(?:_NS)?)$/.test(type) || type.startsWith('ENUM');
  return isText ? { present, text } : { present };
}

const finiteDays = (alias: string, timestamp: string): string =>
  `CASE WHEN isfinite(${alias}) THEN ${days(timestamp)} END`;
