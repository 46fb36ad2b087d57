import { NumpyRandom } from './numpy-random';

/** A rank's rows, and how much each counts. */
export interface Share {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly weights?: readonly number[];
}

export interface LocalOptions {
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly averageEvery: number;
  readonly seed: number;
  readonly l2?: number;
  /** momentum·v + g in place of g. */
  readonly momentum?: number;
  /** g/(√s + eps) in place of g, s the sum of g² and eps that of PyTorch. */
  readonly adagrad?: boolean;
  /** learningRate/√(t + 1), t steps before, in place of learningRate. */
  readonly isSlowing?: boolean;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** One rank: weights with b last, v, s, and which rows come next. */
class Rank {
  at: number[];
  v: number[];
  s: number[];
  readonly counted: readonly number[];
  readonly #generator: NumpyRandom;
  #order: number[] = [];

  constructor(
    readonly share: Share,
    readonly options: LocalOptions,
    rank: number,
    columns: number,
  ) {
    const zeros = (): number[] => new Array<number>(columns + 1).fill(0);
    [this.at, this.v, this.s] = [zeros(), zeros(), zeros()];
    this.counted = share.X.map((_, row) => row).filter((row) => this.weight(row) > 0);
    this.#generator = new NumpyRandom(options.seed + rank);
  }

  weight(row: number): number {
    return this.share.weights?.[row] ?? 1;
  }

  get total(): number {
    return sum(this.counted.map((row) => this.weight(row)));
  }

  #batch(): number[] {
    if (this.#order.length === 0)
      this.#order = this.#generator
        .permutation(this.counted.length)
        .map((place) => this.counted[place] as number);
    return this.#order.splice(0, Math.min(this.options.batchSize, this.counted.length));
  }

  /** Squared loss of a linear neuron with an intercept. */
  step(taken: number): void {
    if (this.counted.length === 0) return;
    const { l2 = 0, momentum = 0, adagrad = false, isSlowing = false } = this.options;
    const rate = this.options.learningRate / (isSlowing ? Math.sqrt(taken + 1) : 1);
    const mean = this.total / this.counted.length;
    const batch = this.#batch();
    const gradient = this.at.map((value, j) => (j < this.at.length - 1 ? l2 * value : 0));
    for (const row of batch) {
      const x = [...(this.share.X[row] as readonly number[]), 1];
      const residual =
        sum(x.map((value, j) => value * (this.at[j] as number))) - (this.share.y[row] as number);
      const factor = ((this.weight(row) / mean) * 2 * residual) / batch.length;
      for (const [j, value] of x.entries()) gradient[j] = (gradient[j] as number) + factor * value;
    }
    this.v = this.v.map((value, j) => momentum * value + (gradient[j] as number));
    this.s = this.s.map((value, j) => value + (gradient[j] as number) ** 2);
    const along = adagrad
      ? gradient.map((value, j) => value / (Math.sqrt(this.s[j] as number) + 1e-10))
      : this.v;
    this.at = this.at.map((value, j) => value - rate * (along[j] as number));
  }
}

/** Local SGD, written from docs/api.md in plain float64: θ with b last. */
export function localSteps(shares: readonly Share[], options: LocalOptions): { at: number[]; steps: number } {
  const columns = shares.find(({ X }) => X.length > 0)?.X[0]?.length ?? 0;
  const ranks = shares.map((share, rank) => new Rank(share, options, rank, columns));
  const most = Math.max(...ranks.map(({ counted }) => counted.length));
  const perEpoch = Math.ceil(most / options.batchSize);
  const all = sum(ranks.map(({ total }) => total));
  const mean = (of: 'at' | 'v' | 's'): number[] =>
    Array.from({ length: columns + 1 }, (_, j) =>
      sum(ranks.map((rank) => (rank.total / all) * (rank[of][j] as number))),
    );
  let steps = 0;
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    for (let step = 1; step <= perEpoch; step += 1) {
      for (const rank of ranks) rank.step(steps);
      steps += 1;
      if (step % options.averageEvery !== 0 && step !== perEpoch) continue;
      const [at, v, s] = [mean('at'), mean('v'), mean('s')];
      for (const rank of ranks) [rank.at, rank.v, rank.s] = [[...at], [...v], [...s]];
    }
  }
  return { at: ranks[0]?.at ?? [], steps };
}
