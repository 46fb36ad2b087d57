import { ThalwegError } from '../../base/errors';
import type { Asked } from '../columns/candidates';
import { column } from '../columns/columns';
import { type Doubt, doubts } from '../columns/leaving-out';
import { type Profile, profile, readOf } from '../columns/profile';
import { type ReadColumn, valueSql } from '../columns/read-column';
import { option } from '../columns/refusals';
import type { Source, SourceColumn } from '../files/source';
import type { ColumnNote, Note } from '../notes';
import type { Encoder, MissingPolicy } from './encoding';
import { settled } from './settled';
import type { Split } from './split';
import type { ChosenFeature, Choice } from './statistics';
import { columnNotes, doubtNote, targetNotes } from './table-notes';
import { targetEncoding } from './target';
import { type Weight, weightOf } from './weight';

/** Columns that a message names. */
const mostNamed = 12;

/** What a person asked to learn from a file. */
export interface Request {
  readonly target: string;
  /** All columns but the target where not given. */
  readonly features?: readonly string[];
  /** Columns that are no features. */
  readonly exclude?: readonly string[];
  /** Columns that are text, whatever they look like. */
  readonly categories?: readonly string[];
  /** Columns that are numbers or dates, and how they read; one without a name says it of every column that it fits. */
  readonly readings?: readonly { readonly name?: string | undefined; readonly asked: Asked }[];
  /** The words that are missing values instead of the usual ones. */
  readonly nulls?: readonly string[] | undefined;
  /** Whether the target holds classes also where these are numbers; undefined: where it is 1 and 2, or -1 and 1. */
  readonly classes?: boolean | undefined;
  /** The column that says how much each row counts. */
  readonly weight?: string;
  readonly missing: MissingPolicy;
  readonly maxLevels?: number | undefined;
  readonly unknown?: Encoder['unknown'];
  /** Columns that are kept whatever they hold, since a model that is begun at knows them. */
  readonly known?: readonly string[] | undefined;
  readonly split?: Split;
}

/** A column that is not learned from, and why. */
export interface LeftOut {
  readonly column: string;
  readonly why: string;
}

/** A choice, and what the file lacks. */
export interface Chosen extends Choice {
  readonly fileRows: number;
  readonly weight?: Weight;
  /** The chosen features that lack values, and in how many rows. */
  readonly lacking: readonly { readonly name: string; readonly missing: number }[];
  /** In how many rows the target has none. */
  readonly withoutTarget: number;
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly (Note | ColumnNote)[];
}

/**
 * Reads the file once to settle what each chosen column is.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column that is unknown, of mixed kind or several readings, for a target of one
 *   level or too many, and where no feature is left.
 */
export async function choose(source: Source, request: Request): Promise<Chosen> {
  const target = column(source, request.target);
  const weighing = request.weight === undefined ? undefined : column(source, request.weight);
  if (weighing === target) throw twoRoles(source, target);
  const asked = chosenFeatures(source, request, target, weighing);
  const [targetProfile, ...profiles] = await profile(source, [target, ...asked], said(source, request));
  if (targetProfile === undefined) throw new TypeError('profile() gives one profile a column');
  if (targetProfile.kind === undefined)
    throw withoutValues(source, targetProfile, 'Choose another --target.');
  const odd = await doubts(source, profiles, ({ missing }) => request.missing === 'indicator' && missing > 0);
  const { kept, leftOut, notes } = sorted(source, request, profiles, odd);
  for (const found of [targetProfile, ...kept])
    if (request.missing === 'error' && found.missing > 0)
      await refuseMissing(source, readOf(found), found.missing);
  const weight = weighing && (await weightOf(source, weighing));
  const { missing, maxLevels, unknown, nulls, split } = request;
  const encoding = await targetEncoding(source, targetProfile, request.classes);
  for (const found of kept) notes.push(...(await columnNotes(source, found)));
  const weighed = weight === undefined ? [] : [{ ...weight, kind: 'number' as const }];
  const [learned, ...read] = await settled<ReadColumn>(
    source,
    [readOf(targetProfile), ...kept.map(featureOf), ...weighed],
    targetProfile.rows,
  );
  return {
    ...(weight === undefined ? {} : { weight: { ...weight, column: (read.at(-1) as ReadColumn).column } }),
    target: { ...(learned as ReadColumn), encoding, isComplete: targetProfile.missing === 0 },
    features: read.slice(0, kept.length),
    ...{ missing, maxLevels, unknown, nulls, leftOut },
    fileRows: targetProfile.rows,
    withoutTarget: targetProfile.missing,
    lacking: kept
      .filter((found) => found.missing > 0)
      .map((found) => ({ name: found.column.name, missing: found.missing })),
    notes: [...(await targetNotes(source, targetProfile)), ...notes],
    ...(split === undefined ? {} : { split }),
  };
}

function featureOf(found: Profile): ChosenFeature {
  const { keepsWords, missing, counts } = found;
  return { ...readOf(found), keepsWords, isComplete: missing === 0, levelsInFile: counts.levels };
}

/** What was said of columns, whose names are those of the file. */
function said(
  source: Source,
  { categories = [], readings = [], nulls }: Request,
): Parameters<typeof profile>[2] {
  const named = new Map<string, Asked>();
  const hints: Asked[] = [];
  for (const { name, asked } of readings) {
    if (name === undefined) hints.push(asked);
    else named.set(column(source, name).name, asked);
  }
  const names = new Set(categories.map((name) => column(source, name).name));
  const twice = [...named.keys()].find((name) => names.has(name));
  if (twice !== undefined)
    throw wrongColumn(source, twice, 'is named by --categories and by --numbers or --dates. Name it once.');
  return { categories: names, asked: named, hints, nulls };
}

/** The features that are kept, and those that are not, since nothing can be learned of them. */
function sorted(
  source: Source,
  { features, categories = [], readings = [], known = [] }: Request,
  profiles: readonly Profile[],
  odd: ReadonlyMap<SourceColumn, Doubt>,
): { kept: Profile[]; leftOut: LeftOut[]; notes: ColumnNote[] } {
  const said = [...(features ?? []), ...categories, ...readings.flatMap(({ name }) => name ?? [])];
  const named = new Set([...said, ...known]);
  const kept: Profile[] = [];
  const leftOut: LeftOut[] = [];
  const notes: ColumnNote[] = [];
  for (const found of profiles) {
    const doubt = odd.get(found.column);
    const isNamed = named.has(found.column.name);
    if (isNamed && found.kind === undefined)
      throw withoutValues(source, found, `Leave it out with --exclude ${option(found.column)}.`);
    if (doubt?.code === 'LEFT_OUT' && !isNamed) {
      leftOut.push({ column: found.column.name, why: doubt.why });
      notes.push(doubtNote(found, doubt));
      continue;
    }
    kept.push(found);
    if (doubt?.code === 'LEFT_OUT' && found.kind === 'category' && doubt.count !== undefined)
      notes.push(doubtNote(found, { ...doubt, code: 'LEVEL_A_ROW' }));
    else if (doubt !== undefined && doubt.code !== 'LEFT_OUT' && !isNamed)
      notes.push(doubtNote(found, doubt));
  }
  if (kept.length > 0) {
    // A counter that is the one feature is what the target is learned by.
    return {
      kept,
      leftOut,
      notes: kept.length === 1 ? notes.filter(({ code }) => code !== 'ROW_COUNTER') : notes,
    };
  }
  const first = leftOut.slice(0, mostNamed).map(({ column: name, why: reason }) => `${name} (${reason})`);
  const more = leftOut.length > mostNamed ? ` and ${leftOut.length - mostNamed} more` : '';
  throw new ThalwegError(
    'ERR_COLUMN',
    `Nothing can be learned of any column of ${source.name} besides the target: ${first.join(', ')}${more}. --features takes columns all the same.`,
    { path: source.path },
  );
}

function twoRoles(source: Source, { name }: SourceColumn): ThalwegError {
  return wrongColumn(source, name, 'is both the target and the weight. Choose another --target or --weight.');
}

function wrongColumn({ path }: Source, name: string, what: string): ThalwegError {
  return new ThalwegError('ERR_COLUMN', `The column "${name}" ${what}`, { path, column: name });
}

function chosenFeatures(
  source: Source,
  { features, exclude = [] }: Request,
  target: SourceColumn,
  weight: SourceColumn | undefined,
): SourceColumn[] {
  const excluded = new Set(exclude.map((name) => column(source, name)));
  if (excluded.has(target))
    throw wrongColumn(source, target.name, 'is the target: leave it out of --exclude.');
  const isFree = (other: SourceColumn): boolean => other !== target && other !== weight;
  const chosen =
    features?.map((name) => column(source, name)) ??
    source.columns.filter((other) => isFree(other) && !excluded.has(other));
  const seen = new Set<SourceColumn>();
  const twice = chosen.find((feature) => seen.size === seen.add(feature).size);
  const taken = chosen.find((feature) => !isFree(feature));
  const both = chosen.find((feature) => excluded.has(feature));
  if (twice !== undefined)
    throw wrongColumn(source, twice.name, 'is named twice: leave it out of --features.');
  if (taken !== undefined)
    throw wrongColumn(
      source,
      taken.name,
      `is the ${taken === target ? 'target' : 'weight'}: leave it out of --features.`,
    );
  if (both !== undefined) throw wrongColumn(source, both.name, 'is named by --features and by --exclude.');
  if (chosen.length === 0) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${source.name} has no column besides the target "${target.name}"${weight === undefined ? '' : ` and the weight "${weight.name}"`}` +
        `${excluded.size === 0 ? '' : ' that --exclude leaves'}. Give a file with features.`,
      {
        path: source.path,
      },
    );
  }
  // Names of columns stand for weights, so that each must be one column's.
  chosen.forEach((feature) => column(source, feature.name));
  return chosen;
}

/** @param otherwise what to do where no words were taken for missing values */
function withoutValues(
  source: Source,
  { column: { name }, taken }: Profile,
  otherwise: string,
): ThalwegError {
  const words =
    taken.size === 0 ? '' : ` but ${[...taken.keys()].map((word) => JSON.stringify(word)).join(', ')}`;
  const instead =
    taken.size === 0 ? otherwise : `Keep these as levels with --categories ${option({ name })}.`;
  return new ThalwegError(
    'ERR_COLUMN',
    `The column "${name}" of ${source.name} has no values${words}. ${instead}`,
    {
      path: source.path,
      column: name,
    },
  );
}

/** Names the first row of a column that lacks a value. */
export async function refuseMissing(source: Source, read: ReadColumn, missing: number): Promise<never> {
  const { column: lacking } = read;
  const rows = source.select([lacking], { rowNumber: true });
  const [cells = []] = await source.database.rows(
    `SELECT min(r)::DOUBLE FROM ${rows} WHERE ${valueSql(read)} IS NULL`,
  );
  const row = Number(cells[0]);
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the column "${lacking.name}" has no value there, as in ${missing} of its rows. ` +
      'Correct the file, or use --missing drop, or mean, median, mode or indicator to fill it.',
    { path: source.path, column: lacking.name, row: row - 1 },
  );
}
