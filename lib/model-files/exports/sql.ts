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
import { noNumbers } from '../../tables/files/column-sql';
import { isoMicrosecondsSql } from '../../tables/files/iso-date';
import { identifier, literal } from '../../tables/files/sql';
import { ThalwegError } from '../../base/errors';
import { Names } from './names';
import {
  type AnyPart,
  type CategoryPart,
  type NumericPart,
  type Part,
  type Sum,
  refuseNoName,
  sumOf,
} from './parts';

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
 *
 * @throws ThalwegError ERR_MODEL for columns whose names are one in SQL, or one without a name
 */
export function sqlOf(model: ModelJSON): string {
  const sum = sumOf(model);
  refuseNoName(sum, 'SQL');
  refuseTwins(sum, model.target?.name);
  const names = new Names([...sum.parts.map(({ name }) => name), model.target?.name ?? ''], folded);
  const z = Array.from(sum.parameters.intercepts, (_, k) => identifier(names.unused(`thalweg z${k}`)));
  const sums = z.map((name, k) => `${zSql(sum, k)} AS ${name}`);
  const rows = `(SELECT *,\n  ${sums.join(',\n  ')}\nFROM data)`;
  return `${HEADER}${selected(sum, rows, z, names)};\n`;
}

/** What DuckDB tells names apart by. */
const folded = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The target, too, was a column of the table, where the other may have been taken for it. */
function refuseTwins({ parts }: Sum, target: string | undefined): void {
  const found = new Map<string, string>();
  for (const name of [...(target === undefined ? [] : [target]), ...parts.map((part) => part.name)]) {
    const twin = found.get(folded(name));
    if (twin !== undefined)
      throw new ThalwegError(
        'ERR_MODEL',
        `the columns "${twin}" and "${name}" differ in capitals alone, and are one to SQL. ` +
          'Export as js or onnx, which tell them apart, or rename one and train on that.',
        { path: name },
      );
    found.set(folded(name), name);
  }
}

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
  // DuckDB's cast takes no wide space off, and takes true and bits for numbers.
  const cast = `coalesce(TRY_CAST(${column} AS DOUBLE), TRY_CAST(${text} AS DOUBLE))`;
  const number = `CASE WHEN typeof(${column}) NOT IN ('BOOLEAN', 'BIT', 'BLOB') THEN ${cast} END`;
  const isText = `typeof(${column}) = 'VARCHAR'`;
  if (form !== undefined) {
    const typed = form.read === 'number' ? number : formSql(form, text);
    return finite(`CASE WHEN ${isText} THEN ${formSql(form, text)} ELSE ${typed} END`);
  }
  const isNone = noNumbers.map((mark) => `contains(${text}, '${mark}')`).join(' OR ');
  return `CASE WHEN isfinite(${cast}) AND NOT (${isNone}) THEN ${number} END`;
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

const finite = (value: string): string => `CASE WHEN isfinite(${value}) THEN ${value} END`;

/**
 * @param z the names of the z of each output, which stand in `rows`
 * @param names those that there are
 */
function selected({ activation, labels }: Sum, rows: string, z: readonly string[], names: Names): string {
  const without = `* EXCLUDE (${z.join(', ')})`;
  const called = (name: string): string => identifier(names.unused(name));
  const outputs = z.map((name) => finite(phi[activation]?.(name) ?? ''));
  if (labels === undefined) {
    const all = outputs.map(
      (value, k) => `${value} AS ${called(outputs.length === 1 ? 'prediction' : `prediction ${k}`)}`,
    );
    return `SELECT ${without},\n  ${all.join(',\n  ')}\nFROM ${rows}`;
  }
  if (outputs.length === 1) {
    const p = `(${outputs[0] ?? ''})`;
    const label = `CASE WHEN ${p} >= 0.5e0 THEN ${literal(labels[1] ?? '')} WHEN ${p} < 0.5e0 THEN ${literal(labels[0] ?? '')} END`;
    return `SELECT ${without},\n  ${p} AS ${called('prediction')},\n  ${label} AS ${called('label')}\nFROM ${rows}`;
  }
  const p = z.map((_, k) => identifier(names.unused(`thalweg p${k}`)));
  const most = `greatest(${z.join(', ')})`;
  // Of an infinity, as of NaN, there is no prediction.
  const shifted = z.map(
    (name, k) => `CASE WHEN isfinite(${most}) THEN exp(${name} - ${most}) END AS ${p[k] ?? ''}`,
  );
  const exps = `(SELECT *,\n  ${shifted.join(',\n  ')}\nFROM ${rows})`;
  const total = `(${p.join(' + ')})`;
  const largest = `greatest(${p.join(', ')})`;
  const probabilities = p.map(
    (name, k) => `${name} / ${total} AS ${called(`probability ${labels[k] ?? ''}`)}`,
  );
  const whens = p.map((name, k) => `WHEN ${name} = ${largest} THEN ${literal(labels[k] ?? '')}`);
  const hidden = `* EXCLUDE (${[...z, ...p].join(', ')})`;
  return `SELECT ${hidden},\n  ${probabilities.join(',\n  ')},\n  CASE ${whens.join(' ')} END AS ${called('label')}\nFROM ${exps}`;
}
