import type { Unread } from '../../tables/encoder/trained';
import { counted } from './format';

/** What is said of values that do not read as they did in training, a line a column. */
export function unreadLines(unread: readonly Unread[]): string[] {
  return unread.map(
    ({ column, count, row, text }) =>
      `${column}: ${counted(count, 'value')} that ${count === 1 ? 'does' : 'do'} not read as in training, ${JSON.stringify(text)} in row ${row}${count === 1 ? '' : ' the first'}`,
  );
}
