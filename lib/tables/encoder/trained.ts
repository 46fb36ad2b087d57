import { ThalwegError } from '../../base/errors';
import { listed } from '../../base/listed';
import { column } from '../columns/columns';
import { type Counts, countsOf, wordsOf } from '../columns/counts';
import { described } from '../columns/described';
import { type Kind, profile, readOf } from '../columns/profile';
import { type ReadColumn, isNumberOfWordSql, presentSql, valueSql } from '../columns/read-column';
import { spellings, usualWords } from '../columns/words';
import type { Source, SourceColumn } from '../files/source';
import { refuseMissing } from './choice';
import type { Encoder, Feature, Target } from './encoding';
import type { Reading } from './reading';
import { targetLevels } from './target';
import { weightOf } from './weight';

/** Values of a column that are there and do not read as they did in training. */
export interface Unread {
  readonly column: string;
  readonly count: number;
  /** The first, with its row from 1 on. */
  readonly row: number;
  readonly text: string;
}

/** How to read a file, and how many rows it has. */
export interface TrainedReading {
  readonly reading: Reading;
  readonly fileRows: number;
  /** Rows with such a value are left out. */
  readonly unread: readonly Unread[];
}

/**
 * How a data file is read for a trained model: by the names of the columns, with what training knew of them.
 * The file is read once to see that each column still is what it was.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column that is absent, of which no value is of the kind it was, or a target of other
 *   levels.
 */
export async function readingFor(
  source: Source,
  model: Encoder,
  { withTarget, weight }: { readonly withTarget: boolean; readonly weight?: string | undefined },
): Promise<TrainedReading> {
  const encodings: (Feature | Target)[] = [...model.features, ...(withTarget ? [model.target] : [])];
  const reads = await knownReads(source, encodings, model.nulls);
  const { fileRows, found, unread } = await looked(source, reads, model);
  const features = model.features.map((encoding, index) => ({ ...(found[index] as ReadColumn), encoding }));
  const target = withTarget
    ? { ...(found[model.features.length] as ReadColumn), encoding: model.target }
    : undefined;
  if (target !== undefined) await requireLevels(source, target);
  const weighing = weight === undefined ? undefined : column(source, weight);
  if (weighing !== undefined) await weightOf(source, weighing);
  const reading: Reading = {
    ...{ features, missing: model.missing },
    ...(model.unknown === undefined ? {} : { unknown: model.unknown }),
    ...(target === undefined ? {} : { target }),
    ...(weighing === undefined ? {} : { weight: weighing }),
  };
  return { reading, fileRows, unread };
}

/** The columns of a model, read as in training. */
async function knownReads(
  source: Source,
  encodings: readonly (Feature | Target)[],
  nulls: Encoder['nulls'],
): Promise<ReadColumn[]> {
  const columns = encodings.map(({ name }) => column(source, name));
  const isText = ({ kind, ...rest }: Feature | Target): boolean =>
    kind === 'category' || ('form' in rest && rest.form !== undefined);
  await source.takeAsText(columns.filter((_, index) => isText(encodings[index] as Feature | Target)));
  return encodings.map((encoding, index) => {
    const read = columns[index] as SourceColumn;
    const { ofNames, amongNumbers } = wordsOf(read, nulls);
    const isKept = 'keepsWords' in encoding && encoding.keepsWords === true;
    const words = encoding.kind === 'category' ? ofNames : amongNumbers;
    const form = 'form' in encoding ? encoding.form : undefined;
    return { column: read, kind: encoding.kind, form, words: isKept ? undefined : words };
  });
}

/** Whether texts of a column have a type, so that none is taken for a number by itself, and may be read as one. */
function mayTakeText({ kind, form, column: { type } }: ReadColumn): boolean {
  if (form !== undefined || kind === 'category') return false;
  return type === 'json' || type === 'VARCHAR' || type.startsWith('ENUM');
}

/** Sees what columns hold, and takes out of them what is missing, and marks what does not read. */
async function looked(
  source: Source,
  reads: readonly ReadColumn[],
  { nulls, missing: policy }: Encoder,
): Promise<{ fileRows: number; found: ReadColumn[]; unread: Unread[] }> {
  const columns = reads.map((read) => read.column);
  const names = reads.filter(({ kind }) => kind === 'category').map((read) => read.column.name);
  const counts = await countsOf(source, columns, { asText: new Set(names), nulls });
  const hasWords = ({ column: read, kind, words }: ReadColumn): boolean =>
    kind === 'category' && words !== undefined && (counts.get(read) as Counts).words > 0;
  const quotable = nulls === undefined ? reads.filter(hasWords).map((read) => read.column) : [];
  await source.takeAsMissing(quotable, spellings(usualWords));
  const found: ReadColumn[] = [];
  const unread: Unread[] = [];
  for (const read of reads) {
    const isFiltered = read.kind === 'category' && (quotable.includes(read.column) || !hasWords(read));
    const known = counts.get(read.column) as Counts;
    let taken: ReadColumn = isFiltered ? { ...read, words: undefined } : read;
    let { values, missing } = await valuesOf(source, taken, known);
    if (values + missing < known.rows && mayTakeText(taken)) {
      taken = { ...taken, takesText: true };
      ({ values, missing } = await valuesOf(source, taken, known));
    }
    const odd = known.rows - values - missing;
    if (values === 0 && isOtherKind(read, known, odd)) throw await otherKind(source, taken, known);
    if (odd > 0) unread.push(await firstUnread(source, taken, odd));
    if (policy === 'error' && missing > 0) await refuseMissing(source, taken, missing);
    found.push(odd > 0 ? { ...taken, marksUnread: true } : taken);
  }
  return { fileRows: counts.get(columns[0] as SourceColumn)?.rows ?? 0, found, unread };
}

/** How many values of a column read as in training, and how many are missing. */
async function valuesOf(
  source: Source,
  read: ReadColumn,
  { rows, present, number, boolean, date, infinite, words, marks }: Counts,
): Promise<{ readonly values: number; readonly missing: number }> {
  // Counts know of words what numbers they stand for, and not what dates.
  const isOfWords = read.kind === 'date' && isNumberOfWordSql(read, read.column.sql).length > 0;
  if (read.form === undefined && read.takesText !== true && read.kind !== 'category' && !isOfWords) {
    const values = { number: number - infinite, boolean, date }[read.kind];
    return { values, missing: rows - present + (read.kind === 'boolean' ? words : marks) };
  }
  const [cells = []] = await source.database.rows(
    `SELECT ${read.kind === 'category' ? 'count(v)' : 'count(CASE WHEN isfinite(v) THEN 1 END)'}::DOUBLE, count(CASE WHEN p THEN 1 END)::DOUBLE FROM ` +
      `(SELECT ${valueSql(read)} AS v, ${presentSql(read, read.column.sql)} AS p FROM ${source.select([read.column])})`,
  );
  return { values: Number(cells[0]), missing: rows - Number(cells[1]) };
}

async function firstUnread(source: Source, read: ReadColumn, count: number): Promise<Unread> {
  const { column: of } = read;
  const rows = source.select([of], { rowNumber: true });
  const text = of.sql.text ?? `'a value of another type'`;
  const isUnread = `${presentSql(read, of.sql)} AND NOT coalesce(isfinite(${read.kind === 'category' ? '0::DOUBLE' : valueSql(read)}), false)`;
  const [cells = []] = await source.database.rows(
    `SELECT r::DOUBLE, ${text} FROM ${rows} WHERE ${isUnread} ORDER BY r LIMIT 1`,
  );
  return { column: of.name, count, row: Number(cells[0]), text: String(cells[1]).slice(0, 80) };
}

/**
 * How a data file is read for a neuron whose inputs have no names: all columns in their order, each as one input.
 *
 * @param inputs how many it has
 * @param model what to call the neuron
 * @throws ThalwegError `ERR_COLUMN` where there are more or fewer columns, or one of text
 */
export async function readingInOrder(source: Source, inputs: number, model: string): Promise<TrainedReading> {
  const { columns, name, path } = source;
  if (columns.length !== inputs) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${model} has ${inputs} inputs and no names for them, and ${name} has ${columns.length} columns. ` +
        'Give a file of its inputs alone, in their order, or a model that thalweg fit --output wrote.',
      { path },
    );
  }
  const profiles = await profile(source, columns);
  const features = profiles.map((found) => {
    const read = readOf(found);
    const { kind, form, column: of } = read;
    if (kind !== 'category') {
      const plain = { name: of.name, kind, mean: 0, scale: 1 };
      return { ...read, encoding: form === undefined ? plain : { ...plain, form } };
    }
    throw new ThalwegError(
      'ERR_COLUMN',
      `The column "${of.name}" of ${name} holds text, and ${model} does not say how it becomes numbers. ` +
        'Give numbers, or a model that thalweg fit --output wrote.',
      { path, column: of.name },
    );
  });
  return { reading: { features, missing: 'drop' }, fileRows: profiles[0]?.rows ?? 0, unread: [] };
}

/** Whether a column of which nothing reads as in training is of another kind: one text alone is a bad cell. */
function isOtherKind(read: ReadColumn, counts: Counts, odd: number): boolean {
  return odd > 1 || (odd === 1 && kindHere(read, counts) !== undefined);
}

/** Another kind that values of a column read as. */
function kindHere({ kind }: ReadColumn, counts: Counts): Exclude<Kind, 'category'> | undefined {
  return (['boolean', 'number', 'date'] as const).find((one) => counts[one] > 0 && one !== kind);
}

async function otherKind(source: Source, read: ReadColumn, counts: Counts): Promise<ThalwegError> {
  const { name } = read.column;
  const { row, text } = await firstUnread(source, read, 1);
  const kind = kindHere(read, counts);
  const holds = kind === undefined ? `text, as ${JSON.stringify(text)} in row ${row}` : PLURALS[kind];
  const was = read.form === undefined ? PLURALS[read.kind] : described(read.form, read.column);
  return new ThalwegError(
    'ERR_COLUMN',
    `The column "${name}" of ${source.name} holds ${holds}; the model was trained on ${was} there. ` +
      'Give data of the same form as it was trained on.',
    { path: source.path, column: name },
  );
}

const PLURALS: Record<Kind, string> = {
  number: 'numbers',
  boolean: 'booleans',
  date: 'dates',
  category: 'text',
};

async function requireLevels(
  source: Source,
  target: ReadColumn & { readonly encoding: Target },
): Promise<void> {
  const { column: read, encoding } = target;
  if (encoding.kind === 'boolean' || encoding.levels === undefined) return;
  const known = new Set<string | number>(encoding.levels);
  // One of more than are known is unknown; what does not read is an infinity.
  const levels = await targetLevels(source, target, known.size + 2);
  const unknown = levels.find((level) => !known.has(level) && level !== Infinity);
  if (unknown !== undefined) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `The target "${read.name}" of ${source.name} holds ${JSON.stringify(unknown)}; the model knows ${listed(encoding.levels)}.`,
      { path: source.path, column: read.name },
    );
  }
}
