import { ThalwegError } from '../../base/errors';
import type { Ranks } from '../../mpi/world';
import type { Feature } from '../../tables/encoder/encoding';
import type { Statistics } from '../../tables/encoder/statistics';
import type { Source } from '../../tables/files/source';
import type { FitChoice } from './fit-source';

/** What was settled of them. */
interface Settled {
  readonly chosen: FitChoice;
  readonly activation: string;
  readonly classes: unknown;
}

/** What a rank has found in its files. */
interface Seen {
  readonly rows: readonly number[];
  readonly target: unknown;
  readonly features: readonly Feature[];
  readonly checksums: readonly (number | undefined)[];
}

function seenBy(found: Statistics, { chosen, classes, activation }: Settled): Seen {
  return {
    rows: [chosen.fileRows, found.rows],
    target: [chosen.target.encoding, classes, activation],
    features: found.features,
    checksums: found.share?.checksums ?? [],
  };
}

/**
 * What all ranks learn from: each has read the same files, and means and deviations are those of the first, bit for bit.
 *
 * @throws ThalwegError `ERR_FILE` on a rank whose files are others than those of the first
 */
export async function agreed(
  source: Source,
  found: Statistics,
  settled: Settled,
  ranks: Ranks,
): Promise<Statistics> {
  const mine = seenBy(found, settled);
  const [first] = await ranks.gather(ranks.rank === 0 ? mine : null);
  requireSame(source, settled, mine, first as Seen);
  return { ...found, features: (first as Seen).features };
}

function requireSame(source: Source, { chosen }: Settled, mine: Seen, first: Seen): void {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const refuse = (what: string, column?: string): never => {
    throw new ThalwegError(
      'ERR_FILE',
      `${what} than on the first rank: all ranks must read the same files, in the same order.`,
      { path: source.path, ...(column === undefined ? {} : { column }) },
    );
  };
  if (!isSame(mine.rows, first.rows)) {
    const [rows, used] = mine.rows;
    const [otherRows, otherUsed] = first.rows;
    refuse(
      `${source.name} has other rows here (${rows}, ${used} to learn from; ${otherRows} and ${otherUsed})`,
    );
  }
  const names = mine.features.map(({ name }) => name);
  const target = chosen.target.encoding.name;
  const isOther = (at: number): boolean =>
    mine.checksums[at] === undefined
      ? !isSame(mine.features[at], first.features[at])
      : mine.checksums[at] !== first.checksums[at];
  const at = names.findIndex((name, index) => name !== first.features[index]?.name || isOther(index));
  const other = at >= 0 ? names[at] : isSame(mine.target, first.target) ? undefined : target;
  if (other !== undefined) refuse(`${source.name} has other values of "${other}" here`, other);
  const [y, weights] = [names.length, names.length + 1];
  if (isOther(y)) refuse(`${source.name} has other values of "${target}" here`, target);
  if (chosen.weight !== undefined && isOther(weights)) {
    const { name } = chosen.weight.column;
    refuse(`${source.name} has other values of "${name}" here`, name);
  }
}
