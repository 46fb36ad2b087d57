import * as v from 'valibot';
import { dtypes } from '../base/data-types';
import { optimizerNames } from '../method/optimizers';
import { strategies } from '../method/strategy';
import { layerActivationNames } from '../objective/activations';
import { layerLossNames } from '../objective/losses';

/** The version of the format; a reader refuses every other. */
const STATE_VERSION = 1;

const count = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be a whole number'),
  v.minValue(0, 'must be 0 or more'),
);
/** JSON writes 1e999 for what JavaScript reads as infinity. */
const finite = v.pipe(v.number('must be a number'), v.finite('must be a finite number'));
const text = v.pipe(v.string('must be a text'), v.maxLength(1000, 'is too long'));
const flag = v.boolean('must be true or false');

const numbers = v.strictObject({
  shape: v.array(count, 'must be an array of whole numbers'),
  data: v.pipe(v.string('must be a text'), v.base64('must be in base64')),
});

const optimizer = v.objectWithRest(
  { name: v.picklist(optimizerNames, `must be one of ${optimizerNames.join(', ')}`) },
  v.union([finite, flag], 'must be a number, true or false'),
);

const made = v.strictObject({
  rows: count,
  columns: count,
  outputs: count,
  weighted: flag,
  dtype: v.picklist(dtypes, 'must be float32 or float64'),
  device: text,
  deviceId: text,
  strategy: v.picklist(strategies, 'must be batch, stochastic or mini-batch'),
  optimizer,
  plan: v.picklist(['fused', 'gram', 'sequential'], 'must be fused, gram or sequential'),
  activation: v.picklist(layerActivationNames, 'must be an activation'),
  loss: v.picklist(layerLossNames, 'must be a loss'),
  fitIntercept: flag,
  standardize: flag,
  batchSize: v.optional(count),
  windowed: v.optional(flag),
  sampling: v.optional(v.picklist(['with-replacement', 'shuffle'], 'must be with-replacement or shuffle')),
  seed: v.optional(count),
  ranks: v.optional(
    v.array(v.strictObject({ rows: count, device: text, deviceId: text }), 'must be an array'),
  ),
  averageEvery: v.optional(count),
});

/** A state, field by field. */
export const stateSchema = v.strictObject({
  format: v.literal('thalweg-state', 'must be "thalweg-state"'),
  version: v.literal(STATE_VERSION, `must be ${STATE_VERSION}, the version that this thalweg goes on from`),
  madeFor: made,
  passes: count,
  steps: count,
  learningRate: v.pipe(finite, v.minValue(0, 'must be 0 or more')),
  theta: numbers,
  intercept: numbers,
  moments: numbers,
  lastLoss: v.nullable(finite),
  exponents: v.strictObject({ features: finite, targets: finite }),
  byPasses: flag,
  draws: v.optional(v.strictObject({ generator: numbers, before: count, done: count })),
  best: v.optional(
    v.strictObject({
      loss: v.nullable(finite),
      passes: count,
      waited: count,
      theta: numbers,
      intercept: numbers,
    }),
  ),
  checksum: v.optional(text),
});
