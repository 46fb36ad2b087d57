import { ThalwegError } from '../../base/errors';
import { listed } from '../../base/listed';
import type { NamedWeights } from '../terminal/named-weights';

/**
 * A weight for each class in the order of the classes; those that are not named count 1.
 *
 * @throws ThalwegError `ERR_INVALID_ARGUMENT` for a label that is no class, or where every class would count 0
 */
export function weightOfClasses(
  named: NamedWeights,
  target: string,
  classes: readonly (string | number)[],
): 'balanced' | readonly number[] {
  if (named === 'balanced') return named;
  const weights = classes.map(() => 1);
  for (const { label, weight } of named) {
    const at = classes.findIndex((known) =>
      typeof known === 'number' ? known === Number(label) : known === label,
    );
    if (at < 0)
      throw wrong(`names the class ${JSON.stringify(label)}; those of "${target}" are ${listed(classes)}.`);
    weights[at] = weight;
  }
  if (weights.some((weight) => weight > 0)) return weights;
  throw wrong(
    `gives every class of "${target}" the weight 0, so that no row counts. Give one a weight above 0.`,
  );
}

function wrong(what: string): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', `--class-weight ${what}`, { option: 'class-weight' });
}
