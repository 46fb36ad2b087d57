import { packageVersion } from '../../base/package-version';
import type { FittedModel, Model } from '../../model-files/model-schema';
import { MODEL_VERSION } from '../../model/model-version';
import { lossFor } from '../../objective/losses';
import { defaultBatchSize } from '../../training/options';
import { type FitOptions, commonOptions, goesToOptimum, passesOf, toleranceOf } from './fit-options';
import type { Fitted } from './train';

/** The loss when training stopped, penalty included; null where there is none that is finite. */
export function finalLoss({ descent }: Fitted): number | null {
  const last = descent.loss.at(-1);
  return last !== undefined && Number.isFinite(last) ? last : null;
}

/** The model file of what was fitted. */
export function fittedModel(fitted: Fitted, options: FitOptions): FittedModel {
  const { chosen, found, source } = fitted;
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
    ...(chosen.unknown === undefined ? {} : { unknown: chosen.unknown }),
    ...(chosen.nulls === undefined ? {} : { nulls: [...chosen.nulls] }),
    ...(source.isCompressed ? { sparse: true as const } : {}),
    ...modelWeights(fitted),
    training: trainingRecord(fitted, options),
  };
}

function modelTarget({ chosen }: Fitted): FittedModel['target'] {
  const { encoding } = chosen.target;
  return { ...encoding, ...(encoding.levels && { levels: [...encoding.levels] }) } as FittedModel['target'];
}

function modelWeights({ learned }: Fitted): Pick<Model, 'neuron' | 'layer'> {
  const { activation, parameters } = learned;
  const { theta, intercepts } = parameters;
  const outputs = intercepts.length;
  if (activation !== 'softmax')
    return { neuron: { weights: [...theta], bias: intercepts[0] ?? 0, activation } };
  const weights = Array.from({ length: theta.length / outputs }, (_, j) => [
    ...theta.subarray(j * outputs, (j + 1) * outputs),
  ]);
  return { layer: { weights, biases: [...intercepts], activation } };
}

function trainingRecord(fitted: Fitted, options: FitOptions): FittedModel['training'] {
  const { descent, device, dtype, source, found, activation, classWeight, heldOut, dropped, score } = fitted;
  const { strategy, seed, holdout, weight } = options;
  const { start } = fitted;
  return {
    ...commonOptions(options),
    optimizer: goesToOptimum(options) ? 'lbfgs' : (options.optimizer ?? 'sgd'),
    learningRate: options.learningRate ?? 'auto',
    ...(weight === undefined ? {} : { weight }),
    ...(start === undefined ? {} : { warmStart: start.name }),
    ...(classWeight === undefined
      ? {}
      : { classWeight: classWeight === 'balanced' ? classWeight : [...classWeight] }),
    ...(options.schedule === undefined ? {} : { schedule: { ...options.schedule } }),
    strategy,
    loss: lossFor(activation),
    maxIterations: strategy === 'batch' ? passesOf(options) : null,
    epochs: strategy === 'batch' ? null : passesOf(options),
    batchSize: strategy === 'mini-batch' ? (options.batchSize ?? defaultBatchSize) : null,
    ...(options.averageEvery === undefined ? {} : { averageEvery: options.averageEvery }),
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
