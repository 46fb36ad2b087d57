import { ThalwegError } from '../../base/errors';
import {
  type CategoryFeature,
  type Feature,
  type NumericFeature,
  fills,
  unknownLevel,
  width,
} from '../../model/features';
import type { ModelJSON } from '../../model/format';
import { type Learned, learnedOf } from '../../model/learned';
import { numbersOfWords } from '../../tables/columns/forms';

/** What a value adds to each of the K z. */
export type Part = readonly number[];

/** What a column adds to z. */
interface ColumnPart {
  readonly name: string;
  /** Of a missing value; undefined: then there is no prediction, or it is an error. */
  readonly absent: Part | undefined;
}

/** A column whose value times `weights` is its part. */
export interface NumericPart extends ColumnPart {
  readonly feature: NumericFeature;
  readonly weights: Part;
  /** Values that stand for a missing one, such as -999. */
  readonly gone: readonly number[];
}

/** A column whose part stands in a table. */
export interface CategoryPart extends ColumnPart {
  readonly feature: CategoryFeature;
  /** Of each level, that left out among them. */
  readonly levels: readonly (readonly [level: string, part: Part])[];
  /** Of a level that training did not see; undefined as of `absent`. */
  readonly unknown: Part | undefined;
}

export type AnyPart = NumericPart | CategoryPart;

/** A model as a sum: z = b + Σ parts, whose φ is what it says. */
export interface Sum extends Learned {
  readonly parts: readonly AnyPart[];
  /** Whether there are classes, which are named 0, 1, … unless they have names. */
  readonly labels: readonly string[] | undefined;
  readonly missing: ModelJSON['missing'];
  readonly unknownIsError: boolean;
  /** Whether a column that a row does not have is 0 there. */
  readonly isSparse: boolean;
  /** As the encoder has them. */
  readonly nulls: readonly string[] | undefined;
}

/** A model whose columns have been resolved to what each value adds, for those that write it in another language. */
export function sumOf(model: ModelJSON): Sum {
  const learned = learnedOf(model);
  const { theta, intercepts } = learned.parameters;
  const outputs = intercepts.length;
  const rowOf = (column: number): Part => [...theta.subarray(column * outputs, (column + 1) * outputs)];
  const features = model.features ?? inOrder(theta.length / outputs);
  let first = 0;
  const parts = features.map((feature) => {
    const columns = Array.from({ length: width([feature]) }, (_, at) => rowOf(first + at));
    first += columns.length;
    return partOf(feature, model, columns, outputs);
  });
  return {
    ...learned,
    parts,
    labels: labelsOf(learned),
    missing: model.missing,
    unknownIsError: model.unknown === 'error',
    isSparse: model.sparse === true,
    nulls: model.nulls,
  };
}

/**
 * For a format that reads no texts of a form of their own.
 *
 * @param lacks what it has nothing of: "ONNX has no operators"
 * @throws ThalwegError ERR_MODEL with the column as `path`
 */
export function refuseForms({ parts }: Sum, lacks: string): void {
  for (const { name, feature } of parts) {
    if (feature.kind === 'category' || feature.form === undefined) continue;
    throw new ThalwegError(
      'ERR_MODEL',
      `the column "${name}" was trained on ${feature.form.read}s written in a form of their own, for which ${lacks}. ` +
        'Export as js or sql, which read it, as thalweg/model does; or write the column as plain numbers or ISO dates, and train on that.',
      { path: name },
    );
  }
}

/**
 * For a format in which a column cannot be called ''.
 *
 * @param format "ONNX"
 * @throws ThalwegError ERR_MODEL with the column as `path`
 */
export function refuseNoName({ parts }: Sum, format: string): void {
  if (parts.every(({ name }) => name !== '')) return;
  throw new ThalwegError(
    'ERR_MODEL',
    `a column of the model is called '', and in ${format} each has a name. Export as js, or give it one and train on that.`,
    { path: '' },
  );
}

function inOrder(inputs: number): Feature[] {
  return Array.from({ length: inputs }, (_, at) => ({ name: String(at), kind: 'number', mean: 0, scale: 1 }));
}

function labelsOf({ activation, parameters, classes }: Learned): string[] | undefined {
  const outputs = parameters.intercepts.length;
  const isPair = activation === 'sigmoid' && outputs === 1;
  if (!isPair && activation !== 'softmax') return undefined;
  return (classes ?? Array.from({ length: isPair ? 2 : outputs }, (_, k) => k)).map(String);
}

const plus = (a: Part, b: Part): Part => a.map((value, k) => value + (b[k] as number));
const times = (a: Part, factor: number): Part => a.map((value) => value * factor);

function partOf(
  feature: Feature,
  { missing = 'drop', unknown, nulls = [] }: ModelJSON,
  columns: readonly Part[],
  outputs: number,
): AnyPart {
  const { name } = feature;
  const none = new Array<number>(outputs).fill(0);
  const isFilled = fills(missing);
  if (feature.kind !== 'category') {
    const [weights = none, indicator = none] = columns;
    const absent = plus(times(weights, feature.fill ?? feature.mean), indicator);
    const gone = numbersOfWords(nulls, feature);
    return { name, feature, weights, gone, absent: isFilled ? absent : undefined };
  }
  const levels = [
    [feature.leftOut, none] as const,
    ...feature.levels.map((level, at) => [level, columns[at] as Part] as const),
  ];
  const known = new Map(levels);
  const average = columns.reduce(
    (sum, part, at) => plus(sum, times(part, feature.means[at] as number)),
    none,
  );
  const fill = feature.fill === undefined ? undefined : known.get(feature.fill);
  const absent = isFilled ? (fill ?? average) : undefined;
  const is = unknownLevel(feature, unknown);
  const named = { average, missing: absent, error: undefined };
  return {
    name,
    feature,
    levels,
    absent,
    unknown: typeof is === 'string' ? named[is] : known.get(is.level),
  };
}
