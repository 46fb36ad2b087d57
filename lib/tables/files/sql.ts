import { ThalwegError } from '../../base/errors';

/** A text as an SQL literal. SQL text ends at a NUL, so that a NUL is refused. */
export function literal(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`;
}

/**
 * The path of one file as an SQL literal: DuckDB takes paths for globs, in which a character between brackets stands for
 * itself. Only a backslash cannot stand there; where it would escape, any character takes its place, and `allowed_paths`
 * keeps it to the one file.
 */
export function fileLiteral(path: string): string {
  const isGlob = /[*?[]/.test(path);
  return literal(
    isGlob ? path.replaceAll(/[*?[\\]/g, (character) => (character === '\\' ? '?' : `[${character}]`)) : path,
  );
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

function withoutNul(text: string): string {
  if (text.includes('\0')) {
    throw new ThalwegError(
      'ERR_FILE',
      `The data hold a NUL character in ${JSON.stringify(text)}. Remove it from the file.`,
    );
  }
  return text;
}
