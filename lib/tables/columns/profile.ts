import type { Source, SourceColumn } from '../files/source';
import { type Asked, periodAmong } from './candidates';
import { isCode, leadingZeros } from './closer';
import { type Counts, countsOf, wordsOf } from './counts';
import { sampled, undressed } from './dressed';
import type { Form } from './form';
import { type Kind, type ReadColumn, isNumberOfWordSql } from './read-column';
import {
  refuseAsked,
  refuseInfinity,
  refuseMixture,
  refuseTwoReadings,
  refuseType,
  refuseUnlike,
} from './refusals';
import { isWord, isWordSql, spellings } from './words';

export type { Kind } from './read-column';

/** What was said of columns, by their names. */
export interface Said {
  /** Columns that are text, whatever they look like. */
  readonly categories?: ReadonlySet<string>;
  /** Columns that are numbers or dates, and in which reading. */
  readonly asked?: ReadonlyMap<string, Asked>;
  /** In which reading any column is that may have several. */
  readonly hints?: readonly Asked[];
  /** The words that are missing values instead of the usual ones. */
  readonly nulls?: readonly string[] | undefined;
}

/** What a whole column holds, over all rows of the file. */
export interface Profile extends Omit<ReadColumn, 'kind'> {
  /** Undefined where the column has no value at all. */
  readonly kind: Kind | undefined;
  readonly rows: number;
  readonly missing: number;
  /** The words that were taken for missing values, and how often each. */
  readonly taken: ReadonlyMap<string, number>;
  /** Whether words such as None are levels of it. */
  readonly keepsWords: boolean;
  /** How many of its values begin with a 0 before other digits. */
  readonly zeros: number;
  /** One of its texts, where those that were looked at are weeks or halves of years. */
  readonly period?: string | undefined;
  readonly counts: Counts;
}

/**
 * Reads the whole file to see what each column holds. A column is of one kind or is refused: a word among
 * numbers is a mistake in the file far more often than a category.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column of mixed or unknown kind, or one that reads in several ways,
 *   `ERR_NOT_FINITE` for an infinity, each with its row; `ERR_FILE` where there are no rows.
 */
export async function profile(
  source: Source,
  columns: readonly SourceColumn[],
  said: Said = {},
): Promise<Profile[]> {
  const { categories = new Set<string>(), asked = new Map<string, Asked>(), nulls } = said;
  const asText = new Set([...categories, ...asked.keys()]);
  await source.takeAsText(columns.filter(({ name }) => asText.has(name)));
  const looking = { asText, nulls };
  const counts = await countsOf(source, columns, looking);
  const found = await kinds(source, columns, counts, said);
  const zeros = await codes(source, columns, found, said);
  // Of names only those out of quotes are missing: what stands in quotes is there after a second look.
  const quotable = columns.filter(
    (column) =>
      nulls === undefined &&
      found.get(column)?.kind === 'category' &&
      !categories.has(column.name) &&
      (counts.get(column) as Counts).words > 0,
  );
  const before = await takenOf(source, columns, found, counts);
  const after = await unquoted(source, quotable, found, counts, before);
  return columns.map((column) => {
    const read = found.get(column) as Read;
    const of = counts.get(column) as Counts;
    const taken = after.get(column) ?? before.get(column) ?? new Map<string, number>();
    const gone = [...taken.values()].reduce((sum, count) => sum + count, 0);
    const hasNone = of.words + of.marks === 0 && !before.has(column);
    const words = hasNone || quotable.includes(column) ? undefined : read.words;
    return {
      ...{ column, ...read, words, rows: of.rows, counts: of, taken },
      missing: read.kind === undefined ? of.rows : of.rows - of.present + gone,
      // Words that are named are missing there, too.
      keepsWords: nulls === undefined && categories.has(column.name),
      zeros: zeros.get(column) ?? 0,
    };
  });
}

type Read = Omit<ReadColumn, 'kind' | 'column'> & Pick<Profile, 'kind' | 'period'>;

/** What each column is taken as. */
async function kinds(
  source: Source,
  columns: readonly SourceColumn[],
  counts: Map<SourceColumn, Counts>,
  said: Said,
): Promise<Map<SourceColumn, Read>> {
  const found = new Map<SourceColumn, Read>();
  const texts: SourceColumn[] = [];
  for (const column of columns) {
    const plain = await plainly(source, column, counts.get(column) as Counts, said);
    if (plain === undefined) texts.push(column);
    else found.set(column, plain);
  }
  if (texts.length === 0) return found;
  const samples = await sampled(source, texts);
  for (const column of texts) {
    const { read, range } = await textually(source, column, counts.get(column) as Counts, samples, said);
    if (range !== undefined) counts.set(column, { ...(counts.get(column) as Counts), ...range });
    found.set(column, read);
  }
  return found;
}

/** A column whose values read plainly; undefined where they are to be looked at. */
async function plainly(
  source: Source,
  column: SourceColumn,
  counts: Counts,
  { categories, asked, nulls }: Said,
): Promise<Read | undefined> {
  const { present, words, marks } = counts;
  const { ofNames, amongNumbers } = wordsOf(column, nulls);
  if (categories?.has(column.name) === true && counts.text === present) {
    const kept = nulls === undefined ? undefined : ofNames;
    return present === (nulls === undefined ? 0 : words)
      ? { kind: undefined }
      : { kind: 'category', words: kept };
  }
  const as = asked?.get(column.name)?.as;
  if (present === words || present === marks) return { kind: undefined, words: ofNames };
  if (as !== 'dates' && counts.number === present - marks)
    return counts.infinite === 0
      ? { kind: 'number', words: amongNumbers }
      : await refuseInfinity(source, column);
  if (as === undefined && counts.boolean === present - words) return { kind: 'boolean' };
  if (as !== 'numbers' && counts.date === present - marks) return { kind: 'date', words: amongNumbers };
  if (counts.text < present) return await refuseType(source, column);
  return undefined;
}

/** A column of text: numbers or dates that are written in a form, or names. */
async function textually(
  source: Source,
  column: SourceColumn,
  counts: Counts,
  samples: ReadonlyMap<SourceColumn, ReadonlySet<string>>,
  { asked, hints = [], nulls }: Said,
): Promise<{ read: Read; range?: { least: number; greatest: number } }> {
  const { ofNames, amongNumbers } = wordsOf(column, nulls);
  const ask = asked?.get(column.name);
  const texts = samples.get(column) ?? new Set<string>();
  const { fitting, almost } = await undressed(source, column, texts, amongNumbers, ask);
  const hinted = fitting.filter(({ form }) => hints.every((hint) => agrees(form, hint)));
  const [only, ...others] = hinted.length === 0 ? fitting : hinted;
  if (only !== undefined && others.length > 0)
    return await refuseTwoReadings(source, column, [only, ...others]);
  if (only !== undefined) {
    const { form, least, greatest } = only;
    const kind = form.read === 'date' ? 'date' : 'number';
    return { read: { kind, form, words: amongNumbers }, range: { least, greatest } };
  }
  if (ask !== undefined) return await refuseAsked(source, column, ask.as, almost?.form, amongNumbers);
  if (counts.number > 0 || counts.date > 0) return await refuseMixture(source, column, counts, amongNumbers);
  if (almost !== undefined)
    return await refuseUnlike(source, column, { ...almost, present: counts.present }, amongNumbers);
  const period = periodAmong([...texts].filter((text) => !isWord(text, ofNames)));
  return { read: { kind: 'category', words: ofNames, ...(period && { period }) } };
}

/**
 * Of columns of numbers in text, how many values begin with a 0. Where all are digits and as many, they are codes, which are
 * names.
 */
async function codes(
  source: Source,
  columns: readonly SourceColumn[],
  found: Map<SourceColumn, Read>,
  { asked, nulls }: Said,
): Promise<Map<SourceColumn, number>> {
  const texts = columns.filter((column) => {
    const { kind, form = { read: 'number' } } = found.get(column) as Read;
    const isPlain = kind === 'number' && Object.keys(form).length === 1 && form.read === 'number';
    return isPlain && column.sql.text !== undefined && /^(?:text|json|VARCHAR)$/.test(column.type);
  });
  const zeros = await leadingZeros(source, texts);
  for (const column of zeros.keys()) {
    const { ofNames, amongNumbers } = wordsOf(column, nulls);
    if (asked?.has(column.name) !== true && (await isCode(source, column, amongNumbers)))
      found.set(column, { kind: 'category', words: ofNames });
  }
  return zeros;
}

/** Whether a form is what was asked for, or of another sort. */
function agrees(form: Form, hint: Asked): boolean {
  if (hint.hint === undefined) return true;
  if (hint.as === 'dates') return form.read !== 'date' || form.order === hint.hint;
  return form.read !== 'number' || (form.decimal === ',') === (hint.hint === 'decimal-comma');
}

/** The words that are missing values in each column, and how often each. */
async function takenOf(
  source: Source,
  columns: readonly SourceColumn[],
  found: ReadonlyMap<SourceColumn, Read>,
  counts: ReadonlyMap<SourceColumn, Counts>,
): Promise<Map<SourceColumn, Map<string, number>>> {
  const taken = new Map<SourceColumn, Map<string, number>>();
  for (const column of columns) {
    const read = found.get(column) as Read;
    const { kind, words } = read;
    const { words: named, marks } = counts.get(column) as Counts;
    const count = kind === 'number' || kind === 'date' ? marks : named;
    const isKept = kind === 'category' && words === undefined;
    if ((words ?? kind) === undefined || isKept) continue;
    // Of a form, and of dates, the counts know words alone, and no numbers that these stand for.
    if (count === 0 && (kind === undefined || numberOfWord({ ...read, kind, column }).length === 0)) continue;
    const of = await wordCounts(source, column, read);
    if (of.size > 0) taken.set(column, of);
  }
  return taken;
}

const numberOfWord = (read: ReadColumn): string[] => isNumberOfWordSql(read, read.column.sql);

async function wordCounts(source: Source, column: SourceColumn, read: Read): Promise<Map<string, number>> {
  const { kind = 'number', words = wordsOf(column, undefined).ofNames } = read;
  const tests = [isWordSql('t', words), ...numberOfWord({ ...read, kind, column, words })];
  const rows = `(SELECT *, ${column.sql.text ?? 'NULL::VARCHAR'} AS t FROM ${source.select([column])})`;
  const found = await source.database.rows(
    `SELECT t, count(*)::DOUBLE FROM ${rows} WHERE ${tests.join(' OR ')} GROUP BY t ORDER BY count(*) DESC, t`,
  );
  return new Map(found.map(([word, count]) => [String(word), Number(count)]));
}

/** Takes the words out of columns that stand there without quotes, and counts these alone. */
async function unquoted(
  source: Source,
  columns: readonly SourceColumn[],
  found: ReadonlyMap<SourceColumn, Read>,
  counts: Map<SourceColumn, Counts>,
  before: ReadonlyMap<SourceColumn, ReadonlyMap<string, number>>,
): Promise<Map<SourceColumn, Map<string, number>>> {
  const [first] = columns;
  const taken = new Map<SourceColumn, Map<string, number>>();
  if (first === undefined) return taken;
  await source.takeAsMissing(columns, spellings(wordsOf(first, undefined).ofNames));
  for (const column of columns) {
    const quoted = await wordCounts(source, column, found.get(column) as Read);
    const all = [...(before.get(column) ?? [])].map(
      ([word, count]) => [word, count - (quoted.get(word) ?? 0)] as const,
    );
    taken.set(column, new Map(all.filter(([, count]) => count > 0)));
    const of = counts.get(column) as Counts;
    counts.set(column, { ...of, words: 0 });
  }
  return taken;
}

/** How a profiled column that has values is read. */
export function readOf({ column, kind = 'number', form, words, counts }: Profile): ReadColumn {
  const isAsWritten = kind === 'category' && counts.trimmed === 0;
  return {
    column,
    kind,
    ...(form && { form }),
    ...(words && { words }),
    ...(isAsWritten && { isAsWritten }),
  };
}
