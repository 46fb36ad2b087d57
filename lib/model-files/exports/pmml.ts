import { ThalwegError } from '../../base/errors';
import { packageVersion } from '../../base/package-version';
import type { NumericFeature } from '../../model/features';
import type { ModelJSON } from '../../model/format';
import { Names } from './names';
import {
  type AnyPart,
  type CategoryPart,
  type NumericPart,
  type Part,
  type Sum,
  refuseForms,
  sumOf,
} from './parts';
import { type Element, documentOf, element, isWritable } from './xml';

/** What a φ is called where z becomes the one number that is predicted. */
const normalizations: Readonly<Record<string, string | undefined>> = { linear: 'none', exp: 'exp' };

const SECONDS_A_DAY = 86_400;

/**
 * A model as PMML 4.4: a RegressionModel over the table's own columns. Numbers are doubles, categories texts, booleans booleans, dates
 * of the type dateTime, of which seconds count. Where there is no prediction the value is missing or invalid.
 *
 * @throws ThalwegError ERR_MODEL for a column whose texts have a form of their own, an activation or several outputs that a
 *   RegressionModel has not, or a name that XML cannot hold
 */
export function pmmlOf(model: ModelJSON): string {
  const sum = sumOf(model);
  refuseForms(sum, 'PMML has no types');
  refuseOutputs(sum);
  for (const text of textsOf(sum, model)) refuseUnwritable(text);
  const names = new Names(sum.parts.map(({ name }) => name));
  const target = names.unused(model.target?.name ?? 'target');
  const columns = sum.parts.map((part) => columnOf(part, sum, names));
  const dictionary = [...columns.map(({ field }) => field), targetField(target, sum)];
  return documentOf(
    element('PMML', { xmlns: 'http://www.dmg.org/PMML-4_4', version: '4.4' }, [
      element('Header', {}, [element('Application', { name: 'thalweg', version: packageVersion() })]),
      element('DataDictionary', { numberOfFields: dictionary.length }, dictionary),
      element(
        'RegressionModel',
        { functionName: sum.labels === undefined ? 'regression' : 'classification', ...normalization(sum) },
        [
          element('MiningSchema', {}, [
            element('MiningField', { name: target, usageType: 'target' }),
            ...columns.map(({ mining }) => mining),
          ]),
          ...outputOf(sum, names),
          ...localTransformations(columns),
          ...tablesOf(sum, columns),
        ],
      ),
    ]),
  );
}

function refuseOutputs({ activation, labels, parameters }: Sum): void {
  const outputs = parameters.intercepts.length;
  if (labels !== undefined || (outputs === 1 && normalizations[activation] !== undefined)) return;
  const what = outputs > 1 ? `${outputs} outputs` : `the activation ${activation}`;
  throw new ThalwegError(
    'ERR_MODEL',
    `the model has ${what}, for which PMML's RegressionModel has no words. Export as onnx, js or sql, which say it`,
  );
}

function textsOf({ parts, labels = [], nulls = [] }: Sum, { target }: ModelJSON): string[] {
  const levels = parts.flatMap((part) => ('levels' in part ? part.levels.map(([level]) => level) : []));
  return [...parts.map(({ name }) => name), ...levels, ...labels, ...nulls, target?.name ?? ''];
}

function refuseUnwritable(text: string): void {
  if (isWritable(text)) return;
  throw new ThalwegError(
    'ERR_MODEL',
    `${JSON.stringify(text)} has a character that XML cannot hold. Export as onnx, js or sql, which hold it`,
    { path: text },
  );
}

/** A column in each place of the document that speaks of it. */
interface Column {
  readonly field: Element;
  readonly mining: Element;
  readonly derived?: readonly Element[];
  /** What it adds to z where none of its predictors does. */
  readonly base?: Part;
  readonly predictors: readonly Predictor[];
}

interface Predictor {
  readonly name: string;
  /** Of a CategoricalPredictor, which adds `coefficients` where the field is that. */
  readonly value?: string;
  readonly coefficients: Part;
}

function columnOf(part: AnyPart, sum: Sum, names: Names): Column {
  if ('levels' in part) return category(part, sum);
  switch (part.feature.kind) {
    case 'boolean':
      return boolean(part, sum);
    case 'date':
      return date(part, names);
    case 'number':
      return number(part, sum, names);
  }
}

const noneOf = ({ intercepts }: Sum['parameters']): Part => Array.from(intercepts, () => 0);

/** Of a field without whose value there is no prediction. */
const INVALID = { missingValueTreatment: 'returnInvalid' };

function number(part: NumericPart, { nulls = [], isSparse }: Sum, names: Names): Column {
  const { name, feature, weights, absent } = part;
  const words = nulls.filter((word) => word !== '' && Number.isFinite(Number(word)));
  const field = element(
    'DataField',
    { name, optype: 'continuous', dataType: 'double' },
    words.map((word) => valueOf(word, 'missing')),
  );
  const predictor = { name, coefficients: weights };
  if (absent === undefined) {
    // A row lacks what is missing in it: PMML does not tell the two apart.
    const treatment = isSparse ? { missingValueReplacement: 0, missingValueTreatment: 'asValue' } : INVALID;
    return { field, mining: element('MiningField', { name, ...treatment }), predictors: [predictor] };
  }
  if (feature.indicator === undefined) {
    const missingValueTreatment = feature.fill === undefined ? 'asMean' : 'asValue';
    const replacement = { missingValueReplacement: fillOf(feature), missingValueTreatment };
    return { field, mining: element('MiningField', { name, ...replacement }), predictors: [predictor] };
  }
  // Replaced in the schema it could not be told to be missing any more.
  const filled = names.unused(`${name} or mean`);
  const reference = element('FieldRef', { field: name, mapMissingTo: fillOf(feature) });
  const indicator = indicatorOf(part, absent, names);
  return {
    ...{ field, mining: element('MiningField', { name }) },
    derived: [derivedField(filled, reference), indicator.derived],
    predictors: [{ ...predictor, name: filled }, indicator.predictor],
  };
}

const fillOf = ({ fill, mean }: NumericFeature): number => fill ?? mean;

/** A field that is 1 where a value is missing and 0 elsewhere. */
function indicatorOf(
  { name, feature, weights }: NumericPart,
  absent: Part,
  names: Names,
): { readonly derived: Element; readonly predictor: Predictor } {
  const flag = names.unused(`${name} is missing`);
  const isMissing = apply('isMissing', [element('FieldRef', { field: name })]);
  return {
    derived: derivedField(flag, apply('if', [isMissing, constant(1, 'double'), constant(0, 'double')])),
    predictor: {
      name: flag,
      coefficients: absent.map((value, k) => value - (weights[k] as number) * fillOf(feature)),
    },
  };
}

/** Seconds since 1970, whose weight is that of a day over the seconds of one. */
function date(part: NumericPart, names: Names): Column {
  const { name, feature, weights, absent } = part;
  const seconds = names.unused(`${name} in seconds`);
  const instead = absent === undefined ? undefined : fillOf(feature) * SECONDS_A_DAY;
  const operands = [element('FieldRef', { field: name }), constant(1970, 'integer')];
  const indicator =
    absent === undefined || feature.indicator === undefined ? [] : [indicatorOf(part, absent, names)];
  return {
    field: element('DataField', { name, optype: 'continuous', dataType: 'dateTime' }),
    mining: element('MiningField', { name, ...(absent === undefined ? INVALID : {}) }),
    derived: [
      derivedField(seconds, apply('dateSecondsSinceYear', operands, instead)),
      ...indicator.map(({ derived }) => derived),
    ],
    predictors: [
      { name: seconds, coefficients: weights.map((weight) => weight / SECONDS_A_DAY) },
      ...indicator.map(({ predictor }) => predictor),
    ],
  };
}

/** A category of true and false, whose missing value is neither. */
function boolean({ name, weights, absent }: NumericPart, { parameters }: Sum): Column {
  const base = absent ?? noneOf(parameters);
  return {
    field: element('DataField', { name, optype: 'categorical', dataType: 'boolean' }),
    mining: element('MiningField', { name, ...(absent === undefined ? INVALID : {}) }),
    base,
    predictors: [
      { name, value: 'true', coefficients: weights.map((weight, k) => weight - (base[k] as number)) },
      { name, value: 'false', coefficients: base.map((value) => -value) },
    ],
  };
}

/**
 * A CategoricalPredictor for each level. A missing value and one that is none of them add nothing: so what either stands for is
 * added to all, and taken from the levels.
 */
function category(part: CategoryPart, sum: Sum): Column {
  const { name, feature, levels } = part;
  const words = feature.keepsWords === true ? [''] : ['', ...(sum.nulls ?? [])];
  const valid = levels.filter(([level]) => !words.includes(level));
  const { base, treatment } = treatmentOf(part, sum);
  return {
    field: element('DataField', { name, optype: 'categorical', dataType: 'string' }, [
      ...valid.map(([level]) => valueOf(level)),
      ...words.map((word) => valueOf(word, 'missing')),
    ]),
    mining: element('MiningField', { name, ...treatment }),
    base,
    predictors: valid.map(([level, values]) => ({
      ...{ name, value: level },
      coefficients: values.map((value, k) => value - (base[k] as number)),
    })),
  };
}

function treatmentOf(
  { feature, absent, unknown, levels }: CategoryPart,
  { parameters }: Sum,
): { readonly base: Part; readonly treatment: Element['attributes'] } {
  const none = noneOf(parameters);
  const asIs = { invalidValueTreatment: 'asIs' };
  const returned = { invalidValueTreatment: 'returnInvalid' };
  if (absent === undefined)
    return { base: unknown ?? none, treatment: { ...INVALID, ...(unknown === undefined ? returned : asIs) } };
  const isFill = feature.fill !== undefined && levels.some(([level]) => level === feature.fill);
  if (isFill) {
    const replacement = { missingValueReplacement: feature.fill, missingValueTreatment: 'asMode' };
    if (unknown === undefined) return { base: none, treatment: { ...replacement, ...returned } };
    return { base: unknown, treatment: { ...replacement, ...asIs } };
  }
  if (unknown === undefined) return { base: absent, treatment: returned };
  const isAverage = unknown.every((value, k) => value === absent[k]);
  const asOther = { invalidValueTreatment: 'asValue', invalidValueReplacement: feature.other };
  return { base: absent, treatment: isAverage ? asIs : asOther };
}

function valueOf(value: string, property?: 'missing'): Element {
  return element('Value', { value, property });
}

function derivedField(name: string, expression: Element): Element {
  return element('DerivedField', { name, optype: 'continuous', dataType: 'double' }, [expression]);
}

function apply(name: string, operands: readonly Element[], mapMissingTo?: number): Element {
  return element('Apply', { function: name, mapMissingTo }, operands);
}

function constant(value: number, dataType: 'double' | 'integer'): Element {
  return element('Constant', { dataType }, String(value));
}

function localTransformations(columns: readonly Column[]): Element[] {
  const derived = columns.flatMap((column) => column.derived ?? []);
  return derived.length === 0 ? [] : [element('LocalTransformations', {}, derived)];
}

function targetField(name: string, { labels, classes }: Sum): Element {
  if (labels === undefined) return element('DataField', { name, optype: 'continuous', dataType: 'double' });
  const values = classes ?? labels.map(Number);
  const are = (type: string): boolean => values.every((value) => typeof value === type);
  const ofNumbers = values.every(Number.isInteger) ? 'integer' : 'double';
  const dataType = are('boolean') ? 'boolean' : are('number') ? ofNumbers : 'string';
  return element(
    'DataField',
    { name, optype: 'categorical', dataType },
    labels.map((label) => valueOf(label)),
  );
}

function normalization({ labels, activation }: Sum): Element['attributes'] {
  const ofClasses = activation === 'softmax' ? 'softmax' : 'logit';
  return { normalizationMethod: labels === undefined ? normalizations[activation] : ofClasses };
}

function outputOf({ labels }: Sum, names: Names): Element[] {
  if (labels === undefined) return [];
  const fields = labels.map((value) =>
    element('OutputField', {
      name: names.unused(`probability(${value})`),
      ...{ optype: 'continuous', dataType: 'double', feature: 'probability', value },
    }),
  );
  return [element('Output', {}, fields)];
}

/** The equations of z; of two classes that of the second, and one that is 0. */
function tablesOf({ labels, parameters }: Sum, columns: readonly Column[]): Element[] {
  const tables = Array.from(parameters.intercepts, (_, k) => tableOf(parameters, columns, k, labels));
  if (labels === undefined || tables.length > 1) return tables;
  return [...tables, element('RegressionTable', { intercept: 0, targetCategory: labels[0] })];
}

function tableOf(
  { intercepts }: Sum['parameters'],
  columns: readonly Column[],
  k: number,
  labels: Sum['labels'],
): Element {
  const intercept = columns.reduce((sum, { base }) => sum + (base?.[k] ?? 0), intercepts[k] as number);
  const targetCategory = labels?.[intercepts.length === 1 ? 1 : k];
  const predictors = columns.flatMap((column) => column.predictors);
  const written = predictors.map(({ name, value, coefficients }) => ({
    ...{ name, value, coefficient: coefficients[k] as number },
  }));
  // A numeric one of 0 stays: without its value there is no prediction.
  const numeric = written.filter(({ value }) => value === undefined);
  const categorical = written.filter(({ value, coefficient }) => value !== undefined && coefficient !== 0);
  return element('RegressionTable', { intercept, targetCategory }, [
    ...numeric.map((attributes) => element('NumericPredictor', attributes)),
    ...categorical.map((attributes) => element('CategoricalPredictor', attributes)),
  ]);
}
