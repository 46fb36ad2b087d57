import { literal } from '../files/sql';
import type { Kind, Profile } from '../columns/profile';
import type { SourceColumn } from '../files/source';
import type { Target } from '../../model/features';

export * from '../../model/features';

/** A column's value of one kind, NULL where it is missing: a DOUBLE, or the text of a category. */
export function valueSql({ sql }: SourceColumn, kind: Kind): string {
  const values = { number: sql.number, boolean: sql.boolean, date: sql.date, category: sql.text };
  const value = values[kind] ?? 'NULL';
  return kind === 'boolean' ? `CAST(${value} AS DOUBLE)` : value;
}

/** A target's value as one DOUBLE, NULL where it is missing. */
export function encodedTargetSql(column: SourceColumn, target: Target): string {
  const value = valueSql(column, target.kind);
  if (target.kind === 'boolean' || target.levels === undefined) return value;
  return codeSql(target.kind === 'number' ? integerSql(value) : value, target.levels.map(String));
}

/** A whole number as text. */
function integerSql(value: string): string {
  return `TRY_CAST(TRY_CAST(${value} AS BIGINT) AS VARCHAR)`;
}

/** The place of a text among levels, from 0 on, as DOUBLE; NULL where it is none of them. */
export function codeSql(value: string, levels: readonly string[]): string {
  return `CAST(enum_code(TRY_CAST(${value} AS ENUM(${levels.map(literal).join(', ')}))) AS DOUBLE)`;
}

/** The kind of a profiled column that is known to have values. */
export function knownKind({ kind }: Profile): Kind {
  return kind ?? 'number';
}
