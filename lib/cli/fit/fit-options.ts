import type { Command } from 'commander';
import type {
  FitOptions as DescentOptions,
  HsaOverride,
  LearningRateSchedule,
  OptimizerName,
} from '../../index';
import type { Dtype } from '../../base/data-types';
import type { Residency } from '../../devices/residency';
import { defaultIterations } from '../../training/options';
import { isSameFile, isStandardOutput } from '../terminal/output';
import type { MissingPolicy } from '../../tables/encoder/encoding';
import type { ColumnReading } from '../terminal/column-readings';
import type { NamedWeights } from '../terminal/named-weights';

/** What `thalweg fit` can be given besides the data; commander has filled in the defaults. */
export interface FitOptions {
  /** Left out of data that have a label for it. */
  readonly target?: string;
  readonly features?: readonly string[];
  readonly exclude?: readonly string[];
  readonly categories?: readonly string[];
  readonly numbers?: readonly ColumnReading[];
  readonly dates?: readonly ColumnReading[];
  readonly missing: MissingPolicy;
  readonly null?: readonly string[];
  readonly maxLevels?: number;
  readonly unknown?: 'error' | 'other';
  readonly strategy: 'batch' | 'stochastic' | 'mini-batch';
  readonly weight?: string;
  readonly classWeight?: NamedWeights;
  readonly activation?: 'linear' | 'sigmoid' | 'exp' | 'softmax';
  readonly optimizer?: OptimizerName;
  readonly learningRate?: 'auto' | number;
  readonly schedule?: Omit<LearningRateSchedule, 'initial'>;
  readonly iterations?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly averageEvery?: number;
  readonly maxSeconds?: number;
  readonly seed: number;
  readonly l1: number;
  readonly l2: number;
  readonly standardize: boolean;
  readonly holdout: number;
  readonly validation?: number;
  readonly patience?: number;
  readonly warmStart?: string;
  readonly device: string;
  readonly residency?: Residency;
  readonly hsaOverride?: HsaOverride;
  readonly output?: string;
  /** Where a page about the fit goes. */
  readonly report?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const DEFAULT_EPOCHS = 20;

/** Changes of the loss at which steps end: float32 carries seven digits, so that smaller changes are noise there. */
const TOLERANCES = { float64: 1e-9, float32: 1e-7 } as const;

/** What every strategy takes under the same name as `Neuron.fit` does, and the model file tells. */
export function commonOptions({
  l1,
  l2,
  standardize,
}: FitOptions): Pick<FitOptions, 'l1' | 'l2' | 'standardize'> {
  return { l1, l2, standardize };
}

/** How other rows stop training; the weights kept are then those at their lowest loss. */
export function validationOf({
  validation,
  patience,
}: FitOptions): Pick<DescentOptions, 'validation' | 'patience' | 'restoreBestWeights'> {
  if (validation === undefined) return {};
  return { validation, ...(patience === undefined ? {} : { patience, restoreBestWeights: true }) };
}

/** Whether it goes to the optimum: nothing was said of how to step. */
export function goesToOptimum({ strategy, optimizer, learningRate, schedule }: FitOptions): boolean {
  const untold = optimizer === undefined && learningRate === undefined && schedule === undefined;
  return strategy === 'batch' && (optimizer === 'lbfgs' || untold);
}

/** How it steps, but for where it goes to the optimum by itself. */
export function stepOptions(options: FitOptions): {
  optimizer?: OptimizerName;
  learningRate?: 'auto' | number | LearningRateSchedule;
} {
  const { optimizer, learningRate, schedule } = options;
  const name = optimizer === undefined ? {} : { optimizer };
  const initial = learningRate ?? 'auto';
  if (schedule !== undefined)
    return { ...name, learningRate: { ...schedule, initial } as LearningRateSchedule };
  if (goesToOptimum(options)) return { ...name, ...(learningRate === undefined ? {} : { learningRate }) };
  return { ...name, learningRate: initial };
}

/** When the loss stands still, or undefined where the gradient is to tell. */
export function toleranceOf(options: FitOptions, dtype: Dtype): number | undefined {
  return goesToOptimum(options) ? undefined : TOLERANCES[dtype];
}

/** How many iterations or epochs at most. */
export function passesOf({ strategy, iterations, epochs }: FitOptions): number {
  return strategy === 'batch' ? (iterations ?? defaultIterations) : (epochs ?? DEFAULT_EPOCHS);
}

/** What passes are called. */
export function unitOf({ strategy }: FitOptions): 'iterations' | 'epochs' {
  return strategy === 'batch' ? 'iterations' : 'epochs';
}

/**
 * Ends in wrong usage where an option belongs to another strategy, since ignoring it would train something else than was
 * asked, and where the model and what `--json` prints would go to one place.
 */
export function refuseConflicts(options: FitOptions, command: Command): void {
  const { strategy, iterations, epochs, batchSize, averageEvery, output, report, json } = options;
  if (json === true && output !== undefined && isStandardOutput(output)) {
    command.error('error: --json and --output would both write to standard output. Leave one out.');
  }
  if (report !== undefined && output !== undefined && isSameFile(report, output)) {
    command.error(`error: --report and --output would both be ${output}. Give each a file of its own.`);
  }
  if (report !== undefined && isStandardOutput(report)) {
    command.error('error: --report is a page, which goes to a file. Name one, such as report.html.');
  }
  if (report !== undefined && !/\.html?$/i.test(report)) {
    command.error(`error: --report writes a page of HTML. Let ${report} end in .html or .htm.`);
  }
  const refuse = (option: string, instead: string): void => {
    command.error(`error: --${option} has no meaning for --strategy ${strategy}. ${instead}`);
  };
  if (options.unknown === 'error' && options.maxLevels !== undefined) {
    command.error(
      'error: --unknown error has no meaning with --max-levels, which takes levels that are rare or new for one.',
    );
  }
  if (options.patience !== undefined && options.validation === undefined) {
    command.error('error: --patience needs rows to validate with. Add --validation 0.1.');
  }
  if (options.optimizer === 'lbfgs' && options.schedule !== undefined) {
    command.error('error: --schedule has no meaning for --optimizer lbfgs, which finds each step by itself.');
  }
  if (strategy === 'batch' && epochs !== undefined) {
    refuse('epochs', 'Use --iterations.');
  }
  if (strategy !== 'batch' && iterations !== undefined) {
    refuse('iterations', 'Use --epochs.');
  }
  if (strategy !== 'mini-batch' && batchSize !== undefined) {
    refuse('batch-size', 'It is for --strategy mini-batch.');
  }
  if (strategy !== 'mini-batch' && averageEvery !== undefined) {
    refuse('average-every', 'It is for --strategy mini-batch.');
  }
}
