import type { JsonObject } from '@bufbuild/protobuf';
import { packageVersion } from '../../base/package-version';
import type { ModelJSON } from '../../model/format';
import { Names } from './names';
import {
  type CategoryPart,
  type NumericPart,
  type Part,
  type Sum,
  refuseForms,
  refuseNoName,
  sumOf,
} from './parts';
import { modelBytes } from './onnx-messages';

/** Of ONNX's schema: types of values, and of attributes. */
const types = { int64: 7, string: 8, bool: 9, double: 11 } as const;
const attributes = { int: 2, ints: 7, strings: 8 } as const;

/** IR version 8 and these operator sets are read by every runtime since 2021. */
const versions = { ir: '8', onnx: '13', ml: '2' } as const;

/**
 * A model as ONNX. Each column is an input, m×1: text as strings, where '' is missing, all else as doubles, where NaN is; dates
 * as days since 1970-01-01 UTC, booleans as 0 and 1. Outputs are `label`, m strings, and `probabilities`, m×K; or
 * `value`, m×K; all computed in float64. Where there is no prediction they are NaN, and the label is ''.
 *
 * @throws ThalwegError ERR_MODEL for a column whose texts have a form of their own
 */
export function onnxOf(model: ModelJSON): Uint8Array {
  const sum = sumOf(model);
  refuseForms(sum, 'ONNX has no operators');
  refuseNoName(sum, 'ONNX');
  const graph = new Graph(sum.parts.map(({ name }) => name));
  const outputs = sum.parameters.intercepts.length;
  const biases = graph.doubles('biases', [1, outputs], [...sum.parameters.intercepts]);
  const z = sum.parts.reduce((total, part) => graph.node('Add', [total, graph.part(part, sum)]), biases);
  answer(graph, graph.node('Identity', [z]), sum);
  return modelBytes({
    irVersion: versions.ir,
    producerName: 'thalweg',
    producerVersion: packageVersion(),
    graph: graph.toJSON(),
    opsetImport: [
      { domain: '', version: versions.onnx },
      { domain: 'ai.onnx.ml', version: versions.ml },
    ],
    metadataProps: [{ key: 'thalweg-model', value: JSON.stringify(model) }],
  });
}

/** Nodes, tensors, inputs and outputs, of which no two have one name. */
class Graph {
  readonly #nodes: JsonObject[] = [];
  readonly #tensors: JsonObject[] = [];
  readonly #inputs: JsonObject[] = [];
  readonly #outputs: JsonObject[] = [];
  readonly #names: Names;

  constructor(inputs: readonly string[]) {
    this.#names = new Names(inputs);
  }

  /** A name that nothing has. */
  #name(like: string): string {
    return this.#names.unused(`thalweg/${like}`, '/');
  }

  /** Adds an operation; returns the name of what it gives. */
  node(op: string, input: readonly string[], attribute: readonly JsonObject[] = [], domain = ''): string {
    const output = this.#name(op);
    this.#nodes.push({
      opType: op,
      name: output,
      input: [...input],
      output: [output],
      attribute: [...attribute],
      domain,
    });
    return output;
  }

  doubles(like: string, dims: readonly number[], values: readonly number[]): string {
    const bytes = Buffer.from(Float64Array.from(values).buffer);
    return this.#tensor(like, types.double, dims, { rawData: bytes.toString('base64') });
  }

  integers(like: string, values: readonly number[]): string {
    const bytes = Buffer.from(BigInt64Array.from(values, BigInt).buffer);
    return this.#tensor(like, types.int64, [values.length], { rawData: bytes.toString('base64') });
  }

  texts(like: string, values: readonly string[]): string {
    return this.#tensor(like, types.string, [values.length], { stringData: values.map(base64) });
  }

  #tensor(like: string, dataType: number, dims: readonly number[], data: JsonObject): string {
    const name = this.#name(like);
    this.#tensors.push({ name, dataType, dims: dims.map(String), ...data });
    return name;
  }

  #input(name: string, type: number): string {
    this.#inputs.push(valueInfo(name, type, ['rows', 1]));
    return name;
  }

  /** Gives what `from` names to the outside, under a name that no column has. */
  output(like: string, from: string, type: number, dims: readonly (string | number)[]): void {
    const name = this.#names.unused(like);
    this.#nodes.push({ opType: 'Identity', name: this.#name(name), input: [from], output: [name] });
    this.#outputs.push(valueInfo(name, type, dims));
  }

  /** A column's part of z, m×K. */
  part(part: NumericPart | CategoryPart, { nulls = [], parameters }: Sum): string {
    const outputs = parameters.intercepts.length;
    return 'weights' in part ? this.#numeric(part, outputs) : this.#category(part, outputs, nulls);
  }

  #numeric({ name, weights, absent, gone }: NumericPart, outputs: number): string {
    const nothing = gone.length === 0 ? '' : this.doubles('nothing', [1, 1], [NaN]);
    const value = gone.reduce(
      (found, number) => {
        const isGone = this.node('Equal', [found, this.doubles('gone', [1, 1], [number])]);
        return this.node('Where', [isGone, nothing, found]);
      },
      this.#input(name, types.double),
    );
    const product = this.node('Mul', [value, this.doubles('weights', [1, outputs], weights)]);
    if (absent === undefined) return product;
    const isMissing = this.node('IsNaN', [value]);
    return this.node('Where', [isMissing, this.doubles('absent', [1, outputs], absent), product]);
  }

  /** A row of a table for each level, one for what is missing and one for what is unknown. */
  #category(
    { name, feature, levels, absent, unknown }: CategoryPart,
    outputs: number,
    nulls: readonly string[],
  ): string {
    const nothing = new Array<number>(outputs).fill(NaN);
    const rows: Part[] = [...levels.map(([, part]) => part), absent ?? nothing, unknown ?? nothing];
    const known = new Map(levels.map(([level], at) => [level, at]));
    const words = feature.keepsWords === true ? [] : nulls;
    for (const word of ['', ...words]) known.set(word, levels.length);
    const row = this.node(
      'LabelEncoder',
      [this.#input(name, types.string)],
      [
        { name: 'keys_strings', type: attributes.strings, strings: [...known.keys()].map(base64) },
        { name: 'values_int64s', type: attributes.ints, ints: [...known.values()].map(String) },
        { name: 'default_int64', type: attributes.int, i: String(levels.length + 1) },
      ],
      'ai.onnx.ml',
    );
    const table = this.doubles('table', [rows.length, outputs], rows.flat());
    const flat = this.node('Reshape', [row, this.integers('flat', [-1])]);
    return this.node('Gather', [table, flat], [{ name: 'axis', type: attributes.int, i: '0' }]);
  }

  toJSON(): JsonObject {
    return {
      ...{ name: 'thalweg', node: this.#nodes, initializer: this.#tensors },
      ...{ input: this.#inputs, output: this.#outputs },
    };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function valueInfo(name: string, elemType: number, dims: readonly (string | number)[]): JsonObject {
  const dim = dims.map((size) =>
    typeof size === 'string' ? { dimParam: size } : { dimValue: String(size) },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** φ(z) of each activation, of operators that take doubles everywhere. */
function activated(graph: Graph, z: string, activation: Sum['activation']): string {
  const one = (): string => graph.doubles('one', [1], [1]);
  switch (activation) {
    case 'linear':
      return z;
    case 'tanh':
      return graph.node('Tanh', [z]);
    case 'relu':
      return graph.node('Relu', [z]);
    case 'exp':
      return graph.node('Exp', [z]);
    case 'softmax':
      return graph.node('Softmax', [z], [{ name: 'axis', type: attributes.int, i: '1' }]);
    case 'sigmoid': {
      // e⁻|ᶻ| does not overflow.
      const e = graph.node('Exp', [graph.node('Neg', [graph.node('Abs', [z])])]);
      const unit = one();
      const sum = graph.node('Add', [unit, e]);
      const isNegative = graph.node('Less', [z, graph.doubles('zero', [1], [0])]);
      return graph.node('Div', [graph.node('Where', [isNegative, e, unit]), sum]);
    }
    case 'softplus': {
      const e = graph.node('Exp', [graph.node('Neg', [graph.node('Abs', [z])])]);
      return graph.node('Add', [graph.node('Relu', [z]), log1p(graph, e, one())]);
    }
  }
}

/** log(1 + e), to the last digits also where e is small. */
function log1p(graph: Graph, e: string, one: string): string {
  const sum = graph.node('Add', [one, e]);
  const rounded = graph.node('Sub', [sum, one]);
  const corrected = graph.node('Div', [graph.node('Mul', [graph.node('Log', [sum]), e]), rounded]);
  return graph.node('Where', [graph.node('Equal', [sum, one]), e, corrected]);
}

function answer(graph: Graph, z: string, { activation, labels, parameters }: Sum): void {
  const outputs = parameters.intercepts.length;
  const value = activated(graph, z, activation);
  if (labels === undefined) {
    graph.output('value', value, types.double, ['rows', outputs]);
    return;
  }
  const axis = { name: 'axis', type: attributes.int, i: '1' };
  const probabilities =
    outputs === 1
      ? graph.node('Concat', [graph.node('Sub', [graph.doubles('one', [1], [1]), value]), value], [axis])
      : value;
  const keep = { name: 'keepdims', type: attributes.int, i: '0' };
  // Of one sigmoid the second class begins at ½.
  const likeliest =
    outputs === 1
      ? graph.node('Sub', [
          graph.integers('1', [1]),
          graph.node(
            'Cast',
            [flat(graph, graph.node('Less', [value, graph.doubles('half', [1], [0.5])]))],
            [to(types.int64)],
          ),
        ])
      : graph.node('ArgMax', [probabilities], [axis, keep]);
  const first = graph.node('ReduceSum', [probabilities, graph.integers('axes', [1])], [keep]);
  const isMissing = graph.node('IsNaN', [first]);
  const place = graph.node('Where', [isMissing, graph.integers('none', [labels.length]), likeliest]);
  const names = graph.texts('labels', [...labels, '']);
  graph.output('label', graph.node('Gather', [names, place]), types.string, ['rows']);
  graph.output('probabilities', probabilities, types.double, ['rows', labels.length]);
}

function flat(graph: Graph, from: string): string {
  return graph.node('Reshape', [from, graph.integers('flat', [-1])]);
}

function to(type: number): JsonObject {
  return { name: 'to', type: attributes.int, i: String(type) };
}
