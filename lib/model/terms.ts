import { columnError, goneOf, isMissing, levelOf, numberOf } from './cells';
import {
  type CategoryFeature,
  type Encoder,
  type NumericFeature,
  fills,
  unknownLevel,
  width,
} from './features';
import type { Learned } from './learned';

/** A feature's part of z. */
export interface Term {
  readonly name: string;
  /**
   * Adds w·x of the K outputs to `into`.
   *
   * @param row which of several rows the value is in
   * @returns whether there is a value, or one that stands in for it
   * @throws ThalwegError ERR_COLUMN where the value is of another kind, or missing and that is an error
   */
  add(value: unknown, into: Float64Array, row: number | undefined): boolean;
}

type Parameters = Learned['parameters'];
type Reading = Pick<Encoder, 'features' | 'missing' | 'unknown' | 'nulls'>;

/** How the columns of a model's rows become its z. */
export function termsOf(reading: Reading, parameters: Parameters): Term[] {
  let first = 0;
  return reading.features.map((feature) => {
    const columns = new Columns(parameters, first);
    first += width([feature]);
    return feature.kind === 'category'
      ? new CategoryTerm(feature, reading, columns)
      : new NumericTerm(feature, reading, columns);
  });
}

/** The columns of X of one feature. */
class Columns {
  readonly #theta: Float64Array;
  readonly #outputs: number;

  constructor({ theta, intercepts }: Parameters, first: number) {
    this.#outputs = intercepts.length;
    this.#theta = theta.subarray(first * this.#outputs);
  }

  add(column: number, value: number, into: Float64Array): void {
    for (let k = 0; k < this.#outputs; k += 1)
      into[k] = (into[k] as number) + (this.#theta[column * this.#outputs + k] as number) * value;
  }
}

class NumericTerm implements Term {
  readonly name: string;
  /** Values that stand for a missing one, such as -999. */
  readonly #gone: readonly number[];

  constructor(
    private readonly feature: NumericFeature,
    readonly reading: Reading,
    private readonly columns: Columns,
  ) {
    this.name = feature.name;
    this.#gone = goneOf(reading.nulls, feature);
  }

  add(value: unknown, into: Float64Array, row: number | undefined): boolean {
    const { feature, reading, columns, name } = this;
    const number = isMissing(value, reading.nulls) ? NaN : numberOf(value, feature, { column: name, row });
    if (!Number.isNaN(number) && !this.#gone.includes(number)) {
      columns.add(0, number, into);
      return true;
    }
    if (!fills(reading.missing)) return lacking(this, row, 'no value');
    columns.add(0, feature.fill ?? feature.mean, into);
    if (feature.indicator !== undefined) columns.add(1, 1, into);
    return true;
  }
}

class CategoryTerm implements Term {
  readonly name: string;
  /** Of each level its column of X; −1 of the one left out. */
  readonly #places: ReadonlyMap<string, number>;

  constructor(
    private readonly feature: CategoryFeature,
    readonly reading: Reading,
    private readonly columns: Columns,
  ) {
    const { name, leftOut, levels } = feature;
    this.name = name;
    const places = new Map([[leftOut, -1]]);
    for (const [at, level] of levels.entries()) places.set(level, at);
    this.#places = places;
  }

  add(value: unknown, into: Float64Array, row: number | undefined): boolean {
    const { reading, name } = this;
    const { fill, keepsWords } = this.feature;
    if (isMissing(value, keepsWords === true ? undefined : reading.nulls))
      return this.#addMissing(fill, into) || lacking(this, row, 'no value');
    const level = levelOf(value, { column: name, row });
    if (this.#addLevel(level, into)) return true;
    const what = `a level that training did not see, ${JSON.stringify(level)}`;
    const is = unknownLevel(this.feature, reading.unknown);
    if (is === 'error') throw columnError({ column: name, row }, `holds ${what}`);
    if (is === 'average') return this.#addAverage(into);
    if (is !== 'missing') return this.#addLevel(is.level, into);
    return this.#addMissing(fill, into) || lacking(this, row, what);
  }

  #addLevel(level: string | undefined, into: Float64Array): boolean {
    const at = level === undefined ? undefined : this.#places.get(level);
    if (at === undefined) return false;
    if (at >= 0) this.columns.add(at, 1, into);
    return true;
  }

  #addMissing(fill: string | undefined, into: Float64Array): boolean {
    if (!fills(this.reading.missing)) return false;
    return this.#addLevel(fill, into) || this.#addAverage(into);
  }

  #addAverage(into: Float64Array): true {
    for (const [column, mean] of this.feature.means.entries()) this.columns.add(column, mean, into);
    return true;
  }
}

function lacking(
  { name, reading }: { readonly name: string; readonly reading: Reading },
  row: number | undefined,
  what: string,
): false {
  if (reading.missing !== 'error') return false;
  throw columnError({ column: name, row }, `holds ${what}, which this model takes for an error`);
}
