import { basename } from 'node:path';
import { listed } from '../../base/listed';
import { ThalwegError } from '../../base/errors';
import type { LayerParameters } from '../../base/data-types';
import type { Learned } from '../../model/learned';
import type { TableModel } from '../../model-files/model-schema';
import { type Feature, width } from '../../tables/encoder/encoding';
import { levelsOf } from '../../tables/encoder/groups';
import type { Prepared } from './prepare';
import { readTrained } from './trained-model';

/** A model to begin at. */
export interface WarmStart {
  readonly name: string;
  readonly learned: Learned;
  readonly encoder: TableModel;
}

/** Reads it. @throws ThalwegError as `readTrained`; `ERR_MODEL` where it names no columns */
export async function readWarmStart(path: string): Promise<WarmStart> {
  const { learned, encoder } = await readTrained(path);
  const name = basename(path);
  if (encoder !== undefined) return { name, learned, encoder };
  throw new ThalwegError(
    'ERR_MODEL',
    `${path} is a neuron or a layer alone, which names no columns to begin at. Give --warm-start a model that thalweg fit --output wrote.`,
    { path },
  );
}

/**
 * The weights of a model for the columns of X here, which may be in another order, and where another level of a category
 * may be the one left out.
 *
 * @throws ThalwegError `ERR_COLUMN` where the model was trained on other columns, levels or another target, `ERR_MODEL` where
 *   it has another activation
 */
export function startOf({ name, learned, encoder }: WarmStart, prepared: Prepared): LayerParameters {
  const { activation, found } = prepared;
  if (learned.activation !== activation) {
    throw new ThalwegError(
      'ERR_MODEL',
      `${name} has --activation ${learned.activation}, and this fit ${activation}. Begin at a model of the same, or leave --warm-start out.`,
      { path: name },
    );
  }
  requireTarget(name, encoder, prepared);
  const known = placed(encoder.features);
  requireColumns(name, known, found.features);
  const { theta, intercepts } = learned.parameters;
  const outputs = intercepts.length;
  const start = new Float64Array(width(found.features) * outputs);
  const shifted = intercepts.slice();
  let at = 0;
  for (const feature of found.features) {
    const { rows, base } = weightsOf(feature, known.get(feature.name) as Placed, { theta, intercepts });
    for (const row of rows) {
      start.set(row, at);
      at += outputs;
    }
    for (let k = 0; k < outputs; k += 1) shifted[k] = (shifted[k] as number) + (base[k] as number);
  }
  return { theta: start, intercepts: shifted };
}

/** A feature, and the first of its columns. */
interface Placed {
  readonly feature: Feature;
  readonly first: number;
}

/** By name. */
function placed(features: readonly Feature[]): Map<string, Placed> {
  let first = 0;
  const places = new Map<string, Placed>();
  for (const feature of features) {
    places.set(feature.name, { feature, first });
    first += width([feature]);
  }
  return places;
}

/** The rows of weights of a feature's columns, and what its level left out adds to the intercepts. */
function weightsOf(
  feature: Feature,
  { feature: before, first }: Placed,
  { theta, intercepts }: LayerParameters,
): { readonly rows: readonly Float64Array[]; readonly base: Float64Array } {
  const outputs = intercepts.length;
  const rowOf = (column: number): Float64Array =>
    theta.subarray((first + column) * outputs, (first + column + 1) * outputs);
  const zeros = new Float64Array(outputs);
  if (feature.kind !== 'category' || before.kind !== 'category')
    return { rows: Array.from({ length: width([before]) }, (_, column) => rowOf(column)), base: zeros };
  const ofLevel = (level: string): Float64Array =>
    level === before.leftOut ? zeros : rowOf(before.levels.indexOf(level));
  const base = ofLevel(feature.leftOut);
  const rows = feature.levels.map((level) => ofLevel(level).map((weight, k) => weight - (base[k] as number)));
  return { rows, base };
}

function requireTarget(name: string, { target }: TableModel, { chosen, source }: Prepared): void {
  const { encoding } = chosen.target;
  if (target.name !== encoding.name)
    throw other(name, encoding.name, `learned "${target.name}", and this fit learns "${encoding.name}"`);
  const levels: readonly (string | number)[] = ('levels' in target ? target.levels : undefined) ?? [];
  const here: readonly (string | number)[] = encoding.levels ?? [];
  if (target.kind === encoding.kind && levels.join('\0') === here.join('\0')) return;
  const was = levels.length === 0 ? `a ${target.kind}` : listed(levels);
  const is = here.length === 0 ? `a ${encoding.kind}` : listed(here);
  throw other(
    name,
    encoding.name,
    `knows the target "${target.name}" as ${was}; in ${source.name} it is ${is}`,
  );
}

function requireColumns(
  name: string,
  known: ReadonlyMap<string, Placed>,
  features: readonly Feature[],
): void {
  const names = new Set(features.map((feature) => feature.name));
  const gone = [...known.keys()].find((column) => !names.has(column));
  if (gone !== undefined)
    throw other(name, gone, `was trained on the column "${gone}" too, from which this fit does not learn`);
  for (const feature of features) {
    const before = known.get(feature.name)?.feature;
    if (before === undefined)
      throw other(
        name,
        feature.name,
        `was trained without the column "${feature.name}", from which this fit learns`,
      );
    if (before.kind !== feature.kind)
      throw other(
        name,
        feature.name,
        `knows "${feature.name}" as a ${before.kind}, and here it is a ${feature.kind}`,
      );
    if (before.kind === 'category' && feature.kind === 'category') requireLevels(name, before, feature);
    else if (width([before]) !== width([feature])) throw other(name, feature.name, `has another --missing`);
  }
}

type Category = Extract<Feature, { kind: 'category' }>;

function requireLevels(name: string, before: Category, now: Category): void {
  const [known, here] = [levelsOf(before), levelsOf(now)];
  const added = here.find((level) => !known.includes(level));
  const gone = known.find((level) => !here.includes(level));
  if (added !== undefined)
    throw other(
      name,
      now.name,
      `does not know the level ${JSON.stringify(added)} of the column "${now.name}"`,
    );
  if (gone !== undefined)
    throw other(
      name,
      now.name,
      `knows the level ${JSON.stringify(gone)} of "${now.name}", which no row here has`,
    );
}

function other(name: string, column: string, what: string): ThalwegError {
  return new ThalwegError(
    'ERR_COLUMN',
    `${name} ${what}. Begin at a model of the same columns, or leave --warm-start out.`,
    { path: name, column },
  );
}
