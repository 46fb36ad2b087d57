import type { Dtype, LayerParameters } from '../base/data-types';
import type { NativeDescent, NativePartsDescent, NativePartsOptions } from '../addon/native';
import { Matrix, type Device } from '../devices/device';
import { type Computed, descentOf, madeForOf, nativeOptions, workOf } from '../engine/descend';
import { type Descent, interceptOf, withChanges } from '../engine/descent';
import { Interruption } from '../engine/jobs';
import {
  type Operands,
  type Rows,
  type Sample,
  outputsOf,
  placeOn,
  shapeOf,
  sourceOf,
} from '../engine/operands';
import { leastProducts, unlessTold } from '../engine/parts';
import { mostColumns } from '../engine/plan';
import { type Products, productsOver } from '../engine/products';
import type { Task, Watch } from '../engine/task';
import type { SplitRows } from '../engine/validation';
import { type Scaling, ofThisRealm } from '../rows/rows';
import { foldStandardization } from '../rows/standardize';

// Least squares of rows that are not in a device's memory. All that they need of rows is AᵀWA, A = [X, 1, y]: it tells means
// and deviations, the solution and the loss, where these keep their digits in it.

/** Whether such a fit solves least squares, from zeros, and nothing else needs its rows meanwhile. */
function solves(
  { method, objective, resumeFrom, ranks, start, validation }: Task,
  X: Rows,
  watch: Watch,
): boolean {
  if (!method.isDirect || resumeFrom !== undefined || ranks !== undefined) return false;
  if (validation !== undefined || watch.checkpoint !== undefined) return false;
  if (start.theta !== undefined || start.intercepts !== undefined) return false;
  const [rows, columns] = shapeOf(X);
  const others = objective.outputs ?? 1;
  return columns + others <= mostColumns && rows * (columns + 1) ** 2 > leastProducts;
}

/** Whether a column may be read in place of the matrix that it is, which the same fit over one matrix would not refuse. */
function isReadable(column: Rows | undefined, device: Device, dtype: Dtype, rows: number): boolean {
  if (column === undefined) return true;
  if (shapeOf(column)[0] !== rows) return false;
  if (!(column instanceof Matrix)) return true;
  return column.device === device && column.residency === 'device' && column.dtype === dtype;
}

/** A descent by AᵀWA as the addon takes and gives it. */
async function solved(
  device: Device,
  part: Operands,
  task: Task,
  more: Partial<NativePartsOptions>,
  { signal }: Watch,
): Promise<NativePartsDescent | undefined> {
  const { X, y, weights } = part;
  const parts = [{ X: X.native, y: y.native, ...(weights && { weights: weights.native }) }];
  const options = {
    ...nativeOptions(task, outputsOf(task.objective, y), 'fused', undefined),
    standardize: false,
    givesWeights: true,
    ...more,
  };
  const job = device.native.descendOverParts(parts, options);
  const found = await new Interruption(signal).run(device, job);
  return found?.stopped === 'converged' && found.iterations <= 1 ? found : undefined;
}

/** What was found for columns that were moved, or scaled, and for targets that were moved, of others. */
function movedBack(
  { loss, iterations, stopped, plan, seconds, state, ...found }: NativePartsDescent,
  scaling: Scaling,
  shifts?: Float64Array,
): NativeDescent {
  const there = {
    theta: ofThisRealm(found.theta),
    intercepts: ofThisRealm(found.intercepts).map((value, k) => value + (shifts?.[k] ?? 0)),
  };
  const { theta, intercepts } = foldStandardization(there, scaling);
  const moved = { ...state, theta, intercepts };
  return { theta, intercepts, loss, iterations, stopped, plan, seconds, state: moved };
}

function isFinite({ theta, intercepts }: LayerParameters): boolean {
  return theta.every(Number.isFinite) && intercepts.every(Number.isFinite);
}

/** Least squares over rows that are on a device, but not in its memory: they are read once. */
export async function leastSquaresOn(
  operands: Operands,
  task: Task,
  watch: Watch,
): Promise<Descent | undefined> {
  const { device, dtype, X } = operands;
  if (X.residency === 'device' || !solves(task, X, watch)) return undefined;
  const found = await unlessTold(() => solved(device, operands, task, {}, watch));
  if (found === undefined) return undefined;
  const descent = movedBack(found, { means: found.means, scales: new Float64Array(X.shape[1]).fill(1) });
  return told(descent, operands, task, { device, dtype, residency: X.residency });
}

function told(descent: NativeDescent, sample: Sample, task: Task, computed: Computed): Descent {
  const madeFor = madeForOf(task, sample, { ...computed, plan: 'fused' });
  return descentOf(descent, task, computed, madeFor);
}

/** What least squares gave. */
export interface Solved {
  /** For raw features. */
  readonly descent: Descent;
  readonly device: Device;
}

/**
 * Least squares over dense rows that would not be in a device's memory: they are read once, from where they come from, and
 * kept nowhere.
 *
 * @returns undefined where rows are to be brought to the device: since they fit there, for other fits than these, and where
 *   digits would be lost, or something is wrong with them
 */
export async function leastSquaresOnce(
  { held, ...sample }: SplitRows,
  task: Task,
  watch: Watch,
  standardize: boolean,
): Promise<Solved | undefined> {
  const { X, y, weights } = sample;
  if (held !== undefined || !solves(task, X, watch) || sourceOf(X).sparse !== undefined) return undefined;
  const outputs = outputsOf(task.objective, y);
  const use = { ...task.placement, work: workOf(task), signal: watch.signal, several: outputs !== 1 };
  const begun = performance.now();
  const { device, residency, release } = await placeOn(use, X);
  try {
    const dtype = use.dtype ?? X.dtype;
    const rows = shapeOf(X)[0];
    const columns = [y, weights];
    if (residency === 'device' || !columns.every((each) => isReadable(each, device, dtype, rows)))
      return undefined;
    return await unlessTold(async () => {
      const products = await productsOver({ ...use, device }, { X, y, weights }, task, standardize);
      if (products === undefined) return undefined;
      try {
        const computed = { device, dtype, residency };
        const descent = await solvedBy(products, sample, task, watch, standardize, computed);
        const seconds = (performance.now() - begun) / 1000;
        return descent && { descent: withChanges(descent, { seconds }), device };
      } finally {
        products.like.dispose();
      }
    });
  } finally {
    release();
  }
}

async function solvedBy(
  { values, rows, like, scaling, shifts }: Products,
  sample: Sample,
  asked: Task,
  watch: Watch,
  standardize: boolean,
  computed: Computed,
): Promise<Descent | undefined> {
  // Zeros, for targets that were moved.
  const start = { theta: undefined, intercepts: shifts.map((shift) => 0 - shift) };
  const task = { ...asked, standardized: standardize };
  const more = { standardize, products: values, rows };
  const found = await solved(computed.device, like, { ...task, start }, more, watch);
  if (found === undefined) return undefined;
  const whole = {
    means: scaling.means.map((mean, j) => mean + (scaling.scales[j] as number) * (found.means[j] as number)),
    scales: scaling.scales.map((scale, j) => scale * (found.scales[j] as number)),
  };
  const itself = { means: new Float64Array(0), scales: new Float64Array(0) };
  const descent = told(movedBack(found, standardize ? itself : whole, shifts), sample, task, computed);
  const raw = foldStandardization(descent, standardize ? whole : itself);
  if (!isFinite(raw)) return undefined;
  return withChanges(descent, { ...raw, intercept: interceptOf(raw.intercepts) });
}
