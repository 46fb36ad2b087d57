import { literal } from '../files/sql';
import { type ReadColumn, valueSql } from '../columns/read-column';
import type { Target } from '../../model/features';

export * from '../../model/features';

/** A target's value as one DOUBLE, NULL where it is missing. */
export function encodedTargetSql(read: ReadColumn, target: Target): string {
  const value = valueSql(read);
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
