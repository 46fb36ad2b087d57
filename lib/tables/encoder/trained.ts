import { ThalwegError } from '../../base/errors';
import { listed } from '../../base/listed';
import type { Reading } from './reading';
import { refuseMissing } from './choice';
import { targetLevels } from './target';
import { weightOf } from './weight';
import { column } from '../columns/columns';
import type { Encoder, Feature, Target } from './encoding';
import { type Kind, type Profile, profile } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';

/** How to read a file, and how many rows it has. */
export interface TrainedReading {
  readonly reading: Reading;
  readonly fileRows: number;
}

/**
 * How a data file is read for a trained model: by the names of the columns, with what training knew of them.
 * The file is read once to see that each column still is what it was.
 *
 * @throws ThalwegError `ERR_COLUMN` for a column that is absent, of another kind, or a target of other levels.
 */
export async function readingFor(
  source: Source,
  model: Encoder,
  { withTarget, weight }: { readonly withTarget: boolean; readonly weight?: string | undefined },
): Promise<TrainedReading> {
  const features = model.features.map((encoding) => ({ column: column(source, encoding.name), encoding }));
  const target = withTarget
    ? { column: column(source, model.target.name), encoding: model.target }
    : undefined;
  const all: { column: SourceColumn; encoding: Feature | Target }[] =
    target === undefined ? features : [...features, target];
  const categories = all
    .filter(({ encoding }) => encoding.kind === 'category')
    .map(({ encoding }) => encoding.name);
  const profiles = await profile(
    source,
    all.map(({ column: read }) => read),
    new Set(categories),
  );
  for (const [index, found] of profiles.entries()) {
    const expected = all[index]?.encoding.kind ?? 'number';
    requireKind(source, found, expected);
    if (model.missing === 'error' && found.missing > 0) {
      await refuseMissing(source, found);
    }
  }
  if (target !== undefined) {
    await requireLevels(source, target);
  }
  const weighing = weight === undefined ? undefined : column(source, weight);
  if (weighing !== undefined) await weightOf(source, weighing);
  const reading = {
    ...{ features, missing: model.missing },
    ...(weighing === undefined ? {} : { weight: weighing }),
  };
  return {
    reading: target === undefined ? reading : { ...reading, target },
    fileRows: profiles[0]?.rows ?? 0,
  };
}

/**
 * How a data file is read for a neuron whose inputs have no names: all columns in their order, each as one input.
 *
 * @param inputs how many it has
 * @param model what to call the neuron
 * @throws ThalwegError `ERR_COLUMN` where there are more or fewer columns, or one of text
 */
export async function readingInOrder(source: Source, inputs: number, model: string): Promise<TrainedReading> {
  const { columns, name, path } = source;
  if (columns.length !== inputs) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${model} has ${inputs} inputs and no names for them, and ${name} has ${columns.length} columns. ` +
        'Give a file of its inputs alone, in their order, or a model that thalweg fit --output wrote.',
      { path },
    );
  }
  const profiles = await profile(source, columns);
  const features = profiles.map((found) => {
    const { column: read, kind = 'number' } = found;
    if (kind !== 'category') return { column: read, encoding: { name: read.name, kind, mean: 0, scale: 1 } };
    throw new ThalwegError(
      'ERR_COLUMN',
      `The column "${read.name}" of ${name} holds text, and ${model} does not say how it becomes numbers. ` +
        'Give numbers, or a model that thalweg fit --output wrote.',
      { path, column: read.name },
    );
  });
  return { reading: { features, missing: 'drop' }, fileRows: profiles[0]?.rows ?? 0 };
}

function requireKind(source: Source, { column: read, kind }: Profile, expected: Kind): void {
  if (kind !== undefined && kind !== expected) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `The column "${read.name}" of ${source.name} holds ${PLURALS[kind]}; the model was trained on ${PLURALS[expected]} there. ` +
        'Give data of the same form as it was trained on.',
      { path: source.path, column: read.name },
    );
  }
}

const PLURALS: Record<Kind, string> = {
  number: 'numbers',
  boolean: 'booleans',
  date: 'dates',
  category: 'text',
};

async function requireLevels(
  source: Source,
  { column: read, encoding }: { column: SourceColumn; encoding: Target },
): Promise<void> {
  if (encoding.kind === 'boolean' || encoding.levels === undefined) return;
  const known = new Set<string | number>(encoding.levels);
  const kind = encoding.kind === 'number' ? 'number' : 'category';
  // One of more than are known is unknown.
  const levels = await targetLevels(source, read, kind, known.size + 1);
  const unknown = levels.find((level) => !known.has(level));
  if (unknown !== undefined) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `The target "${read.name}" of ${source.name} holds ${JSON.stringify(unknown)}; the model knows ${listed(encoding.levels)}.`,
      { path: source.path, column: read.name },
    );
  }
}
