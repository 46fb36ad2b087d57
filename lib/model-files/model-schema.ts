import * as v from 'valibot';
import { dtypes } from '../base/data-types';
import { strategies } from '../method/strategy';
import { MOST_FEATURES } from '../model/features';
import { optimizerNames } from '../method/optimizers';
import { scheduleNames } from '../method/schedules';
import { activationNames, layerActivationNames } from '../objective/activations';
import { layerLossNames } from '../objective/losses';
import { formSchema } from '../tables/columns/form-schema';
import { missingPolicies } from '../tables/encoder/encoding';
import { MOST_CLASSES } from '../tables/encoder/target';
import { MODEL_VERSION } from '../model/model-version';

const LONGEST_TEXT = 10_000;
const MOST_LEVELS = 2 ** 23;
const MOST_WORDS = 1000;

/** JSON writes 1e999 for what JavaScript reads as infinity. */
const finite = v.pipe(v.number('must be a number'), v.finite('must be a finite number'));
const text = v.pipe(v.string('must be a text'), v.maxLength(LONGEST_TEXT, 'is too long'));
const count = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be an integer'),
  v.minValue(0, 'must not be negative'),
);
const positive = v.pipe(finite, v.gtValue(0, 'must be above 0'));
const notNegative = v.pipe(finite, v.minValue(0, 'must not be negative'));
const nullable = v.nullable(finite);

const numericFeature = v.strictObject({
  name: text,
  kind: v.picklist(['number', 'boolean', 'date'], 'must be number, boolean, date or category'),
  mean: finite,
  scale: positive,
  form: v.optional(formSchema),
  fill: v.optional(finite),
  indicator: v.optional(v.strictObject({ mean: finite, scale: positive })),
});

const numbers = <Item extends v.GenericSchema<number>>(item: Item) =>
  v.pipe(
    v.array(item, 'must be an array of numbers'),
    v.maxLength(MOST_LEVELS, `must have at most ${MOST_LEVELS} numbers`),
  );

const categoryFeature = v.strictObject({
  name: text,
  kind: v.literal('category'),
  levels: v.pipe(
    v.array(text, 'must be an array of texts'),
    v.maxLength(MOST_LEVELS, `must have at most ${MOST_LEVELS} levels`),
  ),
  leftOut: text,
  means: numbers(finite),
  scales: numbers(positive),
  fill: v.optional(text),
  other: v.optional(text),
  keepsWords: v.optional(v.literal(true, 'must be true')),
});

const levels = <Item extends v.GenericSchema<string | number>>(item: Item, what: string) =>
  v.pipe(
    v.array(item, `must be an array of ${what}`),
    v.minLength(2, 'must have at least two levels'),
    v.maxLength(MOST_CLASSES, `must have at most ${MOST_CLASSES} levels`),
  );

/** Names of classes or outputs, where no target has them. */
const labels = v.pipe(
  v.array(v.union([text, v.boolean(), finite], 'must be a text, a boolean or a number'), 'must be an array'),
  v.minLength(1, 'must have at least one name'),
);

const dateTarget = v.strictObject({ name: text, kind: v.literal('date'), form: v.optional(formSchema) });

const numericTarget = v.strictObject({
  name: text,
  kind: v.literal('number'),
  levels: v.optional(levels(v.pipe(finite, v.safeInteger('must be a whole number')), 'whole numbers')),
  form: v.optional(formSchema),
});

const levelTarget = v.strictObject({
  name: text,
  kind: v.picklist(['boolean', 'category'], 'must be number, date, boolean or category'),
  levels: levels(text, 'texts'),
});

const training = v.strictObject({
  strategy: v.picklist(strategies, 'must be batch, stochastic or mini-batch'),
  loss: v.picklist(layerLossNames, `must be one of ${layerLossNames.join(', ')}`),
  /** Models of 0.1 do not tell: it was 'sgd'. */
  optimizer: v.optional(v.picklist(optimizerNames, `must be one of ${optimizerNames.join(', ')}`)),
  learningRate: v.union([v.literal('auto'), positive], 'must be "auto" or a number above 0'),
  schedule: v.optional(
    v.looseObject({ schedule: v.picklist(scheduleNames, `must be one of ${scheduleNames.join(', ')}`) }),
  ),
  maxIterations: v.nullable(count),
  iterations: count,
  epochs: v.nullable(count),
  batchSize: v.nullable(count),
  /** Steps that each of several ranks took by itself between two averages of all. */
  averageEvery: v.optional(count),
  seed: count,
  tolerance: notNegative,
  l1: notNegative,
  l2: notNegative,
  standardize: v.boolean('must be true or false'),
  /** The column that said how much each row counts. */
  weight: v.optional(text),
  /** The model that it began at. */
  warmStart: v.optional(text),
  /** Of each level of the target. */
  classWeight: v.optional(
    v.union([v.literal('balanced'), v.array(notNegative)], 'must be "balanced" or an array of numbers'),
  ),
  holdout: v.pipe(notNegative, v.ltValue(1, 'must be below 1')),
  rows: count,
  heldOut: count,
  dropped: count,
  stopped: v.picklist(['completed', 'converged', 'early'], 'must be completed, converged or early'),
  finalLoss: nullable,
  score: v.strictObject({ train: nullable, holdout: nullable }),
  device: text,
  deviceName: text,
  plan: v.picklist(['fused', 'gram', 'sequential', 'local'], 'must be fused, gram, sequential or local'),
  dtype: v.picklist(dtypes, 'must be float32 or float64'),
  seconds: notNegative,
  data: text,
});

/** A model file, field by field. */
export const modelSchema = v.strictObject({
  format: v.literal('thalweg-model', 'must be "thalweg-model"'),
  version: v.picklist(
    [1, MODEL_VERSION],
    `must be 1 or ${MODEL_VERSION}, the versions that this thalweg reads`,
  ),
  /** Which thalweg wrote it. */
  thalweg: v.optional(text),
  created: v.optional(v.pipe(text, v.isoTimestamp('must be a time in ISO 8601'))),
  target: v.optional(
    v.variant('kind', [numericTarget, dateTarget, levelTarget], 'must be number, date, boolean or category'),
  ),
  /** Left out, with target and missing: inputs have no names. */
  features: v.optional(
    v.pipe(
      v.array(
        v.variant('kind', [numericFeature, categoryFeature], 'must be number, boolean, date or category'),
        'must be an array',
      ),
      v.minLength(1, 'must have at least one feature'),
      v.maxLength(MOST_FEATURES, `must have at most ${MOST_FEATURES} features`),
    ),
  ),
  missing: v.optional(v.picklist(missingPolicies, `must be one of ${missingPolicies.join(', ')}`)),
  unknown: v.optional(v.picklist(['error', 'other'], 'must be error or other')),
  nulls: v.optional(
    v.pipe(
      v.array(text, 'must be an array of texts'),
      v.maxLength(MOST_WORDS, `must have at most ${MOST_WORDS} texts`),
    ),
  ),
  /** Columns that an object does not have are 0: then, and only then. */
  sparse: v.optional(v.literal(true, 'must be true')),
  /** One output. */
  neuron: v.optional(
    v.strictObject({
      weights: v.array(finite, 'must be an array of numbers'),
      bias: finite,
      activation: v.picklist(activationNames, `must be one of ${activationNames.join(', ')}`),
      classes: v.optional(labels),
    }),
  ),
  /** Several: n rows of K weights, and K biases. */
  layer: v.optional(
    v.strictObject({
      weights: v.array(v.array(finite, 'must be an array of numbers'), 'must be an array of rows'),
      biases: v.array(finite, 'must be an array of numbers'),
      activation: v.picklist(layerActivationNames, `must be one of ${layerActivationNames.join(', ')}`),
      classes: v.optional(labels),
    }),
  ),
  /** How `thalweg fit` trained it. */
  training: v.optional(training),
});

/** What a model's file holds: a neuron or a layer, the columns it reads and how, and what trained it. */
export type Model = v.InferOutput<typeof modelSchema>;

/** Fields of a model that are there, where they need not be. */
type With<Field extends keyof Model> = Model & { readonly [Name in Field]: NonNullable<Model[Name]> };

/** A model that has columns. */
export type TableModel = With<'features' | 'target' | 'missing'>;

/** What `thalweg fit` writes. */
export type FittedModel = With<'features' | 'target' | 'missing' | 'training'>;
