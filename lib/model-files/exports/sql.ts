import type { ModelJSON } from '../../model/format';
import type { NumericFeature } from '../../model/features';
import { formSql } from '../../tables/columns/forms-sql';
import {
  type Words,
  asWritten,
  isWord as isWordOf,
  isWordSql,
  usualWords,
  wordsAmongNumbers,
} from '../../tables/columns/words';
import { isoMicrosecondsSql } from '../../tables/files/iso-date';
import { identifier, literal } from '../../tables/files/sql';
import { type AnyPart, type CategoryPart, type NumericPart, type Part, type Sum, sumOf } from './parts';

/** A number as SQL reads it back without a loss: with an exponent it is no decimal. */
function double(value: number): string {
  const text = String(value);
  const written = text.includes('e') ? text : `${text}e0`;
  return value < 0 || Object.is(value, -0) ? `(${written})` : written;
}

const HEADER = `-- Written by thalweg, for DuckDB. Put your table in the place of data, or a file: text such as CSV as
-- read_csv('new.csv', all_varchar = true), so that DuckDB does not make a number of 007 or a BOOLEAN of yes.
`;

/**
 * A model as one SELECT over a table `data`: its columns and, after them, what the model says of each row; NULL where there is
 * no prediction. For DuckDB; without dates and forms nearly all of it is standard.
 */
export function sqlOf(model: ModelJSON): string {
  const sum = sumOf(model);
  const outputs = sum.parameters.intercepts.length;
  const z = Array.from({ length: outputs }, (_, k) => `${zSql(sum, k)} AS ${zName(k)}`);
  const rows = `(SELECT *,\n  ${z.join(',\n  ')}\nFROM data)`;
  return `${HEADER}${selected(sum, rows)};\n`;
}

const zName = (k: number): string => identifier(`thalweg z${k}`);
const pName = (k: number): string => identifier(`thalweg p${k}`);

function zSql({ parts, parameters, missing, unknownIsError, nulls }: Sum, k: number): string {
  const terms = parts.map((part) => partSql(part, k, { missing, unknownIsError, nulls }));
  return [double(parameters.intercepts[k] as number), ...terms].join('\n    + ');
}

type Policy = Pick<Sum, 'missing' | 'unknownIsError' | 'nulls'>;

function partSql(part: AnyPart, k: number, { missing, unknownIsError, nulls }: Policy): string {
  const { name, absent } = part;
  const column = identifier(name);
  const text = `trim(CAST(${column} AS VARCHAR))`;
  const instead = (found: Part | undefined, isError: boolean, what: string): string =>
    found !== undefined
      ? double(found[k] as number)
      : isError
        ? `CAST(error(${literal(`the column "${name}" holds ${what}`)}) AS DOUBLE)`
        : 'NULL';
  const gone = instead(absent, missing === 'error', 'no value');
  if ('weights' in part) {
    const value = valueSql(part.feature, column, text);
    const isMissing = [
      `${column} IS NULL OR ${text} = '' OR ${isWordSql(text, wordsOf(nulls, wordsAmongNumbers))}`,
      ...(part.feature.kind === 'number' ? [`coalesce(isnan(TRY_CAST(${column} AS DOUBLE)), false)`] : []),
      ...isNumberOfWord(part, value),
    ];
    const product = `${double(part.weights[k] as number)} * ${value}`;
    return `CASE WHEN ${isMissing.join(' OR ')} THEN ${gone} ELSE ${product} END`;
  }
  const levels = part.levels.map(
    ([level, values]) => `WHEN ${literal(level)} THEN ${double(values[k] as number)}`,
  );
  const unknown = instead(
    part.unknown,
    missing === 'error' || unknownIsError,
    'a level that training did not see',
  );
  const known = part.levels.map(([level]) => level);
  const isMissing = `${column} IS NULL OR ${text} = '' OR ${isMissingWord(part, nulls, text)}`;
  return `CASE WHEN ${isMissing} THEN ${gone} ELSE CASE ${levelSql(known, column, text)} ${levels.join(' ')} ELSE ${unknown} END END`;
}

const wordsOf = (nulls: readonly string[] | undefined, usual: Words): Words =>
  nulls === undefined ? usual : asWritten(nulls);

/** A word that is a level stood in quotes in training. */
function isMissingWord(
  { feature, levels }: CategoryPart,
  nulls: readonly string[] | undefined,
  text: string,
): string {
  if (feature.keepsWords === true) return 'false';
  const isWord = isWordSql(text, wordsOf(nulls, usualWords));
  const kept = nulls === undefined ? levels.filter(([level]) => isWordOf(level, usualWords)) : [];
  return kept.length === 0
    ? isWord
    : `(${isWord} AND ${text} NOT IN (${kept.map(([level]) => literal(level)).join(', ')}))`;
}

/** Whether the value of a column is a number that stands for a missing one, such as -999. */
function isNumberOfWord({ gone }: NumericPart, value: string): string[] {
  if (gone.length === 0) return [];
  return [`coalesce(${value} IN (${gone.map(double).join(', ')}), false)`];
}

const yes = ['yes', 'y', 't', 'true', '1'];
const no = ['no', 'n', 'f', 'false', '0'];

/** A level; of a column that DuckDB has made a BOOLEAN, that which it was, where no other can have been it. */
function levelSql(known: readonly string[], column: string, text: string): string {
  const among = (words: readonly string[]): string[] =>
    known.filter((level) => words.includes(level.toLowerCase()));
  const [[truth, ...truths], [lie, ...lies]] = [among(yes), among(no)];
  if (truth === undefined || lie === undefined || truths.length + lies.length > 0) return text;
  const was = `CASE lower(${text}) WHEN 'true' THEN ${literal(truth)} ELSE ${literal(lie)} END`;
  return `CASE WHEN typeof(${column}) = 'BOOLEAN' THEN ${was} ELSE ${text} END`;
}

/** What a column that may be text or typed holds; NULL where it does not read. */
function valueSql({ kind, form }: NumericFeature, column: string, text: string): string {
  if (kind === 'boolean') return `CASE lower(${text}) WHEN 'true' THEN 1e0 WHEN 'false' THEN 0e0 END`;
  if (kind === 'date') {
    // What DuckDB took for dates is ISO 8601 as text.
    const iso = `((${isoMicrosecondsSql(text)}) / 86400000000e0)`;
    return form === undefined ? iso : `coalesce(${formSql(form, text)}, ${iso})`;
  }
  // DuckDB's cast takes no wide space off.
  const number = `coalesce(TRY_CAST(${column} AS DOUBLE), TRY_CAST(${text} AS DOUBLE))`;
  const isText = `typeof(${column}) = 'VARCHAR'`;
  if (form !== undefined) {
    const typed = form.read === 'number' ? number : formSql(form, text);
    return `CASE WHEN ${isText} THEN ${formSql(form, text)} ELSE ${typed} END`;
  }
  return `CASE WHEN isfinite(${number}) AND NOT contains(${text}, '_') THEN ${number} END`;
}

/** log(1 + x) for x from 0 to 1, to the last digits also where x is small. */
const log1p = (x: string): string =>
  `CASE WHEN 1e0 + ${x} = 1e0 THEN ${x} ELSE ln(1e0 + ${x}) * ${x} / ((1e0 + ${x}) - 1e0) END`;

const phi: Readonly<Record<string, (z: string) => string>> = {
  linear: (z) => z,
  sigmoid: (z) => `CASE WHEN ${z} < 0 THEN exp(${z}) / (1e0 + exp(${z})) ELSE 1e0 / (1e0 + exp(-${z})) END`,
  tanh: (z) => `tanh(${z})`,
  // Of NULL, greatest would be 0.
  relu: (z) => `CASE WHEN ${z} > 0e0 THEN ${z} WHEN ${z} <= 0e0 THEN 0e0 END`,
  softplus: (z) => `(greatest(${z}, 0e0) + ${log1p(`exp(-abs(${z}))`)})`,
  // DuckDB's exp of 710 is infinite, as any.
  exp: (z) => `exp(${z})`,
};

function selected({ activation, labels, parameters }: Sum, rows: string): string {
  const outputs = parameters.intercepts.length;
  const places = Array.from({ length: outputs }, (_, k) => k);
  const without = `* EXCLUDE (${places.map(zName).join(', ')})`;
  const finite = (value: string): string => `CASE WHEN isfinite(${value}) THEN ${value} END`;
  if (labels === undefined) {
    const all = places.map((k) => {
      const name = outputs === 1 ? 'prediction' : `prediction ${k}`;
      return `${finite(phi[activation]?.(zName(k)) ?? '')} AS ${identifier(name)}`;
    });
    return `SELECT ${without},\n  ${all.join(',\n  ')}\nFROM ${rows}`;
  }
  if (outputs === 1) {
    const p = `(${phi[activation]?.(zName(0)) ?? ''})`;
    const label = `CASE WHEN ${p} >= 0.5e0 THEN ${literal(labels[1] ?? '')} WHEN ${p} < 0.5e0 THEN ${literal(labels[0] ?? '')} END`;
    return `SELECT ${without},\n  ${p} AS "prediction",\n  ${label} AS "label"\nFROM ${rows}`;
  }
  const most = `greatest(${places.map(zName).join(', ')})`;
  const shifted = places.map((k) => `exp(${zName(k)} - ${most}) AS ${pName(k)}`);
  const exps = `(SELECT *,\n  ${shifted.join(',\n  ')}\nFROM ${rows})`;
  const total = `(${places.map(pName).join(' + ')})`;
  const largest = `greatest(${places.map(pName).join(', ')})`;
  const probabilities = places.map(
    (k) => `${pName(k)} / ${total} AS ${identifier(`probability ${labels[k] ?? ''}`)}`,
  );
  const whens = places.map((k) => `WHEN ${pName(k)} = ${largest} THEN ${literal(labels[k] ?? '')}`);
  const hidden = `* EXCLUDE (${[...places.map(zName), ...places.map(pName)].join(', ')})`;
  const isThere = `${places.map(zName).join(' + ')} IS NOT NULL`;
  return `SELECT ${hidden},\n  ${probabilities.join(',\n  ')},\n  CASE WHEN ${isThere} THEN CASE ${whens.join(' ')} END END AS "label"\nFROM ${exps}`;
}
