import type { LayerParameters } from '../base/data-types';
import type { Device } from '../devices/device';
import { workOf } from '../engine/descend';
import { type Operands, type Rows, type WorkOf, operandsOn, shapeOf, sourceOf } from '../engine/operands';
import {
  type PartsStart,
  descendOverParts,
  leastProducts,
  mostPartColumns,
  unlessTold,
} from '../engine/parts';
import { passesOfGram } from '../engine/plan';
import type { Task } from '../engine/task';
import { hasLearningRate } from '../method/optimizers';
import { rowsThat } from '../rows/chosen';
import { rowsAt } from '../rows/part';
import { roughScaling } from '../rows/rough-scaling';
import type { RowSource, Scaling } from '../rows/rows';
import { foldStandardization, scaledRows } from '../rows/standardize';
import { type Trained, checkFit, scoreOn } from './estimator';
import { type Scored, type Trial, type TrialRows, scoredBy } from './trials';

/** Passes over X that a fit saves, at least, beside one whose curvature is not known. */
const savedPasses = 4;

/** Rows put into parts: which part each is in, from 0 on. */
export interface Parting {
  readonly partOfRows: Uint32Array;
  readonly count: number;
}

/** A part's rows on the device, and what they are scored by. */
interface Part {
  readonly operands: Operands;
  readonly scored: Scored;
}

/**
 * Rows on a device, each part's apart from the others': what is learned from all parts but one, and scored on that, for each
 * of them, without any more copies.
 */
export class RowParts {
  /** Where the first fits to end did, for scaled columns: with each of the options. */
  readonly #path: LayerParameters[] = [];

  private constructor(
    private readonly trained: Trained,
    private readonly parts: readonly Part[],
    private readonly standardize: boolean,
    /** Of all rows on their way to the device, which need not be exact. */
    private readonly scaling: Scaling | undefined,
  ) {}

  /**
   * @param options of all fits, which say the same of rows and devices
   * @returns undefined where parts are not for such fits, or where these are to say what is wrong
   */
  static async of(
    trained: Trained,
    rows: TrialRows,
    parting: Parting,
    options: readonly object[],
  ): Promise<RowParts | undefined> {
    const [first] = options.map((each) => checkFit(trained, each));
    if (first === undefined) return undefined;
    const { task, watch, weighting, standardize } = first;
    const fits = parting.count * options.length;
    if (weighting.classes !== undefined || !suits(task, rows.X, fits)) return undefined;
    const raw = sourceOf(rows.X);
    const scaling = standardize ? await scalingOfFirst(raw, task.objective.fitIntercept) : undefined;
    const X = scaling === undefined ? raw : scaledRows(raw, scaling);
    const parts: Part[] = [];
    const found = new RowParts(trained, parts, standardize, scaling);
    let { placement } = task;
    const there = await unlessTold(async () => {
      for (let part = 0; part < parting.count; part += 1) {
        const use = { ...placement, work: timesMore(workOf(task), fits), signal: watch.signal };
        const sample = partOf({ ...rows, X }, parting, part);
        const scored = await scoredBy(sample);
        const operands = await operandsOn(
          { ...use, several: trained.outputs > 1 },
          { X: sample.X, y: scored.y, weights: scored.scoreWeights },
          task.objective,
        );
        parts.push({ operands, scored });
        placement = { ...placement, device: operands.device };
      }
      return found;
    }).catch((error: unknown) => {
      found.dispose();
      throw error;
    });
    if (there === undefined) found.dispose();
    return there;
  }

  get device(): Device {
    return (this.parts[0] as Part).operands.device;
  }

  /**
   * Fits to all parts but one, scored on that one: with each of the options, in their order, from where the one before it
   * ended, with what that has seen of the curvature.
   *
   * @param tell called after each, with its number
   * @returns undefined where fits over one matrix are more exact, or have more to say
   */
  async trials(
    held: number,
    options: readonly object[],
    tell: (trial: number) => void,
  ): Promise<Trial[] | undefined> {
    const { device, standardize } = this;
    const learned = this.parts.filter((_, part) => part !== held).map(({ operands }) => operands);
    const { operands, scored } = this.parts[held] as Part;
    const found: Trial[] = [];
    let start: PartsStart | undefined;
    let atZero: Float64Array | undefined;
    // One is scored while the device is at the next.
    let scoring: Promise<void> | undefined;
    try {
      for (const [at, each] of options.entries()) {
        const { task, watch } = checkFit(this.trained, each);
        const guess = guessFrom(start?.parameters, this.#path, at);
        const use = { standardize, start, atZero, guess };
        const descent = await descendOverParts(device, learned, task, use, watch);
        await scoring;
        scoring = undefined;
        if (descent === undefined || this.#overflows(descent.parameters)) return undefined;
        const { parameters, iterations, converged } = descent;
        ({ after: start, atZero } = descent);
        this.#path[at] ??= start.parameters;
        scoring = scoreOn(operands, scored, parameters, task, watch).then((score) => {
          found.push({ iterations, converged, device, score });
          tell(found.length - 1);
        });
        // Told of when it is awaited.
        scoring.catch(() => undefined);
      }
    } finally {
      await scoring;
    }
    return found;
  }

  /** Whether weights for raw features are more than float64 holds. */
  #overflows(parameters: LayerParameters): boolean {
    const { theta, intercepts } =
      this.scaling === undefined ? parameters : foldStandardization(parameters, this.scaling);
    return !theta.every(Number.isFinite) || !intercepts.every(Number.isFinite);
  }

  dispose(): void {
    for (const { operands } of this.parts) operands.dispose();
  }
}

/** Whether fits go to the optimum from zeros, and XᵀX of each part is made sooner than the passes it saves. */
function suits({ method, objective, start }: Task, X: Rows, fits: number): boolean {
  const [rows, columns] = shapeOf(X);
  const { optimizer, plan, isDirect, strategy } = method;
  if (strategy !== 'batch' || hasLearningRate(optimizer) || plan === 'gram') return false;
  if (start.theta !== undefined || start.intercepts !== undefined) return false;
  if (columns + (objective.outputs ?? 1) >= mostPartColumns || rows * columns ** 2 < leastProducts)
    return false;
  return isDirect || passesOfGram(columns, 'cpu') <= savedPasses * fits;
}

/** Where a fit may end that begins where the one before it ended: as far from there as another fold's is. */
function guessFrom(
  start: LayerParameters | undefined,
  path: readonly LayerParameters[],
  at: number,
): LayerParameters | undefined {
  const [before, there] = [path[at - 1], path[at]];
  if (start === undefined || before === undefined || there === undefined) return there;
  const moved = (name: keyof LayerParameters): Float64Array =>
    start[name].map(
      (value, index) => value + (there[name][index] as number) - (before[name][index] as number),
    );
  return { theta: moved('theta'), intercepts: moved('intercepts') };
}

function timesMore(work: WorkOf, times: number): WorkOf {
  return (shape) => {
    const { passes, ...rest } = work(shape);
    return { ...rest, passes: passes * times };
  };
}

function partOf(rows: TrialRows, { partOfRows }: Parting, part: number): TrialRows {
  const numbers = rowsThat(partOfRows.length, (row) => partOfRows[row] === part);
  const chosen = (source: Rows): RowSource => rowsAt(sourceOf(source), numbers);
  const { X, y, sampleWeight } = rows;
  return { X: chosen(X), y: chosen(y), sampleWeight: sampleWeight && chosen(sampleWeight) };
}

/** Of the first rows. */
async function scalingOfFirst(raw: RowSource, center: boolean): Promise<Scaling | undefined> {
  for await (const block of raw.blocks()) return roughScaling(block, raw.columns, center);
  return undefined;
}
