import { InvalidArgumentError } from 'commander';
import { firstRecord } from '../../tables/files/delimited';

/** What `--class-weight` says: by the names of classes, as they are in the data. */
export type NamedWeights = 'balanced' | readonly { readonly label: string; readonly weight: number }[];

/** `balanced`, or `a=1,b=5`; a label with a comma in it stands in double quotes. */
export function namedWeights(text: string): NamedWeights {
  if (text === 'balanced') return text;
  // As a quoted field: "a,b"=1 is read as "a,b=1".
  const { fields } = firstRecord(text.replaceAll(/(^|,)"((?:[^"]|"")*)"=([^,]*)/g, '$1"$2=$3"'), ',');
  const pairs = fields.map(pairOf);
  const labels = new Set(pairs.map(({ label }) => label));
  const isRight = pairs.every(({ label, weight }) => label !== '' && weight >= 0 && weight < Infinity);
  if (isRight && labels.size === pairs.length) return pairs;
  throw new InvalidArgumentError(
    'It must be balanced, or a number of at least 0 for each class once, such as a=1,b=5.',
  );
}

function pairOf(field: string): { label: string; weight: number } {
  const at = field.lastIndexOf('=');
  const value = field.slice(at + 1).trim();
  return { label: field.slice(0, Math.max(0, at)).trim(), weight: value === '' ? NaN : Number(value) };
}
