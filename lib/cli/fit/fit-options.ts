import type { Command } from 'commander';
import type {
  FitOptions as DescentOptions,
  HsaOverride,
  LearningRateSchedule,
  OptimizerName,
} from '../../index';
import { isStandardOutput } from '../terminal/output';

/** What `thalweg fit` can be given besides the data; commander has filled in the defaults. */
export interface FitOptions {
  readonly target: string;
  readonly features?: readonly string[];
  readonly categories?: readonly string[];
  readonly missing: 'drop' | 'mean' | 'error';
  readonly strategy: 'batch' | 'stochastic' | 'mini-batch';
  readonly activation?: 'linear' | 'sigmoid' | 'exp';
  readonly optimizer: OptimizerName;
  readonly learningRate: 'auto' | number;
  readonly schedule?: Omit<LearningRateSchedule, 'initial'>;
  readonly iterations?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly seed: number;
  readonly l1: number;
  readonly l2: number;
  readonly standardize: boolean;
  readonly holdout: number;
  readonly validation?: number;
  readonly patience?: number;
  readonly device: string;
  readonly hsaOverride?: HsaOverride;
  readonly output?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const DEFAULT_ITERATIONS = 1000;
const DEFAULT_EPOCHS = 20;

/** When the loss stands still: float32 carries seven digits, so that smaller changes are noise there. */
export const TOLERANCES = { float64: 1e-9, float32: 1e-7 } as const;

/** What every strategy takes under the same name as `Neuron.fit` does, and the model file tells. */
export function commonOptions(
  options: FitOptions,
): Pick<FitOptions, 'optimizer' | 'learningRate' | 'l1' | 'l2' | 'standardize'> {
  const { optimizer, learningRate, l1, l2, standardize } = options;
  return { optimizer, learningRate, l1, l2, standardize };
}

/** How other rows stop training; the weights kept are then those at their lowest loss. */
export function validationOf({
  validation,
  patience,
}: FitOptions): Pick<DescentOptions, 'validation' | 'patience' | 'restoreBestWeights'> {
  if (validation === undefined) return {};
  return { validation, ...(patience === undefined ? {} : { patience, restoreBestWeights: true }) };
}

/** The rate, or what becomes of it. */
export function rateOf({ learningRate, schedule }: FitOptions): 'auto' | number | LearningRateSchedule {
  return schedule === undefined
    ? learningRate
    : ({ ...schedule, initial: learningRate } as LearningRateSchedule);
}

/** How many iterations or epochs at most. */
export function passesOf({ strategy, iterations, epochs }: FitOptions): number {
  return strategy === 'batch' ? (iterations ?? DEFAULT_ITERATIONS) : (epochs ?? DEFAULT_EPOCHS);
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
  const { strategy, iterations, epochs, batchSize, output, json } = options;
  if (json === true && output !== undefined && isStandardOutput(output)) {
    command.error('error: --json and --output would both write to standard output. Leave one out.');
  }
  const refuse = (option: string, instead: string): void => {
    command.error(`error: --${option} has no meaning for --strategy ${strategy}. ${instead}`);
  };
  if (options.patience !== undefined && options.validation === undefined) {
    command.error('error: --patience needs rows to validate with. Add --validation 0.1.');
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
}
