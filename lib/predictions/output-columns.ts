import { ThalwegError } from '../base/errors';
import type { Label } from '../base/data-types';
import type { Learned } from '../model/learned';
import { largestOf } from '../objective/classes';

/** A column that predict writes. */
export interface OutputColumn {
  readonly name: string;
  /**
   * Its value in a row whose outputs begin at `first`: a number, or the name of a class.
   *
   * @param outputs those of some rows, one after the other
   */
  readonly value: (outputs: Float64Array, first: number) => Label;
}

/** What is asked of the columns. */
export interface ColumnsAsked {
  /** Of two classes how probable the second has to be to be the prediction. */
  readonly threshold?: number;
  /** Whether each of two classes has its probability. */
  readonly proba?: boolean;
}

const HALF = 0.5;

/**
 * The columns of a model: `prediction`; of two classes `prediction`, the probability of the second, and `level`, or with
 * `proba` one of the probability of each class, and `level`, as of more classes; of several numbers one each.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT where what is asked has no meaning for the model
 */
export function modelColumns(learned: Learned, model: string, asked: ColumnsAsked): OutputColumn[] {
  const { activation, parameters } = learned;
  const outputs = parameters.intercepts.length;
  if (activation === 'softmax') return softmaxColumns(learned, outputs, model, asked);
  const isAsked = asked.threshold !== undefined || asked.proba === true;
  if (activation !== 'sigmoid' || outputs > 1) {
    if (isAsked) throw noClasses(asked, model, activation);
    if (outputs === 1) return [{ name: 'prediction', value: (found, first) => found[first] as number }];
    return Array.from({ length: outputs }, (_, k) => outputColumn(learned, k));
  }
  const [zero, one] = learned.classes ?? (isAsked ? [0, 1] : []);
  const probability: OutputColumn = { name: 'prediction', value: (found, first) => found[first] as number };
  if (one === undefined) return [probability];
  const { threshold = HALF, proba = false } = asked;
  const level: OutputColumn = {
    name: 'level',
    value: (found, first) => ((found[first] as number) >= threshold ? one : zero) as Label,
  };
  if (!proba) return [probability, level];
  return [
    { name: String(zero), value: (found, first) => 1 - (found[first] as number) },
    { name: String(one), value: probability.value },
    level,
  ];
}

function softmaxColumns(
  learned: Learned,
  outputs: number,
  model: string,
  asked: ColumnsAsked,
): OutputColumn[] {
  if (asked.threshold !== undefined) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `--threshold is for two classes, and ${model} has ${outputs}, of which the likeliest is the prediction. Leave it out.`,
      { option: 'threshold' },
    );
  }
  const { classes } = learned;
  return [
    ...Array.from({ length: outputs }, (_, k) => outputColumn(learned, k)),
    {
      name: 'level',
      value: (found, first) => {
        const k = largestOf(found, first, outputs);
        return classes?.[k] ?? k;
      },
    },
  ];
}

function outputColumn({ classes }: Learned, k: number): OutputColumn {
  return { name: String(classes?.[k] ?? k), value: (found, first) => found[first + k] as number };
}

function noClasses({ threshold }: ColumnsAsked, model: string, activation: string): ThalwegError {
  const option = threshold === undefined ? 'proba' : 'threshold';
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `--${option} is for classes, and ${model} predicts numbers (activation ${activation}). Leave it out.`,
    { option },
  );
}

/** Names in the order of the columns, each once: others than `prediction` and `level` give way. */
export interface Names {
  readonly model: readonly string[];
  readonly kept: readonly string[];
  /** Those that are written under another name than their own. */
  readonly renamed: readonly { readonly name: string; readonly as: string }[];
}

/** The names of a model's columns and of those that are kept. */
export function outputNames(model: readonly OutputColumn[], kept: readonly string[]): Names {
  const own = new Set(['prediction', 'level']);
  // A class may be called as these are, too: the last of that name is the model's own.
  const all = model.map(({ name }) => name);
  const isOwn = all.map((name, at) => own.has(name) && all.lastIndexOf(name) === at);
  const taken = new Set(all.filter((_, at) => isOwn[at]));
  const renamed: { name: string; as: string }[] = [];
  const free = (name: string): string => {
    let as = name;
    for (let count = 1; taken.has(as); count += 1) as = `${name}_${count}`;
    taken.add(as);
    if (as !== name) renamed.push({ name, as });
    return as;
  };
  return {
    model: all.map((name, at) => (isOwn[at] === true ? name : free(name))),
    kept: kept.map(free),
    renamed,
  };
}
