import { activations } from '../objective/activations';
import { classOf, largestOf } from '../objective/classes';
import { activated } from '../objective/forward';
import { figuresOf } from './classification';
import { areaUnder, precisionOver, ranked } from './ranking';
import { Mean, Sums } from './sums';

/** Probabilities that are kept, 256 MiB of them, since an area under a curve needs all at once. */
const mostKept = 2 ** 25;

/** How well a class is told from the others. */
export interface ClassFound {
  /** What its rows count together. */
  readonly support: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** NaN where all rows are of the class, or none; undefined of two classes, and where there were too many rows. */
  readonly rocAuc?: number;
  readonly averagePrecision?: number;
}

/** How classes are told apart; a class is its number. */
export interface ClassesFound {
  readonly each: readonly ClassFound[];
  /** What rows of class i that were taken for class j count together, at i·K + j. */
  readonly confusion: Float64Array;
  /** Of two classes that of the second, of more the mean of those that are there; undefined where there were too many rows. */
  readonly rocAuc?: number;
  readonly averagePrecision?: number;
  /** Always the commonest class: its share of the rows; and the mean log loss of the shares as probabilities. */
  readonly trivial: { readonly class: number; readonly accuracy: number; readonly logLoss: number };
}

/** Some rows that were added together. */
interface Kept {
  /** One a row of two classes, that of the second; of more K a row. */
  readonly probabilities: Float64Array;
  readonly labels: Uint16Array;
  readonly weights: Float64Array | undefined;
}

/** Counts which classes rows of each class are taken for, and keeps their probabilities. */
export class ClassTally {
  readonly #confusion: Sums;
  #kept: Kept[] | undefined = [];
  #values = 0;

  constructor(private readonly classes: number) {
    this.#confusion = new Sums(classes * classes);
  }

  /**
   * @param y the number of each row's class
   * @param z the sums before φ, one a row of two classes, otherwise K
   */
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    const { classes } = this;
    const columns = z.length / y.length;
    const labels = new Uint16Array(y.length);
    const probabilities = new Float64Array(z.length);
    for (let row = 0; row < labels.length; row += 1) {
      const label = columns === 1 ? classOf(y[row] as number) : (y[row] as number);
      labels[row] = label;
      const taken =
        columns === 1
          ? ofSigmoid(z, row, probabilities)
          : ofSoftmax(z, row * classes, probabilities, classes);
      this.#confusion.add(label * classes + taken, weights === undefined ? 1 : (weights[row] as number));
    }
    this.#values += probabilities.length;
    if (this.#values > mostKept) this.#kept = undefined;
    this.#kept?.push({ probabilities, labels, weights: weights && Float64Array.from(weights) });
  }

  /** The commonest class. */
  get trivial(): ClassesFound['trivial'] {
    const { classes } = this;
    const counts = this.#confusion.values();
    return trivialOf(outcomesOf(counts, classes).there);
  }

  found(): ClassesFound {
    const { classes } = this;
    const confusion = this.#confusion.values();
    const figures = figuresOf(outcomesOf(confusion, classes), 0);
    const ranks = this.#kept === undefined ? undefined : this.#ranks(this.#kept, classes);
    const each = Array.from(figures.support, (support, k) => ({
      support,
      precision: figures.precision[k] as number,
      recall: figures.recall[k] as number,
      f1: figures.f1[k] as number,
      ...(classes > 2 ? ranks?.[k] : {}),
    }));
    const all = ranks && {
      rocAuc: meanOf(ranks, 'rocAuc'),
      averagePrecision: meanOf(ranks, 'averagePrecision'),
    };
    return { each, confusion, ...all, trivial: trivialOf(figures.support) };
  }

  /** Of the second of two classes, or of each of more against all others. */
  #ranks(kept: readonly Kept[], classes: number): Ranks[] {
    const of = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
    const columns = classes === 2 ? 1 : classes;
    return of.map((k) => {
      const { positive, scores, weights } = gathered(kept, k, columns);
      const curve = ranked(positive, scores, weights);
      const isThere = (curve.truePositives.at(-1) ?? 0) > 0;
      return { rocAuc: areaUnder(curve), averagePrecision: isThere ? precisionOver(curve) : NaN };
    });
  }
}

interface Ranks {
  readonly rocAuc: number;
  readonly averagePrecision: number;
}

function ofSigmoid(z: ArrayLike<number>, row: number, into: Float64Array): number {
  const probability = activations.sigmoid(z[row] as number);
  into[row] = probability;
  return classOf(probability);
}

function ofSoftmax(z: ArrayLike<number>, first: number, into: Float64Array, classes: number): number {
  const row = Float64Array.from({ length: classes }, (_, k) => z[first + k] as number);
  into.set(activated(row, 'softmax'), first);
  return largestOf(row, 0, classes);
}

/** Of class k whether rows are of it, and how probable it was said to be. */
function gathered(
  kept: readonly Kept[],
  k: number,
  columns: number,
): { positive: Uint8Array; scores: Float64Array; weights: Float64Array } {
  const rows = kept.reduce((sum, { labels }) => sum + labels.length, 0);
  const positive = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const weights = new Float64Array(rows).fill(1);
  let start = 0;
  for (const part of kept) {
    for (let row = 0; row < part.labels.length; row += 1) {
      positive[start + row] = part.labels[row] === k ? 1 : 0;
      scores[start + row] = part.probabilities[row * columns + (columns === 1 ? 0 : k)] as number;
    }
    if (part.weights !== undefined) weights.set(part.weights, start);
    start += part.labels.length;
  }
  return { positive, scores, weights };
}

function outcomesOf(
  confusion: Float64Array,
  classes: number,
): { right: Float64Array; given: Float64Array; there: Float64Array } {
  const sums = [new Sums(classes), new Sums(classes), new Sums(classes)] as const;
  const [right, given, there] = sums;
  for (const [at, count] of confusion.entries()) {
    const [i, j] = [Math.floor(at / classes), at % classes];
    there.add(i, count);
    given.add(j, count);
    if (i === j) right.add(i, count);
  }
  return { right: right.values(), given: given.values(), there: there.values() };
}

/** Of the classes that are there. */
function meanOf(ranks: readonly Ranks[], figure: keyof Ranks): number {
  const mean = new Mean();
  for (const rank of ranks) if (!Number.isNaN(rank[figure])) mean.add(rank[figure], 1);
  return mean.mean;
}

/** Always the commonest class, by what the rows of each count together. */
export function trivialOf(support: Float64Array): ClassesFound['trivial'] {
  const all = support.reduce((sum, count) => sum + count, 0);
  const commonest = largestOf(support, 0, support.length);
  const loss = new Mean();
  for (const count of support) if (count > 0) loss.add(-Math.log(count / all), count);
  return { class: commonest, accuracy: (support[commonest] as number) / all, logLoss: loss.mean };
}
