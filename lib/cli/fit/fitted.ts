import { packageVersion } from '../../base/package-version';
import { MODEL_VERSION, type Model } from '../../model-files/model-schema';
import { lossFor } from '../../objective/losses';
import { defaultBatchSize } from '../../training/options';
import { type FitOptions, commonOptions, goesToOptimum, passesOf, toleranceOf } from './fit-options';
import type { Fitted } from './train';

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
  const { strategy, seed, holdout } = options;
  return {
    ...commonOptions(options),
    optimizer: goesToOptimum(options) ? 'lbfgs' : (options.optimizer ?? 'sgd'),
    learningRate: options.learningRate ?? 'auto',
    ...(options.schedule === undefined ? {} : { schedule: { ...options.schedule } }),
    strategy,
    loss: lossFor(activation),
    maxIterations: strategy === 'batch' ? passesOf(options) : null,
    epochs: strategy === 'batch' ? null : passesOf(options),
    batchSize: strategy === 'mini-batch' ? (options.batchSize ?? defaultBatchSize) : null,
    seed,
    tolerance: toleranceOf(options, dtype) ?? 0,
    holdout,
    data: source.name,
    rows: found.rows,
    heldOut,
    dropped,
    iterations: descent.iterations,
    stopped: descent.stopped,
    finalLoss: finalLoss(fitted),
    score: { train: score.train.score, holdout: score.holdout?.score ?? null },
    device: device.id,
    deviceName: device.name,
    plan: descent.plan,
    dtype,
    seconds: descent.seconds,
  };
}
