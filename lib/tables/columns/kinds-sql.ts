import type { SourceColumn } from '../files/source';

/**
 * The column c0 as each kind of value, NULL where it is missing or of another: p0 whether it is present, n0 a
 * number, b0 a boolean, d0 a date, t0 text.
 */
export function kindsSql({ alias, sql }: Pick<SourceColumn, 'alias' | 'sql'>, withText = true): string {
  const id = alias.slice(1);
  return [
    `${sql.present} AS p${id}`,
    `${sql.number ?? 'NULL::DOUBLE'} AS n${id}`,
    `${sql.boolean ?? 'NULL::BOOLEAN'} AS b${id}`,
    `${sql.date ?? 'NULL::DOUBLE'} AS d${id}`,
    `${(withText ? sql.text : undefined) ?? 'NULL::VARCHAR'} AS t${id}`,
  ].join(', ');
}
