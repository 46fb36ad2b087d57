#pragma once

#include "level.h"
#include "pack_math.h"

// Activation, loss and residual of rows, a row a lane, for level.cc. z holds the rows' Xθ + b.
// Sources: the losses as in Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning",
// 2nd ed., §10.6; the stable forms of σ and softplus split at z = 0 so that exp never overflows.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
inline Pack<T> positivePart(Pack<T> z) noexcept {
  return larger<T>(Pack<T>{}, z);  // NaN stays NaN
}

/// σ(z), from e = exp(−|z|).
template <typename T>
inline Pack<T> sigmoid(Pack<T> z, Pack<T> e) noexcept {
  return (negative<T>(z) ? e : broadcast(T(1))) / (T(1) + e);
}

template <typename T>
inline Pack<T> sigmoid(Pack<T> z) noexcept {
  return sigmoid<T>(z, exponential<T>(negativeMagnitude<T>(z)));
}

/// log(1 + eᶻ)
template <typename T>
inline Pack<T> softplus(Pack<T> z) noexcept {
  return positivePart<T>(z) + logarithm1p<T>(exponential<T>(negativeMagnitude<T>(z)));
}

template <Activation activation, typename T>
inline Pack<T> output(Pack<T> z) noexcept {
  if constexpr (activation == Activation::linear) return z;
  if constexpr (activation == Activation::sigmoid) return sigmoid<T>(z);
  if constexpr (activation == Activation::tanh) return hyperbolicTangent<T>(z);
  if constexpr (activation == Activation::relu) return positivePart<T>(z);
  if constexpr (activation == Activation::softplus) return softplus<T>(z);
  if constexpr (activation == Activation::exp) return exponential<T>(z);
}

/// φ'(z), from z and φ(z). relu takes 0 at 0.
template <Activation activation, typename T>
inline Pack<T> slope(Pack<T> z, Pack<T> out) noexcept {
  const Pack<T> one = broadcast(T(1));
  if constexpr (activation == Activation::linear) return one;
  if constexpr (activation == Activation::sigmoid)
    return out * sigmoid<T>(-z);  // 1 − φ(z) without its rounding
  if constexpr (activation == Activation::tanh) return (one - out) * (one + out);
  if constexpr (activation == Activation::relu) return z > 0 ? one : Pack<T>{};
  if constexpr (activation == Activation::softplus) return sigmoid<T>(z);
  if constexpr (activation == Activation::exp) return out;
}

template <typename T>
struct Residual {
  Pack<T> delta;  ///< ∂ℓ/∂z
  Pack<T> loss;   ///< ℓ
};

/// That of log loss, ℓ = loss + log(1 + odds): one logarithm does for the odds of many rows.
template <typename T>
struct LogResidual {
  Pack<T> delta;
  Pack<T> loss;
  Pack<T> odds;  ///< from 0 to 1
};

/// ℓ and ∂ℓ/∂ŷ at the output ŷ; huber's threshold is 1; 0 is taken as the derivative at a kink.
template <Loss loss, typename T>
inline Residual<T> atOutput(Pack<T> out, Pack<T> y) noexcept {
  const Pack<T> zero = {};
  const Pack<T> one = broadcast(T(1));
  const Pack<T> r = out - y;
  if constexpr (loss == Loss::squared) return {r + r, r * r};
  if constexpr (loss == Loss::absolute)
    return {r > 0 ? one : (r < 0 ? -one : zero), magnitude<T>(r)};
  if constexpr (loss == Loss::huber) {
    const Pack<T> size = magnitude<T>(r);
    return {size <= 1 ? r : (r > 0 ? one : -one), size <= 1 ? r * r * T(0.5) : size - T(0.5)};
  }
  if constexpr (loss == Loss::hinge) {
    const Pack<T> margin = one - y * out;
    return {margin <= 0 ? zero : -y, margin <= 0 ? zero : margin};
  }
  if constexpr (loss == Loss::poisson) return {one - y / out, out - y * logarithm<T>(out)};
}

/// −(y log σ(z) + (1 − y) log(1 − σ(z))) = softplus(z) − y·z
template <typename T>
inline LogResidual<T> logResidual(Pack<T> z, Pack<T> y) noexcept {
  const Pack<T> odds = exponentialOfNegative<T>(negativeMagnitude<T>(z));
  return {sigmoid<T>(z, odds) - y, positivePart<T>(z) - y * z, odds};
}

/// Those of every other pair.
template <Activation activation, Loss loss, typename T>
inline Residual<T> residual(Pack<T> z, Pack<T> y) noexcept {
  const Pack<T> one = broadcast(T(1));
  static_assert(loss != Loss::log);
  if constexpr (activation == Activation::exp && loss == Loss::poisson) {
    const Pack<T> rate = exponential<T>(z);
    return {rate - y, rate - y * z};
  } else if constexpr (activation == Activation::sigmoid && loss == Loss::poisson) {
    // log σ(z) = −softplus(−z) stays finite where σ(z) underflows, and (1 − y/p)·p·(1 − p) needs no
    // division.
    const Pack<T> p = sigmoid<T>(z);
    return {(p - y) * (one - p), p + y * softplus<T>(-z)};
  } else if constexpr (activation == Activation::softplus && loss == Loss::poisson) {
    // Below these z softplus(z) is eᶻ to the last bit: its logarithm is z, and σ(z)/softplus(z)
    // is 1.
    const Pack<T> out = softplus<T>(z);
    const Whole<T> tiny = z < T(sizeof(T) == sizeof(float) ? -15 : -37);
    return {sigmoid<T>(z) - y * (tiny ? one : sigmoid<T>(z) / out),
            out - y * (tiny ? z : logarithm<T>(out))};
  } else {
    const Pack<T> out = output<activation, T>(z);
    const Residual<T> r = atOutput<loss, T>(out, y);
    return {r.delta * slope<activation, T>(z, out), r.loss};
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
