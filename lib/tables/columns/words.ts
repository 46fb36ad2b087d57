import { literal } from '../files/sql';

/** Words that stand for a missing value. */
export interface Words {
  readonly list: readonly string[];
  /** Whether capitals make no difference. */
  readonly anyCase: boolean;
}

/** Those that pandas, R and spreadsheets write, of any column of CSV. */
export const usualWords: Words = { list: ['na', 'n/a', 'nan', 'null', 'none', '#n/a'], anyCase: true };

/** Those that stand among numbers, where none can be a name. */
export const wordsAmongNumbers: Words = {
  list: [
    ...usualWords.list,
    ...['-', '--', '?', '.', '..', '\u2013', '\u2014', '\u2026', 'n.a.', 'n/d', 'nil', '#na', '#n/a n/a'],
    ...['#value!', '#ref!', '#div/0!', '#num!', '#name?', '#null!'],
  ],
  anyCase: true,
};

/** Words as they are given with --null. */
export function asWritten(list: readonly string[]): Words {
  return { list, anyCase: false };
}

/** Whether a text is one of the words: never NULL where the text is not. */
export function isWordSql(text: string, { list, anyCase }: Words): string {
  if (list.length === 0) return 'false';
  const longest = Math.max(...list.map((word) => Buffer.byteLength(word)));
  const among = `list_contains([${list.map(literal).join(', ')}], ${anyCase ? `lower(${text})` : text})`;
  return `(strlen(${text}) <= ${longest} AND ${among})`;
}

/** Whether a text is one of the words. */
export function isWord(text: string, { list, anyCase }: Words): boolean {
  return list.includes(anyCase ? text.toLowerCase() : text);
}

/** How the words may stand in a file, for readers that look for them as they are. */
export function spellings({ list, anyCase }: Words): string[] {
  const all = list.flatMap((word) => {
    const title = word.charAt(0).toUpperCase() + word.slice(1);
    return anyCase ? [word, word.toUpperCase(), title, ...(word === 'nan' ? ['NaN'] : [])] : [word];
  });
  return [...new Set(all)].flatMap((word) => [word, ` ${word}`, `${word} `]);
}
