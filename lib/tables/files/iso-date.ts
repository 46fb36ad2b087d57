import { literal } from './sql';

/** UTC by one of its names, or hours and minutes from it. */
export const ZONE = '(Z|UTC|GMT|[-+][0-9]{2}(?::?[0-9]{2})?)';

const DAY = '([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})';
/** 24:00 is the end of a day. */
const CLOCK = '([01]?[0-9]|2[0-4]):([0-5]?[0-9])(?::([0-5]?[0-9](?:[.,][0-9]{1,9})?))?';

/**
 * ISO 8601, with a space as well as a T, for RE2 and JavaScript: year, month, day, hours, minutes, seconds, zone. A zone has no
 * name: after one of them DuckDB reads all dates of its chunk in that zone.
 */
export const ISO_DATE = `${DAY}(?:[T ]${CLOCK}(?: ?${ZONE})?)?`;

const uncaptured = (pattern: string): string => pattern.replace(/\((?!\?)/g, '(?:');

/** Of a text, trimmed, microseconds since 1970-01-01 UTC where it is one of `ISO_DATE`, otherwise NULL; without a zone it is UTC. */
export function isoMicrosecondsSql(text: string): string {
  const local = uncaptured(`${DAY}(?:[T ]${CLOCK})?`);
  const parts = `^(${uncaptured(`${DAY}[T ]${CLOCK}`)}) ?${ZONE}$`;
  const part = (group: number): string => `regexp_extract(${text}, ${literal(parts)}, ${group})`;
  const isLocal = `strlen(${text}) <= 10 OR regexp_full_match(${text}, ${literal(local)})`;
  const isZoned = `regexp_full_match(${text}, ${literal(uncaptured(parts))})`;
  const zoned = `epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ))`;
  // DuckDB reads no zone after minutes, nor after a space.
  const moved = `${stampSql(part(1))} - CAST(${zoneMinutesSql(part(2))} AS BIGINT) * 60000000`;
  return (
    `CASE WHEN substr(${text}, 5, 1) <> '-' THEN NULL WHEN ${isLocal} THEN ${stampSql(text)} ` +
    `WHEN ${isZoned} THEN coalesce(${zoned}, ${moved}) END`
  );
}

function stampSql(text: string): string {
  const [plain, withPoint] = [text, `replace(${text}, ',', '.')`].map(
    (stamp) => `TRY_CAST(${stamp} AS TIMESTAMP)`,
  );
  return `epoch_us(coalesce(${plain}, ${withPoint}))`;
}

/** Digits as a number; of none 0. */
export const digitsSql = (text: string): string => `coalesce(TRY_CAST(${text} AS DOUBLE), 0::DOUBLE)`;

/** Of a `ZONE`, or nothing, its minutes before UTC. */
export function zoneMinutesSql(zone: string): string {
  const digits = `replace(substr(${zone}, 2), ':', '')`;
  const minutes = `(${digitsSql(`substr(${digits}, 1, 2)`)} * 60 + ${digitsSql(`substr(${digits}, 3)`)})`;
  return `CASE substr(${zone}, 1, 1) WHEN '-' THEN -${minutes} WHEN '+' THEN ${minutes} ELSE 0::DOUBLE END`;
}
