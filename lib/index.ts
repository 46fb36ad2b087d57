export {
  type Activation,
  type ActivationName,
  exp,
  linear,
  relu,
  sigmoid,
  softplus,
  tanh,
} from './activations';
export { type GradientDescentOptions, gradient, gradientDescent } from './calculus';
export type { Dtype, HostMatrix, MatrixChunks, NumericArray, VectorLike } from './data-types';
export {
  type Descent,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from './descent';
export { Device, Matrix, type MatrixLike } from './device';
export type { DeviceInfo } from './device-info';
export { devices, isGpuAvailable, openDevice } from './devices';
export type { Diagnosis, Finding } from './doctor';
export { type ErrorCode, type ErrorDetails, ThalwegError } from './errors';
export type { DeviceOptions, HsaOverride } from './hsa-override';
export { type Versions, diagnose, versions } from './installation';
export { type LossGradient, type LossGradientOptions, lossGradient } from './loss-gradient';
export { type LossName, error } from './losses';
export { type FitOptions, Neuron, type NeuronJSON, type NeuronOptions, type PredictOptions } from './neuron';
export type {
  BatchOptions,
  BatchProgress,
  EpochProgress,
  MiniBatchOptions,
  StochasticOptions,
} from './options';
