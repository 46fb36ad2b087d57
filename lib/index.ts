export {
  type Activation,
  type ActivationName,
  type LayerActivationName,
  exp,
  linear,
  relu,
  sigmoid,
  softplus,
  tanh,
} from './objective/activations';
export { type GradientDescentOptions, gradient, gradientDescent } from './method/calculus';
export type {
  BlockRows,
  CodeColumn,
  CodedRows,
  CompressedRows,
  Dtype,
  HostMatrix,
  Label,
  MatrixChunks,
  NumericArray,
  VectorLike,
} from './base/data-types';
export type { Descent } from './engine/descent';
export type { StateProblem, StateRank, TrainingState } from './engine/training-state';
export { readCheckpoint } from './engine/checkpoint';
export {
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from './training/descents';
export { Device, Matrix, type MatrixLike } from './devices/device';
export type { PlaceOfRows, Residency } from './devices/residency';
export type { Backend, DeviceInfo } from './addon/device-info';
export { devices, isGpuAvailable, openDevice } from './devices/open';
export { type Diagnosis, type Finding, diagnose } from './doctor';
export { type ErrorCode, type ErrorDetails, ThalwegError } from './base/errors';
export type { DeviceOptions, HsaOverride } from './drivers/device-options';
export { type Versions, versions } from './devices/versions';
export { type LossGradient, type LossGradientOptions, lossGradient } from './training/loss-gradient';
export { type LayerLossName, type LossName, error } from './objective/losses';
export type { Classes, Targets } from './models/labels';
export { Neuron, type NeuronJSON, type NeuronOptions } from './models/neuron';
export {
  Layer,
  type LayerJSON,
  type LayerOptions,
  type LayerTargets,
  type LayerWeights,
  type Outputs,
} from './models/layer';
export {
  LoadedModel,
  type PredictTableOptions,
  type SaveOptions,
  exportModel,
  loadModel,
  saveModel,
} from './models/loaded-model';
export {
  type Explanation,
  type LabelPrediction,
  Model,
  type Prediction,
  type Row,
  type ValuePrediction,
  type ValuesPrediction,
} from './model/model';
export type { OptimizerName, OptimizerOptions } from './method/optimizers';
export type { LearningRateSchedule, ScheduleName } from './method/schedules';
export type { BatchProgress, EpochProgress, Strategy } from './method/strategy';
export type {
  BatchOptions,
  FitOptions,
  MiniBatchOptions,
  ObjectiveOptions,
  PredictOptions,
  ScoreOptions,
  StochasticOptions,
  ValidationOptions,
} from './training/options';
export type { ClassWeight, WeightOptions } from './training/weights';
