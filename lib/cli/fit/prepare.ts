import { type Chosen, type Request, choose } from '../../tables/encoder/choice';
import { type Feature, width } from '../../tables/encoder/encoding';
import type { ActivationName } from '../../objective/activations';
import { lossFor } from '../../objective/losses';
import { lossTable } from '../../objective/tables';
import type { Source } from '../../tables/files/source';
import { type Statistics, statistics } from '../../tables/encoder/statistics';
import { ThalwegError } from '../../base/errors';
import type { FitOptions } from './fit-options';

/** What is known of a file before a device is opened: what to learn, from what, through which activation. */
export interface Prepared {
  readonly source: Source;
  readonly chosen: Chosen;
  readonly found: Statistics;
  readonly activation: ActivationName;
}

/**
 * Reads the file for kinds and statistics.
 *
 * @throws ThalwegError `ERR_COLUMN` where the columns cannot be learned from, or the target does not suit the activation.
 */
export async function prepare(source: Source, options: FitOptions): Promise<Prepared> {
  const chosen = await choose(source, requestOf(options));
  const found = await statistics(source, chosen);
  if (width(found.features) === 0) throw nothingVaries(source, found.features);
  const activation = options.activation ?? ('levels' in chosen.target.encoding ? 'sigmoid' : 'linear');
  await requireSuitable(source, chosen, found, activation);
  return { source, chosen, found, activation };
}

function requestOf({ target, features, categories, missing, holdout, seed }: FitOptions): Request {
  return {
    target,
    missing,
    ...(features === undefined ? {} : { features }),
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

type LabelRule = (typeof lossTable)[keyof typeof lossTable]['labels'];

/** Of each rule the targets that break it, in SQL, and what is wanted instead. */
const LABEL_RULES: Record<LabelRule, { readonly broken: string; readonly wanted: string } | undefined> = {
  any: undefined,
  zeroOrOne: { broken: 'NOT IN (0, 1)', wanted: 'a sigmoid learns 0 and 1, or two levels of text' },
  plusMinusOne: { broken: 'NOT IN (-1, 1)', wanted: 'the hinge loss learns -1 and 1' },
  notNegative: {
    broken: '< 0',
    wanted: 'an exponential neuron learns counts and other numbers of at least 0',
  },
};

/** The labels that a loss takes: told by the column's name, before X is on the device. */
async function requireSuitable(
  source: Source,
  chosen: Chosen,
  found: Statistics,
  activation: ActivationName,
): Promise<void> {
  const rule = LABEL_RULES[lossTable[lossFor(activation)].labels];
  if ('levels' in chosen.target.encoding || rule === undefined) return;
  if (rule === LABEL_RULES.notNegative && found.target.least >= 0) return;
  const { column } = chosen.target;
  const value = column.sql.number ?? column.sql.date ?? 'NULL';
  const [cells] = await source.database.rows(
    `SELECT r::DOUBLE, v FROM (SELECT r, ${value} AS v FROM ${source.select([column], { rowNumber: true })} ` +
      `WHERE ${column.sql.present} AND ${value} ${rule.broken}) ORDER BY r LIMIT 1`,
  );
  if (cells === undefined) return;
  const row = Number(cells[0]);
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the target "${column.name}" is ${String(cells[1])}; ${rule.wanted}. Choose another --activation or --target.`,
    { path: source.path, column: column.name, row: row - 1 },
  );
}
