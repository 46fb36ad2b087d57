import { activationNames, layerActivationNames } from '../objective/activations';
import { requireConsistent } from './consistent';
import { dateOrders } from '../tables/columns/form';
import { thousandsMarks } from '../tables/columns/form-steps';
import { missingPolicies } from './features';
import type { ModelJSON } from './format';
import { modelError } from './model-error';

/** Whether a value is what a field has to be; `problem` says what it has to be. */
interface Rule {
  readonly problem: string;
  readonly fits: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isFinite = (value: unknown): boolean => Number.isFinite(value);
const isAbove0 = (value: unknown): boolean => isFinite(value) && (value as number) > 0;
const isLabel = (value: unknown): boolean => isText(value) || typeof value === 'boolean' || isFinite(value);
const arrayOf =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(fits);
const oneOf =
  (...names: readonly unknown[]) =>
  (value: unknown): boolean =>
    names.includes(value);
const optional = ({ problem, fits }: Rule): Rule => ({
  problem,
  fits: (value) => value === undefined || fits(value),
});

const text: Rule = { problem: 'must be a text', fits: isText };
const texts: Rule = { problem: 'must be an array of texts', fits: arrayOf(isText) };
const number: Rule = { problem: 'must be a finite number', fits: isFinite };
const positive: Rule = { problem: 'must be a number above 0', fits: isAbove0 };
const numbers: Rule = { problem: 'must be an array of finite numbers', fits: arrayOf(isFinite) };
const labels: Rule = { problem: 'must be an array of texts, numbers or booleans', fits: arrayOf(isLabel) };
const nameOf = (names: readonly string[]): Rule => ({
  problem: `must be one of ${names.join(', ')}`,
  fits: oneOf(...names),
});

type Fields = Readonly<Record<string, Rule>>;

const header: Fields = {
  format: { problem: 'must be "thalweg-model"', fits: oneOf('thalweg-model') },
  version: { problem: 'must be 1 or 2, the versions that this thalweg reads', fits: oneOf(1, 2) },
  missing: optional(nameOf(missingPolicies)),
  unknown: optional(nameOf(['error', 'other'])),
  nulls: optional(texts),
  sparse: optional({ problem: 'must be true', fits: oneOf(true) }),
};
const neuron: Fields = {
  ...{ weights: numbers, bias: number, activation: nameOf(activationNames), classes: optional(labels) },
};
const layer: Fields = {
  weights: { problem: 'must be an array of rows of finite numbers', fits: arrayOf(arrayOf(isFinite)) },
  biases: numbers,
  activation: nameOf(layerActivationNames),
  classes: optional(labels),
};
const target: Fields = {
  name: text,
  kind: {
    problem: 'must be number, date, boolean or category',
    fits: oneOf('number', 'date', 'boolean', 'category'),
  },
  levels: optional(labels),
};
const forms: Readonly<Record<string, Fields>> = {
  number: {
    decimal: optional(nameOf([','])),
    thousands: optional(nameOf(Object.keys(thousandsMarks))),
    before: optional(texts),
    after: optional(texts),
    percent: optional({ problem: 'must be true', fits: oneOf(true) }),
  },
  hexadecimal: {},
  time: {},
  date: { order: nameOf(dateOrders) },
};
const numeric: Fields = {
  name: text,
  mean: number,
  scale: positive,
  form: optional({ problem: 'must be an object', fits: isObject }),
  fill: optional(number),
  indicator: optional({ problem: 'must be an object', fits: isObject }),
};
const category: Fields = {
  ...{ name: text, levels: texts, leftOut: text, means: numbers, scales: numbers },
  ...{ fill: optional(text), other: optional(text) },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireFields(object: unknown, fields: Fields, what: string, place: string): void {
  if (!isObject(object)) throw modelError(what, place, 'must be an object');
  for (const [name, { fits, problem }] of Object.entries(fields)) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (fits(value)) continue;
    const field = place === '' ? name : `${place}.${name}`;
    throw modelError(what, field, value === undefined ? 'is missing' : problem);
  }
}

function requireNumeric(feature: unknown, what: string, place: string): void {
  requireFields(feature, numeric, what, place);
  const { form } = feature as { readonly form?: { readonly read?: unknown } };
  if (form === undefined) return;
  requireFields(form, { read: nameOf(Object.keys(forms)) }, what, `${place}.form`);
  requireFields(form, forms[form.read as string] ?? {}, what, `${place}.form`);
}

function requireFeature(feature: unknown, what: string, place: string): void {
  const kind = isObject(feature) ? feature.kind : undefined;
  if (oneOf('number', 'boolean', 'date')(kind)) requireNumeric(feature, what, place);
  else if (kind === 'category') requireFields(feature, category, what, place);
  else throw modelError(what, `${place}.kind`, 'must be number, boolean, date or category');
}

/** Whether it may be what `toJSON` gives of a neuron or a layer. */
export function isBare(object: unknown): boolean {
  return isObject(object) && 'weights' in object && !('format' in object);
}

/** That as a model without columns. */
function wrapped(object: Readonly<Record<string, unknown>>): object {
  if (!isBare(object)) return object;
  return { format: 'thalweg-model', version: 2, ['biases' in object ? 'layer' : 'neuron']: object };
}

/**
 * Checks what a prediction needs of a model: without the library that checks all of a model's file, which would be the larger
 * part of what a browser loads.
 *
 * @param what names the model in messages
 * @throws ThalwegError `ERR_MODEL` at the field that does not fit
 */
export function parsed(object: unknown, what = 'the model'): ModelJSON {
  if (!isObject(object)) throw modelError(what, '', 'must be an object');
  const model = wrapped(object) as Readonly<Record<string, unknown>>;
  requireFields(model, header, what, '');
  if (model.features !== undefined) {
    if (!Array.isArray(model.features)) throw modelError(what, 'features', 'must be an array');
    for (const [index, feature] of model.features.entries())
      requireFeature(feature, what, `features[${index}]`);
  }
  for (const [name, fields] of Object.entries({ target, neuron, layer }))
    if (model[name] !== undefined) requireFields(model[name], fields, what, name);
  requireConsistent(model as unknown as ModelJSON, what);
  return model as unknown as ModelJSON;
}
