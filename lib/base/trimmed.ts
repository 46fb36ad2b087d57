/** The spaces at both ends of a text, of any width, and no tabs or line ends: what DuckDB's `trim` takes off as a table is read. */
export const SPACES_AROUND = /^\p{Zs}+|\p{Zs}+$/gu;

/** A text without them. */
export function trimmed(text: string): string {
  return text.replace(SPACES_AROUND, '');
}
