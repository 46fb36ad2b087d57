import type { Cell } from '../files/database';
import type { Source, SourceColumn } from '../files/source';
import { alike, unnested } from './alike';
import { type Asked, candidates } from './candidates';
import type { Form } from './form';
import { formSql } from './forms-sql';
import { type Words, isWord, isWordSql } from './words';

/** Rows that are looked at before any form is tried on all of them. */
const SAMPLED_ROWS = 2048;
const SAMPLED_VALUES = 1 << 18;

/** Some different texts of each column. */
export async function sampled(
  source: Source,
  columns: readonly SourceColumn[],
): Promise<Map<SourceColumn, Set<string>>> {
  const found = new Map(columns.map((column) => [column, new Set<string>()]));
  const rows = Math.max(16, Math.min(SAMPLED_ROWS, Math.floor(SAMPLED_VALUES / columns.length)));
  for (const group of alike(columns)) {
    const text = (group[0] as SourceColumn).read('c0').text ?? 'NULL::VARCHAR';
    const values = await source.database.rows(
      `SELECT DISTINCT i::DOUBLE, t FROM (SELECT i, ${text} AS t FROM ${unnested(source, group, rows)}) WHERE t IS NOT NULL`,
    );
    for (const [i, value] of values) found.get(group[Number(i) - 1] as SourceColumn)?.add(String(value));
  }
  return found;
}

/** A form in which every value reads, and the range of what it reads as. */
export interface Dressed {
  readonly form: Form;
  readonly least: number;
  readonly greatest: number;
}

/** What a column of text is, besides text. */
export interface Undressed {
  /** Those in which every value reads; several where a value could stand for several. */
  readonly fitting: readonly Dressed[];
  /** A form in which most values read and some do not, which are words. */
  readonly almost?: { readonly form: Form; readonly count: number } | undefined;
}

/** Each time with more of the values that did not fit. */
const MOST_TRIALS = 4;

/**
 * The forms that fit all values of a column but the words for missing ones: those that some texts suggest, tried on all rows.
 *
 * @param texts some of them
 */
export async function undressed(
  source: Source,
  column: SourceColumn,
  texts: ReadonlySet<string>,
  words: Words,
  asked?: Asked,
): Promise<Undressed> {
  const seen = new Set([...texts].filter((text) => !isWord(text, words)));
  for (let trial = 0; trial < MOST_TRIALS; trial += 1) {
    const forms = candidates([...seen], asked);
    if (forms.length === 0) break;
    const { fitting, odd } = await tried(source, column, forms, words);
    if (odd.length === 0) return { fitting };
    for (const text of odd) seen.add(text);
  }
  return { fitting: [], almost: await almost(source, column, seen, words, asked) };
}

/** Of each form how many values read in it, and their range. */
async function fits(
  source: Source,
  column: SourceColumn,
  forms: readonly Form[],
  words: Words,
): Promise<{ readonly count: number; readonly values: readonly Cell[][] }> {
  const names = forms.map((form, index) => `${formSql(form, 't')} AS f${index}`);
  const inner = `(SELECT ${names.join(', ')} FROM ${textsSql(source, column, words)})`;
  const counts = forms.map((_, at) => `count(f${at})::DOUBLE, min(f${at}), max(f${at})`);
  const [cells = []] = await source.database.rows(
    `SELECT count(*)::DOUBLE, ${counts.join(', ')} FROM ${inner}`,
  );
  const values = forms.map((_, index) => cells.slice(1 + 3 * index, 4 + 3 * index));
  return { count: Number(cells[0]), values };
}

/** The texts t of a column that are no words. */
function textsSql(source: Source, column: SourceColumn, words: Words): string {
  const texts = `(SELECT ${column.sql.text ?? 'NULL::VARCHAR'} AS t FROM ${source.select([column])})`;
  return `(SELECT t FROM ${texts} WHERE t IS NOT NULL AND NOT ${isWordSql('t', words)})`;
}

const MOST_ODD = 1000;

/** The forms that fit all values, or where none does some that do not fit any. */
async function tried(
  source: Source,
  column: SourceColumn,
  forms: readonly Form[],
  words: Words,
): Promise<{ fitting: Dressed[]; odd: string[] }> {
  const { count, values } = await fits(source, column, forms, words);
  const fitting = forms.flatMap((form, index) => {
    const [fit, least, greatest] = values[index] ?? [];
    return Number(fit) === count && count > 0
      ? [{ form, least: Number(least), greatest: Number(greatest) }]
      : [];
  });
  if (fitting.length > 0) return { fitting, odd: [] };
  const none = forms.map((form) => `${formSql(form, 't')} IS NULL`).join(' OR ');
  const odd = await source.database.rows(
    `SELECT DISTINCT t FROM ${textsSql(source, column, words)} WHERE ${none} LIMIT ${MOST_ODD}`,
  );
  return { fitting, odd: odd.map(([text]) => String(text)) };
}

/** A form of the texts with digits, where these are most and the others are words. */
async function almost(
  source: Source,
  column: SourceColumn,
  seen: ReadonlySet<string>,
  words: Words,
  asked?: Asked,
): Promise<Undressed['almost']> {
  const withDigits = [...seen].filter((text) => /[0-9]/.test(text));
  const [form] = withDigits.length === seen.size ? [] : candidates(withDigits, asked);
  if (form === undefined) return undefined;
  const { count, values } = await fits(source, column, [form], words);
  const fit = Number(values[0]?.[0] ?? 0);
  return 2 * fit >= count ? { form, count: fit } : undefined;
}
