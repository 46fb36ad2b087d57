import { Evaluation } from '../../metrics/evaluation';
import type { Ranks } from '../../mpi/world';
import type { Trained } from '../../training/estimator';

/** Rows that are scored on another rank, in blocks: targets, then weights, then sums before φ. */
class ScoredShare extends Evaluation {
  readonly blocks: Float64Array[] = [];
  isWeighted = false;

  constructor({ activation, outputs }: Trained) {
    super(activation, outputs);
  }

  override add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    // What stands for a rank without rows does not count.
    if (weights !== undefined && Array.from(weights).every((weight) => weight === 0)) return;
    const rows = y.length;
    const block = new Float64Array(2 * rows + z.length).fill(1, rows, 2 * rows);
    block.set(y);
    if (weights !== undefined) {
      this.isWeighted = true;
      block.set(weights, rows);
    }
    block.set(z, 2 * rows);
    this.blocks.push(block);
  }
}

/**
 * Scores rows of which each rank has a share: on the first rank `found` is what it would be with all rows in one process, in
 * the order of ranks; on the others it stays without rows, since areas under curves take all rows in one place.
 *
 * @param body scores the rows of this rank
 */
export async function scoredOver<Result>(
  ranks: Ranks | undefined,
  found: Evaluation,
  trained: Trained,
  body: (scored: Evaluation) => Promise<Result>,
): Promise<Result> {
  if (ranks === undefined) return await body(found);
  const share = new ScoredShare(trained);
  const result = await body(share);
  const { blocks, isWeighted } = share;
  const all = await ranks.gather({ isWeighted, sizes: blocks.map(({ length }) => length) });
  const anyWeighted = all.some((each) => each.isWeighted);
  for (const [rank, { sizes }] of all.entries()) {
    for (const [at, size] of sizes.entries()) {
      // The sum of what one rank has and zeros of the others.
      const mine = rank === ranks.rank ? blocks[at] : undefined;
      const values = await ranks.sum(mine ?? new Float64Array(size));
      if (ranks.rank > 0) continue;
      const rows = size / (2 + trained.outputs);
      const weights = anyWeighted ? values.subarray(rows, 2 * rows) : undefined;
      found.add(values.subarray(0, rows), values.subarray(2 * rows), weights);
    }
  }
  return result;
}
