import fc from 'fast-check';
import { Uniform } from '../support/arbitrary';

const activations = ['linear', 'sigmoid', 'tanh', 'relu', 'softplus', 'exp', 'softmax'] as const;

/** What tables hold: hostile names and levels among them. */
const words = [
  'a',
  'b b',
  "it's",
  '"',
  '__proto__',
  'ü',
  'c,d',
  '\\',
  'constructor',
  'x\ny',
  '1',
  '$&',
  '`${x}`',
];

export interface RandomModel {
  readonly json: {
    readonly features: readonly RandomFeature[];
    readonly missing: string;
    readonly unknown?: string;
    readonly neuron?: { readonly weights: readonly number[]; readonly bias: number };
    readonly layer?: { readonly weights: readonly (readonly number[])[]; readonly biases: readonly number[] };
  };
  readonly activation: (typeof activations)[number];
  /** Θ, feature by feature, and b. */
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
  /** Values of the columns in their order, some missing, some unknown. */
  readonly rows: readonly (readonly (number | boolean | string | null)[])[];
}

export interface RandomFeature {
  readonly name: string;
  readonly kind: string;
  readonly mean?: number;
  readonly fill?: number | string;
  readonly indicator?: object;
  readonly levels?: readonly string[];
  readonly leftOut?: string;
  readonly means?: readonly number[];
  readonly other?: string;
}

/** Models of every activation, of one output and of several, with every kind of column and policy, and rows for them. */
export const randomModels: fc.Arbitrary<RandomModel> = fc
  .record({
    seed: fc.integer(),
    activation: fc.constantFrom(...activations),
    kinds: fc.array(fc.constantFrom('number', 'boolean', 'date', 'category'), { minLength: 1, maxLength: 6 }),
    missing: fc.constantFrom('drop', 'mean', 'median', 'mode', 'indicator'),
    unknown: fc.constantFrom(undefined, 'other'),
    named: fc.boolean(),
  })
  .map((choice) => randomModel(choice));

interface Choice {
  readonly seed: number;
  readonly activation: (typeof activations)[number];
  readonly kinds: readonly string[];
  readonly missing: string;
  readonly unknown: string | undefined;
  /** Whether a sigmoid's classes have names. */
  readonly named: boolean;
}

function randomModel({ seed, activation, kinds, missing, unknown, named }: Choice): RandomModel {
  const random = new Uniform(seed);
  const between = (least: number, most: number): number => least + (most - least) * random.next();
  const index = (count: number): number => random.integer(0, count - 1);
  const features = kinds.map((kind, at): RandomFeature => {
    const name = `${words[(at * 5 + index(words.length)) % words.length] ?? ''}${at}`;
    if (kind === 'category')
      return category(name, missing, words.slice(0, 2 + index(words.length - 2)), between);
    const scale = { mean: between(-3, 3), scale: between(0.5, 2) };
    return {
      ...{ name, kind, ...scale },
      ...(missing === 'median' || missing === 'mode' ? { fill: between(-2, 2) } : {}),
      ...(missing === 'indicator' && index(2) === 0 ? { indicator: { mean: 0.1, scale: 0.3 } } : {}),
    };
  });
  const width = features.reduce(
    (sum, { levels, indicator }) => sum + (levels?.length ?? (indicator === undefined ? 1 : 2)),
    0,
  );
  const outputs = activation === 'softmax' ? 2 + index(4) : index(4) === 0 ? 3 : 1;
  const weights = Array.from({ length: width }, () => Array.from({ length: outputs }, () => between(-1, 1)));
  const biases = Array.from({ length: outputs }, () => between(-1, 1));
  const json = {
    ...{ format: 'thalweg-model', version: 2, features, missing },
    target: targetOf(activation, outputs, named),
    ...(unknown === undefined ? {} : { unknown }),
    ...(outputs === 1
      ? { neuron: { weights: weights.flat(), bias: biases[0] ?? 0, activation } }
      : { layer: { weights, biases, activation } }),
  };
  const rows = Array.from({ length: 12 }, () => features.map((feature) => cell(feature, index, between)));
  return { json, activation, weights, biases, rows };
}

function targetOf(activation: string, outputs: number, named: boolean): object {
  if (activation === 'softmax') return { name: 'y', kind: 'category', levels: words.slice(0, outputs) };
  if (activation === 'sigmoid' && named && outputs === 1)
    return { name: 'y', kind: 'category', levels: ["n'o", '"yes"'] };
  return { name: 'y', kind: 'number' };
}

function category(
  name: string,
  missing: string,
  levels: readonly string[],
  between: (least: number, most: number) => number,
): RandomFeature {
  const hasOther = between(0, 1) < 0.5;
  const [leftOut, ...kept] = hasOther ? [...levels, '(other)'] : levels;
  return {
    ...{ name, kind: 'category', levels: kept, leftOut },
    ...(hasOther ? { other: '(other)' } : {}),
    means: kept.map(() => between(0, 1)),
    scales: kept.map(() => between(0.1, 1)),
    ...(missing === 'mode' ? { fill: kept[0] } : {}),
  } as RandomFeature;
}

function cell(
  { kind, levels = [], leftOut = '' }: RandomFeature,
  index: (count: number) => number,
  between: (least: number, most: number) => number,
): number | boolean | string | null {
  if (index(6) === 0) return null;
  switch (kind) {
    case 'category':
      return [...levels, leftOut, 'unseen'][index(levels.length + 2)] ?? null;
    case 'boolean':
      return index(2) === 0;
    case 'date':
      return new Date(Date.UTC(1970, 0, 1 + index(30))).toISOString().slice(0, 10);
    default:
      return between(-4, 4);
  }
}

/** A row of X, by the format's own words; undefined where a value is missing and nothing takes its place. */
export function encoded(model: RandomModel['json'], row: readonly unknown[]): number[] | undefined {
  const parts = model.features.map((feature, at) => encodedCell(model, feature, row[at]));
  return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

function encodedCell(
  { missing, unknown }: RandomModel['json'],
  { kind, mean = NaN, fill, indicator, levels = [], leftOut, means = [], other }: RandomFeature,
  value: unknown,
): readonly number[] | undefined {
  const oneHot = (level: unknown): number[] | undefined =>
    level === leftOut || levels.includes(level as string)
      ? levels.map((name) => (name === level ? 1 : 0))
      : undefined;
  if (kind === 'category') {
    const standsIn = other !== undefined ? oneHot(other) : unknown === 'other' ? means : undefined;
    const known = value === null ? undefined : (oneHot(value) ?? standsIn);
    return known ?? (missing === 'drop' ? undefined : fill === undefined ? means : oneHot(fill));
  }
  const extra = (flag: number): number[] => (indicator === undefined ? [] : [flag]);
  if (value === null) return missing === 'drop' ? undefined : [Number(fill ?? mean), ...extra(1)];
  const number = kind === 'date' ? Date.parse(value as string) / 86_400_000 : Number(value);
  return [number, ...extra(0)];
}

/** Rows as objects. */
export function named({ json, rows }: RandomModel): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(json.features.map(({ name }, at) => [name, row[at]])));
}
