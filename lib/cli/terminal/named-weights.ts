import { InvalidArgumentError } from 'commander';
import { assignments } from './assignments';

/** What `--class-weight` says: by the names of classes, as they are in the data. */
export type NamedWeights = 'balanced' | readonly { readonly label: string; readonly weight: number }[];

/** `balanced`, or `a=1,b=5`; a label with a comma in it stands in double quotes. */
export function namedWeights(text: string): NamedWeights {
  if (text === 'balanced') return text;
  const pairs = assignments(text).map(({ name, value = '' }) => ({
    label: name,
    weight: value === '' ? NaN : Number(value),
  }));
  const labels = new Set(pairs.map(({ label }) => label));
  const isRight = pairs.every(({ label, weight }) => label !== '' && weight >= 0 && weight < Infinity);
  if (isRight && labels.size === pairs.length) return pairs;
  throw new InvalidArgumentError(
    'It must be balanced, or a number of at least 0 for each class once, such as a=1,b=5.',
  );
}
