import type { ModelJSON } from '../../model/format';
import { formSql } from '../../tables/columns/forms-sql';
import { identifier, literal } from '../../tables/files/sql';
import { type AnyPart, type Part, type Sum, sumOf } from './parts';

/** A number as SQL reads it back without a loss: with an exponent it is no decimal. */
function double(value: number): string {
  const text = String(value);
  const written = text.includes('e') ? text : `${text}e0`;
  return value < 0 || Object.is(value, -0) ? `(${written})` : written;
}

/**
 * A model as one SELECT over a table `data`: its columns and, after them, what the model says of each row; NULL where there is
 * no prediction. For DuckDB; without dates and forms nearly all of it is standard.
 */
export function sqlOf(model: ModelJSON): string {
  const sum = sumOf(model);
  const outputs = sum.parameters.intercepts.length;
  const z = Array.from({ length: outputs }, (_, k) => `${zSql(sum, k)} AS ${zName(k)}`);
  const rows = `(SELECT *,\n  ${z.join(',\n  ')}\nFROM data)`;
  return `-- Written by thalweg. Put your table, or a file in quotes, in the place of data.\n${selected(sum, rows)};\n`;
}

const zName = (k: number): string => identifier(`thalweg z${k}`);
const pName = (k: number): string => identifier(`thalweg p${k}`);

function zSql({ parts, parameters, missing, unknownIsError, nulls }: Sum, k: number): string {
  const terms = parts.map((part) => partSql(part, k, { missing, unknownIsError, nulls }));
  return [double(parameters.intercepts[k] as number), ...terms].join('\n    + ');
}

type Policy = Pick<Sum, 'missing' | 'unknownIsError' | 'nulls'>;

function partSql(part: AnyPart, k: number, { missing, unknownIsError, nulls }: Policy): string {
  const { name, feature, absent } = part;
  const column = identifier(name);
  const text = `trim(CAST(${column} AS VARCHAR))`;
  const instead = (found: Part | undefined, isError: boolean, what: string): string =>
    found !== undefined
      ? double(found[k] as number)
      : isError
        ? `CAST(error(${literal(`the column "${name}" holds ${what}`)}) AS DOUBLE)`
        : 'NULL';
  const isText = feature.kind === 'category' || feature.form !== undefined;
  const words = feature.kind === 'category' && feature.keepsWords === true ? [] : nulls;
  const nothing = ['', ...words].map(literal).join(', ');
  const isNaN = feature.kind === 'number' && !isText ? ` OR isnan(CAST(${column} AS DOUBLE))` : '';
  const isMissing = isText ? `${column} IS NULL OR ${text} IN (${nothing})` : `${column} IS NULL${isNaN}`;
  const gone = instead(absent, missing === 'error', 'no value');
  if ('weights' in part) {
    const value = valueSql(part, column, text);
    return `CASE WHEN ${isMissing} THEN ${gone} ELSE ${double(part.weights[k] as number)} * ${value} END`;
  }
  const levels = part.levels.map(
    ([level, values]) => `WHEN ${literal(level)} THEN ${double(values[k] as number)}`,
  );
  const unknown = instead(
    part.unknown,
    missing === 'error' || unknownIsError,
    'a level that training did not see',
  );
  return `CASE WHEN ${isMissing} THEN ${gone} ELSE CASE ${text} ${levels.join(' ')} ELSE ${unknown} END END`;
}

function valueSql({ feature }: AnyPart, column: string, text: string): string {
  if (feature.kind !== 'category' && feature.form !== undefined) return formSql(feature.form, text);
  if (feature.kind === 'date') return `(epoch_us(CAST(${column} AS TIMESTAMP)) / 86400000000e0)`;
  return feature.kind === 'boolean'
    ? `CAST(CAST(${column} AS BOOLEAN) AS DOUBLE)`
    : `CAST(${column} AS DOUBLE)`;
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
