import { type LayerActivationName, activations } from './activations';

/** softmax of some outputs' z: eᶻᵏ / Σⱼ eᶻʲ; nothing overflows on the way. */
function softmax(z: Float64Array): Float64Array {
  const most = z.reduce((largest, value) => Math.max(largest, value), -Infinity);
  const parts = z.map((value) => Math.exp(value - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

/** φ(z) of the K outputs of one row. */
export function activated(z: Float64Array, activation: LayerActivationName): Float64Array {
  return activation === 'softmax' ? softmax(z) : z.map(activations[activation]);
}
