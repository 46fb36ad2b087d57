import { ThalwegError } from '../../base/errors';

/** A text as an SQL literal. SQL text ends at a NUL, so that a NUL is refused. */
export function literal(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`;
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
