import { ThalwegError } from '../../base/errors';
import type { Ranks } from '../../mpi/world';
import type { Chosen } from '../../tables/encoder/choice';
import type { SeenRows, Sharing, Statistics } from '../../tables/encoder/statistics';
import type { Source } from '../../tables/files/source';

/** What a rank has found in its files, of all rows. */
interface Seen extends SeenRows {
  readonly fileRows: number;
  /** How the target and the features are read. */
  readonly read: readonly { readonly name: string; readonly how: string }[];
}

/** What is settled of them. */
interface Settled {
  readonly source: Pick<Source, 'name' | 'path'>;
  readonly activation: string;
  readonly classes: unknown;
}

/**
 * How ranks read a table together: each measures its own part of the rows, which follow each other in the files, and what all
 * have measured is put together, once they have seen that they have the same rows before them.
 *
 * @throws ThalwegError `ERR_FILE` on a rank whose files are others than those of the first
 */
export function sharingOver(ranks: Ranks, source: Source, chosen: Chosen): Sharing {
  const { fileRows, target, features } = chosen;
  const before = (some: number): number => Math.floor((fileRows * some) / ranks.size);
  const read = [target, ...features].map(({ column, kind, form }, index) => ({
    name: column.name,
    how: JSON.stringify([kind, form, index === 0 ? target.encoding : undefined]),
  }));
  return {
    range: { after: before(ranks.rank), upTo: before(ranks.rank + 1) },
    agree: async (seen) => {
      const mine = { ...seen, fileRows, read };
      const [first] = await ranks.gather(ranks.rank === 0 ? mine : null);
      requireSame(source, mine, first as Seen);
    },
    gather: (mine) => ranks.gather(mine),
  };
}

/** What all ranks learn from: means and deviations are those of the first, bit for bit. */
export async function agreed(
  found: Statistics,
  { source, activation, classes }: Settled,
  ranks: Ranks,
): Promise<Statistics> {
  const mine = { features: found.features, how: JSON.stringify([activation, classes]) };
  const [first] = await ranks.gather(ranks.rank === 0 ? mine : null);
  if (mine.how !== first?.how) throw otherThanFirst(source, `${source.name} is learned otherwise here`);
  return { ...found, features: first.features };
}

function otherThanFirst({ path }: Pick<Source, 'path'>, what: string, column?: string): ThalwegError {
  return new ThalwegError(
    'ERR_FILE',
    `${what} than on the first rank: all ranks must read the same files, in the same order.`,
    { path, ...(column === undefined ? {} : { column }) },
  );
}

function requireSame(source: Source, mine: Seen, first: Seen): void {
  if (mine.fileRows !== first.fileRows || mine.rows !== first.rows) {
    const rows = `${mine.fileRows}, ${mine.rows} to learn from; ${first.fileRows} and ${first.rows}`;
    throw otherThanFirst(source, `${source.name} has other rows here (${rows})`);
  }
  const unlike = mine.read.find(
    ({ name, how }, at) => name !== first.read[at]?.name || how !== first.read[at].how,
  );
  const names = unlike
    ? [unlike.name]
    : mine.checksums.find(({ sum }, at) => sum !== first.checksums[at]?.sum)?.names;
  if (names === undefined) return;
  const [name = '', last = ''] = [names[0], names.at(-1)];
  if (names.length === 1)
    throw otherThanFirst(source, `${source.name} has other values of "${name}" here`, name);
  const among = `one of the ${names.length} columns from "${name}" to "${last}"`;
  throw otherThanFirst(source, `${source.name} has other values of ${among} here`);
}
