import { DOMParser, type Element } from '@xmldom/xmldom';

/**
 * Reads PMML 4.4 as its standard says, as far as a RegressionModel goes. It knows no more than that, and throws at an
 * element, an attribute or a word that it does not know, so that nothing is passed over.
 */
export interface Reader {
  /** The names of the active fields, in the order of the schema. */
  readonly fields: readonly string[];
  readonly target: string;
  /** What the document says of a row of texts, null where one is missing; undefined where it says nothing. */
  answer(row: Readonly<Record<string, string | null>>): Answer | undefined;
}

export interface Answer {
  /** The category that is predicted, or the number. */
  readonly predicted: string | number;
  /** The document's output fields by name. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** A value that is missing is undefined. */
type Value = string | number | boolean | undefined;
type Values = Map<string, Value>;

class Invalid extends Error {}

const known: Readonly<Record<string, readonly string[]>> = {
  PMML: ['version'],
  Header: [],
  Application: ['name', 'version'],
  DataDictionary: ['numberOfFields'],
  DataField: ['name', 'optype', 'dataType'],
  Value: ['value', 'property'],
  RegressionModel: ['functionName', 'normalizationMethod'],
  MiningSchema: [],
  MiningField: [
    ...['name', 'usageType', 'missingValueReplacement', 'missingValueTreatment'],
    ...['invalidValueTreatment', 'invalidValueReplacement'],
  ],
  Output: [],
  OutputField: ['name', 'optype', 'dataType', 'feature', 'value'],
  LocalTransformations: [],
  DerivedField: ['name', 'optype', 'dataType'],
  FieldRef: ['field', 'mapMissingTo'],
  Apply: ['function', 'mapMissingTo'],
  Constant: ['dataType'],
  RegressionTable: ['intercept', 'targetCategory'],
  NumericPredictor: ['name', 'coefficient'],
  CategoricalPredictor: ['name', 'value', 'coefficient'],
};

const namespace = 'http://www.dmg.org/PMML-4_4';

/** @throws Error for what is no XML, or no PMML that it knows */
export function readPmml(text: string): Reader {
  const onError = (_: string, message: string): never => {
    throw new Error(message);
  };
  const root = new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement;
  if (root === null) throw new Error('there is no element');
  for (const element of [root, ...elements(root, '*')]) checkWords(element);
  const [model] = elements(root, 'RegressionModel');
  if (root.localName !== 'PMML' || get(root, 'version') !== '4.4' || model === undefined)
    throw new Error('it is no regression model of PMML 4.4');
  const dictionary = elements(root, 'DataField');
  if (Number(get(elements(root, 'DataDictionary')[0], 'numberOfFields')) !== dictionary.length)
    throw new Error('numberOfFields is wrong');
  checkNames([...dictionary, ...elements(root, 'DerivedField'), ...elements(root, 'OutputField')]);
  const schema = elements(model, 'MiningField');
  const isTarget = (field: Element): boolean => field.getAttribute('usageType') === 'target';
  const active = schema.filter((field) => !isTarget(field));
  const target = get(schema.find(isTarget), 'name');
  const dataField = (name: string): Element => {
    const found = dictionary.find((field) => get(field, 'name') === name);
    if (found === undefined) throw new Error(`there is no DataField ${name}`);
    return found;
  };
  const categories = elements(dataField(target), 'Value').map((value) => get(value, 'value'));
  return {
    fields: active.map((field) => get(field, 'name')),
    target,
    answer(row) {
      try {
        const values: Values = new Map();
        for (const field of active) {
          const name = get(field, 'name');
          values.set(name, valueOf(row[name] ?? null, field, dataField(name)));
        }
        for (const field of elements(model, 'DerivedField'))
          values.set(get(field, 'name'), expression(onlyChild(field), values));
        return answerOf(model, categories, values);
      } catch (error) {
        if (error instanceof Invalid) return undefined;
        throw error;
      }
    },
  };
}

function checkWords(element: Element): void {
  const attributes = known[element.localName ?? ''];
  if (attributes === undefined || element.namespaceURI !== namespace)
    throw new Error(`the element ${element.nodeName} is unknown`);
  for (const { name } of Array.from(element.attributes))
    if (!attributes.includes(name) && name !== 'xmlns')
      throw new Error(`the attribute ${name} of ${element.nodeName} is unknown`);
}

function checkNames(fields: readonly Element[]): void {
  const names = fields.map((field) => get(field, 'name'));
  if (new Set(names).size !== names.length) throw new Error('two fields have one name');
}

function elements(parent: Element | undefined, name: string): Element[] {
  return parent === undefined ? [] : Array.from(parent.getElementsByTagName(name));
}

function children(parent: Element): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === node.ELEMENT_NODE);
}

function onlyChild(parent: Element): Element {
  const [child, ...others] = children(parent);
  if (child === undefined || others.length > 0) throw new Error(`${parent.nodeName} has not one child`);
  return child;
}

/** An attribute that has to be there. */
function get(element: Element | undefined, name: string): string {
  const value = element?.getAttribute(name);
  if (typeof value !== 'string') throw new Error(`${element?.nodeName ?? ''} has no ${name}`);
  return value;
}

/** A text of a type of data; throws Invalid where it is none. */
function parsed(text: string, dataType: string): string | number | boolean {
  const seconds = Date.parse(`${text}Z`) / 1000;
  const number = text.trim() === '' ? NaN : Number(text);
  switch (dataType) {
    case 'string':
      return text;
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new Invalid();
      return text === 'true';
    case 'double':
    case 'integer':
      if (!Number.isFinite(number)) throw new Invalid();
      return number;
    case 'dateTime':
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text) || Number.isNaN(seconds)) throw new Invalid();
      return seconds;
    default:
      throw new Error(`the type ${dataType} is unknown`);
  }
}

function valueOf(text: string | null, mining: Element, field: Element): Value {
  const ofProperty = (property: string): string[] =>
    elements(field, 'Value')
      .filter((value) => (value.getAttribute('property') ?? 'valid') === property)
      .map((value) => get(value, 'value'));
  const dataType = get(field, 'dataType');
  if (text === null || ofProperty('missing').includes(text)) return missing(mining, dataType);
  try {
    const value = parsed(text, dataType);
    const valid = ofProperty('valid');
    if (valid.length > 0 && !valid.includes(text)) throw new Invalid();
    return value;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return invalid(text, mining, dataType);
  }
}

function missing(mining: Element, dataType: string): Value {
  const replacement = mining.getAttribute('missingValueReplacement');
  switch (mining.getAttribute('missingValueTreatment') ?? 'asIs') {
    case 'returnInvalid':
      throw new Invalid();
    case 'asIs':
    case 'asMean':
    case 'asMode':
    case 'asValue':
      return replacement === null ? undefined : parsed(replacement, dataType);
    default:
      throw new Error('a missingValueTreatment is unknown');
  }
}

function invalid(text: string, mining: Element, dataType: string): Value {
  switch (mining.getAttribute('invalidValueTreatment') ?? 'returnInvalid') {
    case 'returnInvalid':
      throw new Invalid();
    case 'asIs':
      return parsed(text, dataType);
    case 'asValue':
      return parsed(get(mining, 'invalidValueReplacement'), dataType);
    default:
      throw new Error('an invalidValueTreatment is unknown');
  }
}

function expression(element: Element, values: Values): Value {
  const mapped = element.getAttribute('mapMissingTo');
  switch (element.localName) {
    case 'Constant':
      return parsed(element.textContent ?? '', get(element, 'dataType'));
    case 'FieldRef':
      return values.get(get(element, 'field')) ?? (mapped === null ? undefined : Number(mapped));
    case 'Apply': {
      const operands = children(element).map((child) => expression(child, values));
      const [first, second, third] = operands;
      const name = get(element, 'function');
      if (name === 'isMissing') return first === undefined;
      if (operands.includes(undefined)) return mapped === null ? undefined : Number(mapped);
      if (name === 'if') return first === true ? second : third;
      if (name === 'dateSecondsSinceYear') return Number(first) - Date.UTC(Number(second), 0) / 1000;
      throw new Error(`the function ${name} is unknown`);
    }
    default:
      throw new Error(`${element.nodeName} is no expression`);
  }
}

/** y of an equation, undefined where a value that it takes as a number is missing. */
function equation(table: Element, values: Values): number | undefined {
  let y: number | undefined = Number(get(table, 'intercept'));
  for (const predictor of children(table)) {
    const name = get(predictor, 'name');
    if (!values.has(name)) throw new Error(`there is no field ${name}`);
    const value = values.get(name);
    const coefficient = Number(get(predictor, 'coefficient'));
    if (predictor.localName === 'CategoricalPredictor') {
      if (value !== undefined && String(value) === get(predictor, 'value') && y !== undefined)
        y += coefficient;
    } else y = typeof value !== 'number' || y === undefined ? undefined : y + coefficient * value;
  }
  return y;
}

function answerOf(model: Element, categories: readonly string[], values: Values): Answer | undefined {
  const tables = elements(model, 'RegressionTable');
  const found = tables.map((table) => equation(table, values));
  const z = found.filter((y) => y !== undefined);
  if (z.length < found.length) return undefined;
  const method = get(model, 'normalizationMethod');
  if (get(model, 'functionName') === 'regression') {
    const [one = NaN] = z;
    if (z.length !== 1) throw new Error('a regression has one table');
    const predicted = { none: one, exp: Math.exp(one) }[method];
    if (predicted === undefined) throw new Error(`the normalization ${method} is unknown`);
    return Number.isFinite(predicted) ? { predicted, outputs: {} } : undefined;
  }
  const shares = sharesOf(z, method);
  const names = tables.map((table) => get(table, 'targetCategory'));
  if ([...names].sort().join('\0') !== [...categories].sort().join('\0'))
    throw new Error('the tables are not of the categories of the target');
  const outputs = elements(model, 'OutputField').map((field) => {
    if (get(field, 'feature') !== 'probability') throw new Error('a feature is unknown');
    return [get(field, 'name'), shares[names.indexOf(get(field, 'value'))] ?? NaN] as const;
  });
  const predicted = names[shares.indexOf(Math.max(...shares))] ?? '';
  return { predicted, outputs: Object.fromEntries(outputs) };
}

function sharesOf(z: readonly number[], method: string): number[] {
  const [first = NaN] = z;
  if (method === 'logit' && z.length === 2) {
    const share = 1 / (1 + Math.exp(-first));
    return [share, 1 - share];
  }
  if (method !== 'softmax') throw new Error(`the normalization ${method} is unknown`);
  const most = Math.max(...z);
  const parts = z.map((y) => Math.exp(y - most));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}
