import { ThalwegError } from '../../base/errors';
import { column } from '../columns/columns';
import { type MissingPolicy, knownKind } from './encoding';
import { type Profile, profile } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';
import type { Split } from './split';
import type { Choice } from './statistics';
import { targetEncoding } from './target';
import { type Weight, weightOf } from './weight';

/** What a person asked to learn from a file. */
export interface Request {
  readonly target: string;
  /** All columns but the target where not given. */
  readonly features?: readonly string[];
  /** Columns that are text, whatever they look like. */
  readonly categories?: readonly string[];
  /** Whether the target holds classes also where these are numbers. */
  readonly classes?: boolean;
  /** The column that says how much each row counts. */
  readonly weight?: string;
  readonly missing: MissingPolicy;
  readonly split?: Split;
}

/** A choice, and what the file lacks. */
export interface Chosen extends Choice {
  readonly fileRows: number;
  readonly weight?: Weight;
  /** The chosen columns that lack values, and in how many rows. */
  readonly lacking: readonly { readonly name: string; readonly missing: number }[];
}

/**
 * Reads the file once to settle what each chosen column is.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column that is unknown, empty, of mixed kind, or a target of one level or too many.
 */
export async function choose(source: Source, request: Request): Promise<Chosen> {
  const target = column(source, request.target);
  const weighing = request.weight === undefined ? undefined : column(source, request.weight);
  if (weighing === target) throw twoRoles(source, target);
  const features = chosenFeatures(source, request, target, weighing);
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
  const weight = weighing && (await weightOf(source, weighing));
  return {
    ...(weight === undefined ? {} : { weight }),
    target: {
      column: target,
      encoding: await targetEncoding(source, targetProfile, request.classes === true),
    },
    features: profiles.map((found) => ({ column: found.column, kind: knownKind(found) })),
    missing: request.missing,
    fileRows: targetProfile.rows,
    lacking: [...profiles, targetProfile]
      .filter(({ missing }) => missing > 0)
      .map(({ column: { name }, missing }) => ({ name, missing })),
    ...(request.split === undefined ? {} : { split: request.split }),
  };
}

function twoRoles({ path }: Source, { name }: SourceColumn): ThalwegError {
  return new ThalwegError(
    'ERR_COLUMN',
    `The column "${name}" is both the target and the weight. Choose another --target or --weight.`,
    { path, column: name },
  );
}

function chosenFeatures(
  source: Source,
  { features }: Request,
  target: SourceColumn,
  weight: SourceColumn | undefined,
): SourceColumn[] {
  const isFree = (other: SourceColumn): boolean => other !== target && other !== weight;
  const chosen = features?.map((name) => column(source, name)) ?? source.columns.filter(isFree);
  const seen = new Set<SourceColumn>();
  const twice = chosen.find((feature) => seen.size === seen.add(feature).size);
  const taken = chosen.find((feature) => !isFree(feature));
  const wrong = twice ?? taken;
  if (wrong !== undefined) {
    const { name } = wrong;
    const what = wrong === twice ? 'is named twice' : `is the ${wrong === target ? 'target' : 'weight'}`;
    throw new ThalwegError('ERR_COLUMN', `The column "${name}" ${what}: leave it out of --features.`, {
      path: source.path,
      column: name,
    });
  }
  if (chosen.length === 0) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${source.name} has no column besides the target "${target.name}"${weight === undefined ? '' : ` and the weight "${weight.name}"`}. Give a file with features.`,
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
