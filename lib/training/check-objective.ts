import { finite, flag, integer, invalid, notNegative, oneOf } from '../base/arguments';
import { type Dtype, type VectorLike, dtypes } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { Device } from '../devices/device';
import { checkDeviceName } from '../devices/open';
import { type Residency, residencies } from '../devices/residency';
import type { Placement } from '../engine/task';
import {
  type ActivationName,
  type LayerActivationName,
  activationNames,
  layerActivationNames,
} from '../objective/activations';
import { checkPair, layerLossNames } from '../objective/losses';
import type { Objective } from '../objective/objective';
import { smallVector } from '../rows/rows';
import { largest32Bit } from './options';

// The options that every call shares: what is minimised, from where, on which device, until when.

/** What may stand in an options object, before it is checked. */
export type Unchecked = Readonly<Record<string, unknown>>;

/** @internal Checks what is there; undefined is the same as left out. */
export function given<Value>(value: unknown, check: (value: unknown) => Value): Value | undefined {
  return value === undefined ? undefined : check(value);
}

/** @internal */
export function checkActivation(value: unknown): ActivationName {
  return given(value, (name) => oneOf('activation', name, activationNames)) ?? 'linear';
}

/** @internal */
export function checkLayerActivation(value: unknown): LayerActivationName {
  return given(value, (name) => oneOf('activation', name, layerActivationNames)) ?? 'linear';
}

/** K of softmax. Of the others y tells. */
function checkClassCount(value: unknown, activation: LayerActivationName): number | undefined {
  if (value === undefined) return undefined;
  if (activation !== 'softmax') {
    throw new ThalwegError('ERR_INVALID_ARGUMENT', "classes is for activation 'softmax'", {
      option: 'classes',
    });
  }
  return integer('classes', value, 2, largest32Bit);
}

/** @internal */
export function checkDtype(value: unknown): Dtype | undefined {
  return given(value, (name) => oneOf('dtype', name, dtypes));
}

/** @internal */
export function checkDevice(value: unknown): string | Device {
  if (value instanceof Device) return value;
  return given(value, (name) => checkDeviceName('device', name)) ?? 'auto';
}

/** @internal */
export function checkSignal(value: unknown): AbortSignal | undefined {
  // By its members, not its class: a realm of its own, as Jest's, has another AbortSignal.
  const known = value as AbortSignal | undefined;
  if (known === undefined) return undefined;
  if (
    typeof value === 'object' &&
    value !== null &&
    typeof known.addEventListener === 'function' &&
    'aborted' in known
  )
    return known;
  throw invalid('signal', 'an AbortSignal', value);
}

/** @internal b: a number, or one an output. */
export function checkIntercepts(option: string, value: unknown): Float64Array {
  if (typeof value === 'number') return Float64Array.of(finite(option, value));
  if (!Array.isArray(value) && !ArrayBuffer.isView(value))
    throw invalid(option, 'a finite number, or one an output', value);
  const values = smallVector(option, value as VectorLike);
  if (values.length > 0) return values;
  throw new ThalwegError('ERR_SHAPE', `${option} is empty: give a number, or one an output`, { option });
}

/** @internal Where a call computes. @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option */
export function checkPlacement(options: { readonly device?: unknown; readonly dtype?: unknown }): Placement {
  return { device: checkDevice(options.device), dtype: checkDtype(options.dtype) };
}

/** @internal Where X is; default where it fits. */
export function checkResidency(value: unknown): Residency {
  return given(value, (name) => oneOf('residency', name, residencies)) ?? 'auto';
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option */
export function checkObjective(options: object): Objective {
  const from = options as Unchecked;
  const activation = checkLayerActivation(from['activation']);
  const usual = activation === 'softmax' ? 'cross-entropy' : 'squared';
  const loss = given(from['loss'], (name) => oneOf('loss', name, layerLossNames)) ?? usual;
  checkPair(activation, loss);
  return {
    activation,
    loss,
    outputs: checkClassCount(from['classes'], activation),
    fitIntercept: given(from['fitIntercept'], (value) => flag('fitIntercept', value)) ?? false,
    l1: given(from['l1'], (value) => notNegative('l1', value)) ?? 0,
    l2: given(from['l2'], (value) => notNegative('l2', value)) ?? 0,
  };
}
