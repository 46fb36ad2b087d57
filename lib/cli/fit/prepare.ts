import { type Request, choose } from '../../tables/encoder/choice';
import { type Feature, type Target, width } from '../../tables/encoder/encoding';
import type { LayerActivationName } from '../../objective/activations';
import { lossFor } from '../../objective/losses';
import { lossTable } from '../../objective/tables';
import type { Source } from '../../tables/files/source';
import { statistics } from '../../tables/encoder/statistics';
import type { Ranks } from '../../mpi/world';
import { ThalwegError } from '../../base/errors';
import { listed } from '../../base/listed';
import { weightOfClasses } from './class-weights';
import { agreed, sharingOver } from './agreement';
import type { FitOptions } from './fit-options';
import type { FitChoice, FitSource, FitStatistics, LabelRule } from './fit-source';
import { TableSource } from './table-source';

/** What is known of a file before a device is opened: what to learn, from what, through which activation. */
export interface Prepared {
  readonly source: FitSource;
  readonly chosen: FitChoice;
  readonly found: FitStatistics;
  readonly activation: LayerActivationName;
  /** What the targets 0, 1, … are, where they are classes. */
  readonly classes: readonly (string | number)[] | undefined;
  /** One for each of `classes`; undefined: 1. */
  readonly classWeight: 'balanced' | readonly number[] | undefined;
}

/** More weights make a model that no file holds. */
const MOST_WEIGHTS = 2 ** 23;

/**
 * Reads the file for kinds and statistics.
 *
 * @param known columns of a model that is begun at
 * @param ranks those that divide the rows
 * @throws ThalwegError `ERR_COLUMN` where the columns cannot be learned from, or the target does not suit the activation.
 */
export async function prepare(
  source: Source,
  options: FitOptions,
  known?: readonly string[],
  ranks?: Ranks,
): Promise<Prepared> {
  const chosen = await choose(source, { ...requestOf(options), known });
  const found = await statistics(source, chosen, ranks && sharingOver(ranks, source, chosen));
  if (width(found.features) === 0) throw nothingVaries(source, found.features);
  const prepared = await settled({ source: new TableSource(source, chosen, found), chosen, found }, options);
  if (ranks === undefined) return prepared;
  const ofAll = await agreed(found, prepared, ranks);
  return { ...prepared, source: new TableSource(source, chosen, ofAll), found: ofAll };
}

/**
 * Which activation learns what was found, and as which classes.
 *
 * @throws ThalwegError `ERR_COLUMN` where the target does not suit it.
 */
export async function settled(
  { source, chosen, found }: Pick<Prepared, 'source' | 'chosen' | 'found'>,
  options: FitOptions,
): Promise<Prepared> {
  const activation = options.activation ?? (await activationFor(source, chosen, found));
  await requireSuitable(source, chosen, found, activation);
  const classes = classesFor(chosen.target.encoding, activation);
  if (activation === 'softmax') refuseTooMany(source, found, classes?.length ?? 0);
  const classWeight = classWeightOf(options, chosen.target.encoding.name, activation, classes);
  return { source, chosen, found, activation, classes, classWeight };
}

async function activationFor(
  source: FitSource,
  chosen: FitChoice,
  found: FitStatistics,
): Promise<LayerActivationName> {
  const { levels } = chosen.target.encoding;
  if (levels !== undefined) return levels.length === 2 ? 'sigmoid' : 'softmax';
  if (!found.target.isZeroOrOne) return 'linear';
  // Rows that are held out may tell otherwise.
  const other = chosen.split && (await unsuitable(source, chosen, found, 'sigmoid'));
  return other === undefined ? 'sigmoid' : 'linear';
}

function classesFor(
  { levels }: Target,
  activation: LayerActivationName,
): readonly (string | number)[] | undefined {
  return levels ?? (activation === 'sigmoid' ? [0, 1] : undefined);
}

function classWeightOf(
  { classWeight }: FitOptions,
  target: string,
  activation: LayerActivationName,
  classes: Prepared['classes'],
): Prepared['classWeight'] {
  if (classWeight === undefined) return undefined;
  if (classes !== undefined && (activation === 'sigmoid' || activation === 'softmax'))
    return weightOfClasses(classWeight, target, classes);
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `--class-weight is for a target of classes, and --activation ${activation} learns numbers. Use --weight, or --activation sigmoid or softmax.`,
    { option: 'class-weight' },
  );
}

function refuseTooMany(source: FitSource, { features }: FitStatistics, classes: number): void {
  const columns = width(features);
  if (columns * classes <= MOST_WEIGHTS) return;
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name} makes ${columns} columns of features for ${classes} classes, more than ${MOST_WEIGHTS} weights. Leave features out with --features.`,
    { path: source.path },
  );
}

function requestOf(options: FitOptions): Request {
  // Commander has seen to it that a table's target is named.
  const {
    target = '',
    features,
    exclude,
    categories,
    numbers = [],
    dates = [],
    weight,
    activation,
  } = options;
  const { missing, maxLevels, unknown, null: nulls, holdout, seed } = options;
  return {
    target,
    missing,
    // A sigmoid takes pairs of numbers for classes, too.
    classes: activation === undefined || activation === 'sigmoid' ? undefined : activation === 'softmax',
    readings: [...numbers, ...dates],
    ...{ maxLevels, unknown, nulls },
    ...(weight === undefined ? {} : { weight }),
    ...(features === undefined ? {} : { features }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(categories === undefined ? {} : { categories }),
    ...(holdout === 0 ? {} : { split: { fraction: holdout, seed } }),
  };
}

function nothingVaries(source: Source, features: readonly Feature[]): ThalwegError {
  const names = features.map(({ name }) => name).join(', ');
  return new ThalwegError(
    'ERR_COLUMN',
    `Every feature of ${source.name} (${names}) is text with a single level, from which nothing can be learned. Choose others with --features.`,
    { path: source.path },
  );
}

/** Of each rule what is wanted where targets break it. */
const WANTED: Record<LabelRule, string | undefined> = {
  any: undefined,
  zeroOrOne: 'a sigmoid learns 0 and 1, or two levels of text',
  plusMinusOne: 'the hinge loss learns -1 and 1',
  notNegative: 'an exponential neuron learns counts and other numbers of at least 0',
};

/** The labels that a loss takes: told by the column's name, before X is on the device. */
async function requireSuitable(
  source: FitSource,
  chosen: FitChoice,
  found: FitStatistics,
  activation: LayerActivationName,
): Promise<void> {
  const { name, levels } = chosen.target.encoding;
  if (levels !== undefined && levels.length > 2 && activation !== 'softmax') {
    throw new ThalwegError(
      'ERR_COLUMN',
      `The target "${name}" of ${source.name} has ${levels.length} levels (${listed(levels)}), and --activation ${activation} learns numbers or two levels. ` +
        'Leave --activation out, or use softmax.',
      { path: source.path, column: name },
    );
  }
  const label = await unsuitable(source, chosen, found, activation);
  if (label === undefined) return;
  const { row, value, wanted } = label;
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the target "${name}" is ${value}; ${wanted}. Choose another --activation or --target.`,
    { path: source.path, column: name, row: row - 1 },
  );
}

interface Unsuitable {
  readonly row: number;
  readonly value: string;
  readonly wanted: string;
}

/** The first label that the activation's loss does not take. */
async function unsuitable(
  source: FitSource,
  chosen: FitChoice,
  found: FitStatistics,
  activation: LayerActivationName,
): Promise<Unsuitable | undefined> {
  if (activation === 'softmax' || chosen.target.encoding.levels !== undefined) return undefined;
  const rule = lossTable[lossFor(activation)].labels;
  const wanted = WANTED[rule];
  if (wanted === undefined) return undefined;
  if (rule === 'notNegative' && found.target.least >= 0) return undefined;
  if (rule === 'zeroOrOne' && chosen.split === undefined && found.target.isZeroOrOne) return undefined;
  const label = await source.firstBroken(rule);
  return label && { ...label, wanted };
}
