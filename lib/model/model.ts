import { ThalwegError } from '../base/errors';
import { listed } from '../base/listed';
import type { LayerActivationName } from '../objective/activations';
import { classOf, largestOf } from '../objective/classes';
import { activated } from '../objective/forward';
import { columnError } from './cells';
import type { Feature } from './features';
import type { ModelJSON } from './format';
import type { Label } from '../base/data-types';
import { type Learned, learnedOf } from './learned';
import { type Term, termsOf } from './terms';

/** What a model with one output that stands for no class says of a row. */
export interface ValuePrediction {
  /** ŷ; of a date as days since 1970-01-01 UTC. Null where a value is missing, or ŷ is too large for float64. */
  readonly value: number | null;
  /** The columns that have no value, where there is no prediction for that. */
  readonly missing?: readonly string[];
  /** None: see {@link LabelPrediction}. */
  readonly label?: undefined;
  /** None: see {@link LabelPrediction}. */
  readonly probabilities?: undefined;
  /** None: see {@link ValuesPrediction}. */
  readonly values?: undefined;
}

/** What a model of classes says of a row. */
export interface LabelPrediction {
  /** The likeliest class. Null where there is no prediction. */
  readonly label: Label | null;
  /** Of each class, by its name. Null where there is no prediction. */
  readonly probabilities: Readonly<Record<string, number>> | null;
  /** The columns that have no value, where there is no prediction for that. */
  readonly missing?: readonly string[];
  /** None: see {@link ValuePrediction}. */
  readonly value?: undefined;
  /** None: see {@link ValuesPrediction}. */
  readonly values?: undefined;
}

/** What a layer of several outputs that are no probabilities of classes says of a row. */
export interface ValuesPrediction {
  /** The K outputs. Null where there is no prediction. */
  readonly values: readonly number[] | null;
  /** The columns that have no value, where there is no prediction for that. */
  readonly missing?: readonly string[];
  /** None: see {@link ValuePrediction}. */
  readonly value?: undefined;
  /** None: see {@link LabelPrediction}. */
  readonly label?: undefined;
  /** None: see {@link LabelPrediction}. */
  readonly probabilities?: undefined;
}

/** What a model says of a row: `{ value }`, of classes `{ label, probabilities }`, of several other outputs `{ values }`. */
export type Prediction = ValuePrediction | LabelPrediction | ValuesPrediction;

/** Where the z of an output comes from: z is the intercept and the parts added to it, in the order of `model.columns`. */
export interface Explanation {
  /** Which output: the name of the class whose z it is, where it has one. */
  readonly output?: Label;
  /** What each column adds to z; null where it has no value. */
  readonly parts: Readonly<Record<string, number | null>>;
  /** b */
  readonly intercept: number;
  /** What φ is applied to; null where a part is. */
  readonly z: number | null;
}

/** Whatever has a model's columns: an object with a property of each name, or their values in order. */
export type Row = object;

/**
 * A trained model: the columns that it reads, and what it says of them.
 *
 * @example
 * ```ts
 * import { loadModel } from 'thalweg/model';
 *
 * const model = loadModel('{"weights":[1,2],"bias":3,"activation":"linear"}');
 * console.log(model.predict([10, 100])); // { value: 213 }
 * ```
 */
export class Model {
  readonly #json: ModelJSON;
  readonly #learned: Learned;
  readonly #terms: readonly Term[];

  /** @internal Of a model that was checked. */
  static of(json: ModelJSON): Model {
    return new Model(json);
  }

  /**
   * A model is loaded, not made.
   *
   * @param model what its file holds
   */
  protected constructor(model: object) {
    const json = model as ModelJSON;
    this.#json = json;
    this.#learned = learnedOf(json);
    const { parameters } = this.#learned;
    const inputs = parameters.theta.length / parameters.intercepts.length;
    const features = json.features ?? Array.from({ length: inputs }, (_, at) => unnamed(at));
    this.#terms = termsOf({ ...json, features, missing: json.missing ?? 'drop' }, parameters);
  }

  /** The names of the columns that it reads, in the order of its weights: '0', '1', … where they have none. */
  get columns(): readonly string[] {
    return this.#terms.map(({ name }) => name);
  }

  /** The name of what it predicts; undefined where it has none. */
  get target(): string | undefined {
    return this.#json.target?.name;
  }

  /** φ */
  get activation(): LayerActivationName {
    return this.#learned.activation;
  }

  /** The classes that it tells apart, or the names of its outputs; undefined where there are none. */
  get classes(): readonly Label[] | undefined {
    const { classes, activation, parameters } = this.#learned;
    if (classes !== undefined) return classes;
    if (activation === 'softmax') return Array.from(parameters.intercepts.keys());
    return this.#isPair ? [0, 1] : undefined;
  }

  /** Whether its one output is the probability of the second of two classes. */
  get #isPair(): boolean {
    return this.#learned.activation === 'sigmoid' && this.#learned.parameters.intercepts.length === 1;
  }

  /**
   * What the model says of each row.
   *
   * @param rows objects with the model's columns by name, but those that are 0 for a model of SVMlight files, or arrays of their values in order: numbers, booleans, texts as
   *   they would stand in a table, `Date`s. Of a missing value, undefined, null, NaN or an empty text, and of a level that
   *   training has not seen, there is no prediction, or what the model has been trained to do with them
   * @throws {@link ThalwegError} ERR_COLUMN for a column that a row has not, or a value of another kind; ERR_NOT_FINITE;
   *   ERR_SHAPE; each with the `row`
   */
  predict(rows: readonly Row[]): Prediction[];
  /**
   * What the model says of a row.
   *
   * @param row an object with the model's columns by name, or an array of their values in order
   * @throws {@link ThalwegError} as for several rows
   *
   * @example
   * ```ts
   * import { loadModel } from 'thalweg/model';
   *
   * const model = loadModel({ weights: [2], bias: -1, activation: 'sigmoid', classes: ['no', 'yes'] });
   * console.log(model.predict({ 0: 3 }).label, model.predict([0]).label); // yes no
   * ```
   */
  predict(row: Row): Prediction;
  predict(rows: Row | readonly Row[]): Prediction | Prediction[] {
    return isRows(rows) ? rows.map((row, at) => this.#predict(row, at)) : this.#predict(rows, undefined);
  }

  #predict(row: Row, at: number | undefined): Prediction {
    const { intercepts } = this.#learned.parameters;
    const z = intercepts.slice();
    const missing: string[] = [];
    this.#visit(row, at, (name, part) => {
      if (part === undefined) missing.push(name);
      else for (let k = 0; k < z.length; k += 1) z[k] = (z[k] as number) + (part[k] as number);
    });
    if (missing.length > 0) return { ...this.predictionOf(undefined), missing };
    return this.predictionOf(activated(z, this.#learned.activation));
  }

  /** Calls back with each column's part of z, which is good until the next; undefined of one that has no value. */
  #visit(
    row: unknown,
    at: number | undefined,
    visit: (name: string, part: Float64Array | undefined) => void,
  ): void {
    const valueAt = this.#reader(row, at);
    const part = new Float64Array(this.#learned.parameters.intercepts.length);
    for (const [index, term] of this.#terms.entries()) {
      part.fill(0);
      visit(term.name, term.add(valueAt(term.name, index), part, at) ? part : undefined);
    }
  }

  #reader(row: unknown, at: number | undefined): (name: string, index: number) => unknown {
    if (typeof row !== 'object' || row === null) {
      const message = `a row must be an object with the model's columns, or an array of their values; it is ${String(row)}`;
      throw new ThalwegError('ERR_INVALID_ARGUMENT', message, {
        option: 'row',
        ...(at === undefined ? {} : { row: at }),
      });
    }
    if (Array.isArray(row) || ArrayBuffer.isView(row)) {
      const values = row as unknown as ArrayLike<unknown>;
      if (values.length === this.#terms.length) return (_, index) => values[index];
      const message = `a row has ${String(values.length)} values, and the model has ${this.#terms.length} columns`;
      throw new ThalwegError('ERR_SHAPE', message, at === undefined ? {} : { row: at });
    }
    return (name) => {
      if (Object.hasOwn(row, name)) return (row as Readonly<Record<string, unknown>>)[name];
      if (this.#json.sparse === true) return 0;
      const has = listed(Object.keys(row));
      throw columnError({ column: name, row: at }, `is not there; the row has ${has === '' ? 'none' : has}`);
    };
  }

  /** @internal The prediction of a row whose outputs are known; undefined: it lacks a value. */
  predictionOf(outputs: Float64Array | undefined): Prediction {
    return this.#shaped(outputs?.every(Number.isFinite) === true ? outputs : undefined);
  }

  #shaped(outputs: Float64Array | undefined): Prediction {
    const { activation, parameters } = this.#learned;
    if (this.#isPair || activation === 'softmax') {
      const classes = this.classes ?? [];
      if (outputs === undefined) return { label: null, probabilities: null };
      const [one = NaN] = outputs;
      const probabilities = this.#isPair ? [1 - one, one] : [...outputs];
      const label = classes[this.#isPair ? classOf(one) : largestOf(outputs, 0, outputs.length)] ?? null;
      return {
        label,
        probabilities: Object.fromEntries(classes.map((name, k) => [String(name), probabilities[k] ?? NaN])),
      };
    }
    if (parameters.intercepts.length > 1)
      return { values: outputs === undefined ? null : Array.from(outputs) };
    return { value: outputs?.[0] ?? null };
  }

  /**
   * Where a prediction comes from: what each column adds to z, of which φ makes the output. Of one sigmoid z is the log-odds of
   * the second class.
   *
   * @param row as for `predict`
   * @returns an explanation; of K outputs K of them, in their order
   * @throws {@link ThalwegError} as `predict`
   *
   * @example
   * ```ts
   * import { loadModel } from 'thalweg/model';
   *
   * const model = loadModel({ weights: [1, 2], bias: 3, activation: 'linear' });
   * console.log(model.explain([10, 100])); // { parts: { '0': 10, '1': 200 }, intercept: 3, z: 213 }
   * ```
   */
  explain(row: Row): Explanation | Explanation[] {
    const { intercepts } = this.#learned.parameters;
    const parts: [name: string, part: Float64Array | undefined][] = [];
    this.#visit(row, undefined, (name, part) => parts.push([name, part?.slice()]));
    const explained = Array.from(intercepts, (intercept, k) => {
      const ofOutput = parts.map(([name, part]) => [name, part?.[k] ?? null] as const);
      const z = ofOutput.reduce<number | null>(
        (sum, [, part]) => (sum === null || part === null ? null : sum + part),
        intercept,
      );
      const output = intercepts.length > 1 ? this.classes?.[k] : undefined;
      return {
        ...(output === undefined ? {} : { output }),
        parts: Object.fromEntries(ofOutput),
        intercept,
        z,
      };
    });
    return intercepts.length > 1 ? explained : (explained[0] as Explanation);
  }

  /** What its file holds: `JSON.stringify` writes it. */
  toJSON(): object {
    return this.#json;
  }
}

function isRows(rows: Row | readonly Row[]): rows is readonly Row[] {
  if (!Array.isArray(rows)) return false;
  const [first] = rows as readonly unknown[];
  return rows.length === 0 || (typeof first === 'object' && first !== null && !(first instanceof Date));
}

/** An input that has no name. */
function unnamed(at: number): Feature {
  return { name: String(at), kind: 'number', mean: 0, scale: 1 };
}
