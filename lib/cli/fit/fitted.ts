import { type DeviceInfo, type Descent, type Dtype } from '../../index';
import { MODEL_VERSION, type Model } from '../../model-files/model-schema';
import { packageVersion } from '../../base/package-version';
import { TOLERANCES } from './descend';
import { DEFAULT_BATCH_SIZE, DEFAULT_EPOCHS, DEFAULT_ITERATIONS, type FitOptions } from './fit-options';
import type { Task } from './prepare';
import type { TrainedNeuron } from './score-blocks';

/** What came out of training. */
export interface Fitted extends Task {
  readonly device: DeviceInfo;
  readonly dtype: Dtype;
  readonly descent: Descent;
  /** For raw features. */
  readonly neuron: TrainedNeuron;
  readonly heldOut: number;
  /** How many of these have a prediction that float64 cannot hold. */
  readonly overflowed: number;
  readonly dropped: number;
  /** R², or accuracy; null where it has no meaning. */
  readonly score: { readonly train: number | null; readonly holdout?: number | null };
}

/** The loss when training stopped, penalty included; null where there is none that is finite. */
export function finalLoss({ descent }: Fitted): number | null {
  const last = descent.loss.at(-1);
  return last !== undefined && Number.isFinite(last) ? last : null;
}

/** The model file of a fitted neuron. */
export function fittedModel(fitted: Fitted, options: FitOptions): Model {
  const { chosen, found, neuron } = fitted;
  return {
    format: 'thalweg-model',
    version: MODEL_VERSION,
    thalweg: packageVersion(),
    created: new Date().toISOString(),
    target: modelTarget(fitted),
    features: found.features.map((feature) =>
      feature.kind === 'category'
        ? { ...feature, levels: [...feature.levels], means: [...feature.means], scales: [...feature.scales] }
        : { ...feature },
    ),
    missing: chosen.missing,
    neuron: { weights: [...neuron.weights], bias: neuron.bias, activation: neuron.activation },
    training: trainingRecord(fitted, options),
  };
}

function modelTarget({ chosen }: Fitted): Model['target'] {
  const { encoding } = chosen.target;
  return 'levels' in encoding ? { ...encoding, levels: [...encoding.levels] } : encoding;
}

function trainingRecord(fitted: Fitted, options: FitOptions): Model['training'] {
  const { descent, device, dtype, source, found, activation, heldOut, dropped, score } = fitted;
  const { strategy, learningRate, seed, l1, l2, standardize, holdout } = options;
  return {
    strategy,
    loss: activation === 'linear' ? 'squared' : activation === 'sigmoid' ? 'log' : 'poisson',
    learningRate,
    maxIterations: strategy === 'batch' ? (options.iterations ?? DEFAULT_ITERATIONS) : null,
    epochs: strategy === 'batch' ? null : (options.epochs ?? DEFAULT_EPOCHS),
    batchSize: strategy === 'mini-batch' ? (options.batchSize ?? DEFAULT_BATCH_SIZE) : null,
    seed,
    l1,
    l2,
    tolerance: TOLERANCES[dtype],
    standardize,
    holdout,
    data: source.name,
    rows: found.rows,
    heldOut,
    dropped,
    iterations: descent.iterations,
    stopped: descent.stopped,
    finalLoss: finalLoss(fitted),
    score: { train: score.train, holdout: score.holdout ?? null },
    device: device.id,
    deviceName: device.name,
    plan: descent.plan,
    dtype,
    seconds: descent.seconds,
  };
}
