export type { HostMatrix, Label, NumericArray, VectorLike } from '../base/data-types';
export {
  type AccuracyOptions,
  type AveragedFigures,
  type ClassFigures,
  type ConfusionMatrix,
  type ConfusionOptions,
  type LogLossOptions,
  type PrecisionOptions,
  accuracyScore,
  confusionMatrix,
  logLoss,
  precisionRecallF1,
} from './classification';
export {
  type CalibrationCurve,
  type CalibrationOptions,
  type PositiveOptions,
  type RankingOptions,
  type RocCurve,
  type RocCurveOptions,
  averagePrecision,
  calibrationCurve,
  rocAuc,
  rocCurve,
} from './curves';
export type { ClassAverage, Labels, MetricOptions } from './options';
export {
  type RegressionOptions,
  meanAbsoluteError,
  meanPoissonDeviance,
  meanSquaredError,
  r2Score,
} from './regression';
