import type { Unread } from '../../tables/encoder/trained';
import { counted, number } from './format';

/** `bmi 10, age 2`: which columns are to blame for rows that are left out, in how many rows. */
export function blamedText(
  columns: readonly { readonly column: { readonly name: string } }[],
  each: ArrayLike<number>,
): string {
  const texts = columns.map(({ column: { name } }, at) => ({ name, count: each[at] ?? 0 }));
  return texts
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${name} ${number(count)}`)
    .join(', ');
}

/** What is said of values that do not read as they did in training, a line a column. */
export function unreadLines(unread: readonly Unread[]): string[] {
  return unread.map(
    ({ column, count, row, text }) =>
      `${column}: ${counted(count, 'value')} that ${count === 1 ? 'does' : 'do'} not read as in training, ${JSON.stringify(text)} in row ${row}${count === 1 ? '' : ' the first'}`,
  );
}
