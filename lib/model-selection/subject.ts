import type { Label } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { type Rows, shapeOf, sourceOf, targetsOf } from '../engine/operands';
import { Layer, type LayerTargets } from '../models/layer';
import { type Classes, checkClasses, classesOf, numbersOf } from '../models/labels';
import { Neuron } from '../models/neuron';
import type { LayerActivationName } from '../objective/activations';
import { columnValues } from '../rows/rows';
import { checkLayerActivation } from '../training/check-objective';
import type { Trained } from '../training/estimator';
import type { Selection } from './options';

/** What is learned: outputs of an activation, from targets that may be classes. */
export interface Subject extends Trained {
  readonly classes: Classes | undefined;
  /** m×K numbers, or m labels of classes. */
  readonly y: Rows;
  /** Whether each target is a class. */
  readonly hasClasses: boolean;
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE */
export async function subjectOf(
  y: LayerTargets,
  { activation: asked, classes: named }: Selection,
): Promise<Subject> {
  const classes = named === undefined ? foundClasses(y) : checkClasses(named, countOf(named));
  const activation = asked === undefined ? activationFor(classes) : checkLayerActivation(asked);
  const rows = targetsOf('y', numbersOf(y, classes));
  const outputs = activation === 'softmax' ? await classCount(rows, classes) : shapeOf(rows)[1];
  if (classes !== undefined) requireClasses(classes, activation, outputs);
  const hasClasses = activation === 'softmax' || (activation === 'sigmoid' && outputs === 1);
  return { activation, outputs, classes, y: rows, hasClasses };
}

function countOf(classes: unknown): number {
  return Array.isArray(classes) ? Math.max(2, classes.length) : 2;
}

function foundClasses(y: unknown): Classes | undefined {
  const first: unknown = Array.isArray(y) ? y[0] : undefined;
  if (typeof first !== 'string' && typeof first !== 'boolean') return undefined;
  const count = typeof first === 'boolean' ? 2 : Math.max(2, new Set(y as unknown[]).size);
  return classesOf('y', y, count);
}

function activationFor(classes: readonly Label[] | undefined): LayerActivationName {
  if (classes === undefined) return 'linear';
  return classes.length === 2 ? 'sigmoid' : 'softmax';
}

async function classCount(y: Rows, classes: Classes | undefined): Promise<number> {
  if (classes !== undefined) return classes.length;
  let largest = 1;
  for await (const block of sourceOf(y).blocks())
    for (const label of block) if (label > largest) largest = label;
  return Math.floor(largest) + 1;
}

function requireClasses(classes: Classes, activation: LayerActivationName, outputs: number): void {
  if (activation === 'softmax') return;
  const is = activation === 'sigmoid' ? 'a sigmoid tells two' : `activation '${activation}' learns numbers`;
  if (activation === 'sigmoid' && outputs === 1 && classes.length === 2) return;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `y has ${classes.length} classes, and ${is}: leave activation out`,
    { option: 'activation' },
  );
}

/** The class of each row. @throws ThalwegError ERR_INVALID_ARGUMENT where there are none */
export async function labelsOf({ y, hasClasses }: Subject): Promise<Float64Array> {
  if (hasClasses) return await columnValues(sourceOf(y));
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    'stratified is for targets that are classes, of a sigmoid or of softmax: leave it out',
    { option: 'stratified' },
  );
}

/** A model of that kind, yet to learn. */
export function modelFor({ activation, outputs, classes }: Subject, inputs: number): Neuron | Layer {
  const named = classes === undefined ? {} : { classes };
  if (activation === 'softmax' || outputs > 1) return new Layer({ inputs, outputs, activation, ...named });
  return new Neuron({ inputs, activation, ...named });
}
