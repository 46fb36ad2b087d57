import type { Dtype, VectorLike } from '../base/data-types';
import type { Device, Matrix, MatrixLike } from '../devices/device';
import type { Residency } from '../devices/residency';
import type { TrainingState } from '../engine/training-state';
import type { OptimizerName, OptimizerOptions } from '../method/optimizers';
import type { LearningRateSchedule } from '../method/schedules';
import type { BatchProgress, EpochProgress, Strategy } from '../method/strategy';
import type { World } from '../mpi/world';
import type { LayerActivationName } from '../objective/activations';
import type { LayerLossName } from '../objective/losses';
import { type WeightOptions, weightOptionNames } from './weights';

/** Where a call computes, and until when. */
export interface PredictOptions {
  /** A name as for `openDevice`, or an open device; default 'auto', or where X is. */
  readonly device?: string | Device;
  /** The arithmetic; default by the type of X. */
  readonly dtype?: Dtype;
  /** Cancels the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of `score`. */
export interface ScoreOptions extends PredictOptions {
  /** How much each row counts, m values of 0 or more; default 1. */
  readonly sampleWeight?: VectorLike | Matrix;
}

/** What is minimised: 1/m·Σᵢ ℓ(φ(xᵢθ + b), yᵢ) + l1·Σⱼ|θⱼ| + l2/2·Σⱼθⱼ². */
export interface ObjectiveOptions {
  /** φ; default 'linear'. 'softmax' is of all outputs together. */
  readonly activation?: LayerActivationName;
  /** ℓ; default 'squared', with softmax 'cross-entropy', and in `fit` that of the activation. Outputs' losses add up. */
  readonly loss?: LayerLossName;
  /** K of softmax, whose labels are 0 to K − 1: 2 to 2³² − 1; default the largest label + 1. */
  readonly classes?: number;
  /** Whether an intercept b is fitted beside θ; default false, and true in `Neuron.fit`. X gets no column for it. */
  readonly fitIntercept?: boolean;
  /** Penalty of Σ|θⱼ|, 0 or more; default 0. b is not penalised. */
  readonly l1?: number;
  /** Penalty of ½·Σθⱼ², 0 or more; default 0. b is not penalised. */
  readonly l2?: number;
}

/** Rows to validate with. */
export type ValidationOptions = {
  /** Iterations of a batch descent between two validations, 1 or more; default 1. */
  readonly every?: number;
} & (
  | {
      /** m'×n */
      readonly X: MatrixLike;
      /** m' values, of K outputs m'×K; in `fit` also the names of classes. */
      readonly y: VectorLike | MatrixLike | readonly string[] | readonly boolean[];
      /** How much each row counts, m' values of 0 or more; default 1. */
      readonly sampleWeight?: VectorLike | Matrix;
    }
  | {
      /** Of the rows of X, above 0 and below 1. */
      readonly share: number;
    }
);

/** The options that every descent takes. */
interface CommonOptions extends ObjectiveOptions, WeightOptions, PredictOptions {
  /**
   * What the gradient is multiplied with in a step, above 0. 'auto' picks a rate that is stable on the data: 1/L for
   * batches, L the largest curvature, by power iteration; 1/(2𝓛) otherwise, 𝓛 the expected smoothness (Gower et al., "SGD:
   * General Analysis and Improved Rates", 2019), times 1 − momentum. For 'adagrad' and 'rmsprop' it is 0.01, for 'adam' and
   * 'adamw' 0.001, as in PyTorch. A schedule changes the rate on the way. Required, but for 'lbfgs', which has none.
   */
  readonly learningRate?: number | 'auto' | LearningRateSchedule;
  /** How a gradient becomes a step; default 'sgd'. `l1` goes with 'sgd', 'adagrad' and 'lbfgs'; 'lbfgs' is for batches. */
  readonly optimizer?: OptimizerName | OptimizerOptions;
  /** θ at the start, n values; default zeros. */
  readonly initialTheta?: VectorLike;
  /** b at the start, where an intercept is fitted; default 0. */
  readonly initialIntercept?: number | VectorLike;
  /**
   * The `state` of a descent of the same kind over the same X and y, or what `readCheckpoint` gives: this one goes on where
   * that one ended. n iterations or epochs and then k more have the bits of n + k, where the options are the same; 'auto'
   * of `learningRate`, `plan` and `device`, and the seed, are what they came to then. Not beside initialTheta. With `world` all
   * ranks give the same state.
   */
  readonly resumeFrom?: TrainingState;
  /**
   * Writes the state to a file about every so many seconds and at the end: whole or not at all, so that a killed process
   * leaves one that `readCheckpoint` reads. Default 60 seconds; 0 is as often as there is time. With `world` the first rank writes.
   */
  readonly checkpoint?: {
    /** Of the file. */
    readonly path: string;
    /** 0 or more. */
    readonly everySeconds?: number;
  };
  /**
   * Rows that the descent is validated with and does not learn from: their own X and y, or a share of X's, above 0 and below 1,
   * held out by the seed (of batch, by 0). The loss on them is measured after each epoch, of batch every `every` iterations.
   * With `world` a share is of the rows of all ranks, and each gives a part of rows of their own, or none.
   */
  readonly validation?: number | ValidationOptions;
  /**
   * Ends the descent after so many validations without a lower loss, Keras' early stopping; 0 or more, default off. With
   * `validation` only.
   */
  readonly patience?: number;
  /** By how much a validation loss must be lower to count, 0 or more; default 0. With `validation` only. */
  readonly minDelta?: number;
  /** Whether θ and b are those of the lowest validation loss in the end; default false. With `validation` only. */
  readonly restoreBestWeights?: boolean;
  /** Stops when the loss changes by less than this share of itself from one iteration or epoch to the next; default off. */
  readonly tolerance?: number;
  /**
   * Ends the descent once it has run so many seconds: between steps of batch, otherwise after an epoch; default off, since
   * then the same call gives the same bits.
   */
  readonly maxSeconds?: number;
  /**
   * 'gram' computes XᵀX once and descends on it: linear activation, squared loss, batch only; 'fused' reads X in each
   * iteration. Default 'auto': whichever is expected to be done sooner.
   */
  readonly plan?: 'auto' | 'fused' | 'gram';
  /**
   * Where X is while it is trained on: 'device', in the device's memory; 'host', in the host's, from which it goes to the
   * device block by block; 'disk', in a file that is gone with the process, but for what memory is given to it. Default
   * 'auto': the first of these that it fits in. Batch descents have the same bits; the others take rows by windows, where X is not
   * in the device's memory.
   */
  readonly residency?: Residency;
  /**
   * `world` of 'thalweg/mpi': X and y are the rows of one rank, and all ranks find the weights for the rows of all together.
   * Not of the stochastic descent.
   */
  readonly world?: World;
}

/** Options of {@link batchGradientDescent}. */
export interface BatchOptions extends CommonOptions {
  /** How many steps, each over all rows: 1 to 100 000 000. */
  readonly iterations: number;
  /**
   * Called at most 20 times a second, and not at all in a descent that is over sooner. What it throws ends the descent,
   * which rejects with it.
   */
  readonly onProgress?: (progress: BatchProgress) => void;
}

/** The options of descents that take rows in an order of chance. */
interface EpochOptions extends CommonOptions {
  /** How many passes: m single-row steps, or one permutation cut into batches, each. 1 to 100 000 000. */
  readonly epochs: number;
  /** Of NumPy's legacy generator (MT19937), 0 to 2³² − 1; default from the system. */
  readonly seed?: number;
  /**
   * Called at most 20 times a second, and not at all in a descent that is over sooner. What it throws ends the descent,
   * which rejects with it.
   */
  readonly onProgress?: (progress: EpochProgress) => void;
}

/** Options of {@link stochasticGradientDescent}. */
export interface StochasticOptions extends EpochOptions {
  /** 'with-replacement', the default, draws a row a step; 'shuffle' takes each once an epoch. */
  readonly sampling?: 'with-replacement' | 'shuffle';
}

/** Options of {@link miniBatchGradientDescent}. */
export interface MiniBatchOptions extends EpochOptions {
  /** Rows a step, 1 or more; default 32. One larger than m means m; the last batch of an epoch may be short. */
  readonly batchSize?: number;
  /**
   * Local SGD, which is approximate: each rank of `world` takes so many steps by itself, over mini-batches of its own rows, before
   * θ, b and what the optimizer keeps are averaged over ranks, weighted by what their rows count; also at the end of each epoch.
   * 1 or more; by default all ranks take each step together, over batches of the rows of all, which is exact. With `world` only.
   */
  readonly averageEvery?: number;
}

/** What a neuron's fit takes besides. */
interface FitExtras {
  /**
   * Scales features to mean 0 and standard deviation 1 (divided by m) while training, and folds the scaling back into the
   * weights; default true, but false where a learningRate is given. Penalties, `loss` and `learningRate` are those of the
   * scaled features.
   */
  readonly standardize?: boolean;
}

/**
 * Options of `Neuron.fit`: a strategy and its descent's options. The activation is the neuron's own, and what the descent
 * requires has defaults: a batch fit of which neither optimizer nor learningRate is told goes to the optimum ('lbfgs'), and
 * takes 10,000 iterations at most; learningRate is 'auto' otherwise.
 */
export type FitOptions = FitExtras &
  (
    | ({
        /** As {@link batchGradientDescent}; the default. */
        readonly strategy?: 'batch';
        /** How many steps at most; default 10,000, and then so many passes over X. */
        readonly iterations?: number;
      } & Omit<BatchOptions, 'activation' | 'iterations'>)
    | ({
        /** As {@link stochasticGradientDescent}. */
        readonly strategy: 'stochastic';
      } & Omit<StochasticOptions, 'activation'>)
    | ({
        /** As {@link miniBatchGradientDescent}. */
        readonly strategy: 'mini-batch';
      } & Omit<MiniBatchOptions, 'activation'>)
  );

/** @internal Of what is minimised. */
export const objectiveOptionNames: readonly (keyof ObjectiveOptions)[] = [
  ...(['activation', 'loss', 'classes', 'fitIntercept', 'l1', 'l2'] as const),
];

/** @internal Of where a call computes, and what ends it. */
export const predictOptionNames: readonly (keyof PredictOptions)[] = ['device', 'dtype', 'signal'];

const commonOptionNames: readonly string[] = [
  ...['learningRate', 'optimizer', ...objectiveOptionNames, ...weightOptionNames],
  ...['initialTheta', 'initialIntercept', 'resumeFrom', 'checkpoint', 'tolerance', 'maxSeconds', 'plan'],
  'residency',
  ...['validation', 'patience', 'minDelta', 'restoreBestWeights'],
  ...[...predictOptionNames, 'onProgress', 'world'],
];

/** @internal The options that a strategy takes. */
export const strategyOptionNames: Readonly<Record<Strategy, readonly string[]>> = {
  batch: ['iterations', ...commonOptionNames],
  stochastic: ['epochs', 'seed', 'sampling', ...commonOptionNames],
  'mini-batch': ['epochs', 'batchSize', 'averageEvery', 'seed', ...commonOptionNames],
};

/** @internal Iterations of a batch fit at most, and passes over X of one that goes to the optimum. */
export const defaultIterations = 10_000;

/** @internal Rows a step. */
export const defaultBatchSize = 32;

/** @internal Seeds and row indices are 32-bit numbers. */
export const largest32Bit = 0xffff_ffff;

/** @internal The loss of every iteration and epoch is kept: more than this many would be a gigabyte of history. */
export const mostPasses = 100_000_000;
