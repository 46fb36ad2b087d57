import { ThalwegError } from '../../base/errors';
import { column } from '../columns/columns';
import { type MissingPolicy, type Target, knownKind, valueSql } from './encoding';
import { type Profile, profile } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';
import type { Split } from './split';
import type { Choice } from './statistics';

/** What a person asked to learn from a file. */
export interface Request {
  readonly target: string;
  /** All columns but the target where not given. */
  readonly features?: readonly string[];
  /** Columns that are text, whatever they look like. */
  readonly categories?: readonly string[];
  readonly missing: MissingPolicy;
  readonly split?: Split;
}

/** A choice, and what the file lacks. */
export interface Chosen extends Choice {
  readonly fileRows: number;
  /** The chosen columns that lack values, and in how many rows. */
  readonly lacking: readonly { readonly name: string; readonly missing: number }[];
}

/**
 * Reads the file once to settle what each chosen column is.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column that is unknown, empty, of mixed kind, or a target of more than two levels.
 */
export async function choose(source: Source, request: Request): Promise<Chosen> {
  const target = column(source, request.target);
  const features = chosenFeatures(source, request, target);
  const categories = new Set((request.categories ?? []).map((name) => column(source, name).name));
  const [targetProfile, ...profiles] = await profile(source, [target, ...features], categories);
  if (targetProfile === undefined) {
    throw new TypeError('profile() gives one profile a column');
  }
  for (const found of [targetProfile, ...profiles]) {
    refuseEmpty(source, found);
    if (request.missing === 'error' && found.missing > 0) {
      await refuseMissing(source, found);
    }
  }
  return {
    target: { column: target, encoding: await targetEncoding(source, targetProfile) },
    features: profiles.map((found) => ({ column: found.column, kind: knownKind(found) })),
    missing: request.missing,
    fileRows: targetProfile.rows,
    lacking: [...profiles, targetProfile]
      .filter(({ missing }) => missing > 0)
      .map(({ column: { name }, missing }) => ({ name, missing })),
    ...(request.split === undefined ? {} : { split: request.split }),
  };
}

function chosenFeatures(source: Source, { features }: Request, target: SourceColumn): SourceColumn[] {
  const chosen =
    features?.map((name) => column(source, name)) ?? source.columns.filter((other) => other !== target);
  const seen = new Set<SourceColumn>();
  const twice = chosen.find((feature) => seen.size === seen.add(feature).size);
  if (chosen.includes(target) || twice !== undefined) {
    const [name, what] =
      twice === undefined ? [target.name, 'is the target'] : [twice.name, 'is named twice'];
    throw new ThalwegError('ERR_COLUMN', `The column "${name}" ${what}: leave it out of --features.`, {
      path: source.path,
      column: name,
    });
  }
  if (chosen.length === 0) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${source.name} has no column besides the target "${target.name}". Give a file with features.`,
      {
        path: source.path,
      },
    );
  }
  // Names of columns stand for weights, so that each must be one column's.
  chosen.forEach((feature) => column(source, feature.name));
  return chosen;
}

function refuseEmpty(source: Source, { kind, column: { name } }: Profile): void {
  if (kind === undefined) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `The column "${name}" of ${source.name} has no values. Leave it out with --features.`,
      {
        path: source.path,
        column: name,
      },
    );
  }
}

/** Names the first row of a column that lacks a value. */
export async function refuseMissing(source: Source, { column: lacking, missing }: Profile): Promise<never> {
  const rows = source.select([lacking], { rowNumber: true });
  const [cells = []] = await source.database.rows(
    `SELECT min(r)::DOUBLE FROM ${rows} WHERE NOT ${lacking.sql.present}`,
  );
  const row = Number(cells[0]);
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the column "${lacking.name}" has no value there, as in ${missing} of its rows. ` +
      'Correct the file, or use --missing drop or --missing mean.',
    { path: source.path, column: lacking.name, row: row - 1 },
  );
}

async function targetEncoding(source: Source, found: Profile): Promise<Target> {
  const { name } = found.column;
  const kind = knownKind(found);
  if (kind === 'boolean') return { name, kind, levels: ['false', 'true'] };
  if (kind !== 'category') return { name, kind };
  const levels = await targetLevels(source, found.column);
  const [zero, one, third] = levels;
  if (zero === undefined || one === undefined || third !== undefined) {
    const shown = levels
      .slice(0, 3)
      .map((level) => JSON.stringify(level))
      .join(', ');
    throw new ThalwegError(
      'ERR_COLUMN',
      `The target "${name}" of ${source.name} is text with ${third === undefined ? 'one level' : 'more than two levels'} ` +
        `(${shown}${third === undefined ? '' : ', …'}). A neuron learns numbers, or two levels as 0 and 1.`,
      { path: source.path, column: name },
    );
  }
  return { name, kind: 'category', levels: [zero, one] };
}

/** Up to three levels of a text column, in the order of their characters. */
export async function targetLevels(source: Source, target: SourceColumn): Promise<string[]> {
  const value = valueSql(target, 'category');
  const rows = await source.database.rows(
    `SELECT DISTINCT t FROM (SELECT ${value} AS t FROM ${source.select([target])}) WHERE t IS NOT NULL ORDER BY t LIMIT 3`,
  );
  return rows.map(([level]) => String(level)).sort((a, b) => (a < b ? -1 : 1));
}
