#pragma once

#include "level.h"

// Activation, loss and residual of one row, for level.cc. z is the row's Xθ + b.
// Sources: the losses as in Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning",
// 2nd ed., §10.6; the stable forms of σ and softplus split at z = 0 so that exp never overflows.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline float exponential(float z) noexcept { return __builtin_expf(z); }
inline double exponential(double z) noexcept { return __builtin_exp(z); }
inline float logarithm(float z) noexcept { return __builtin_logf(z); }
inline double logarithm(double z) noexcept { return __builtin_log(z); }
inline float logarithm1p(float z) noexcept { return __builtin_log1pf(z); }
inline double logarithm1p(double z) noexcept { return __builtin_log1p(z); }
inline float hyperbolicTangent(float z) noexcept { return __builtin_tanhf(z); }
inline double hyperbolicTangent(double z) noexcept { return __builtin_tanh(z); }

template <typename T>
inline T magnitude(T z) noexcept {
  return z < 0 ? -z : z;
}

template <typename T>
inline T sigmoid(T z) noexcept {
  const T e = exponential(-magnitude(z));
  return (z < 0 ? e : T(1)) / (T(1) + e);
}

/// log(1 + eᶻ)
template <typename T>
inline T softplus(T z) noexcept {
  return (z > 0 ? z : T(0)) + logarithm1p(exponential(-magnitude(z)));
}

template <Activation activation, typename T>
inline T output(T z) noexcept {
  if constexpr (activation == Activation::linear) return z;
  if constexpr (activation == Activation::sigmoid) return sigmoid(z);
  if constexpr (activation == Activation::tanh) return hyperbolicTangent(z);
  if constexpr (activation == Activation::relu) return z < 0 ? T(0) : z;  // NaN stays NaN
  if constexpr (activation == Activation::softplus) return softplus(z);
  if constexpr (activation == Activation::exp) return exponential(z);
}

/// φ'(z), from z and φ(z). relu takes 0 at 0.
template <Activation activation, typename T>
inline T slope(T z, T out) noexcept {
  if constexpr (activation == Activation::linear) return T(1);
  if constexpr (activation == Activation::sigmoid)
    return out * sigmoid(-z);  // 1 − φ(z) without its rounding
  if constexpr (activation == Activation::tanh) return (T(1) - out) * (T(1) + out);
  if constexpr (activation == Activation::relu) return z > 0 ? T(1) : T(0);
  if constexpr (activation == Activation::softplus) return sigmoid(z);
  if constexpr (activation == Activation::exp) return out;
}

template <typename T>
struct Residual {
  T delta;  ///< ∂ℓ/∂z
  T loss;   ///< ℓ
};

/// ℓ and ∂ℓ/∂ŷ at the output ŷ; huber's threshold is 1; 0 is taken as the derivative at a kink.
template <Loss loss, typename T>
inline Residual<T> atOutput(T out, T y) noexcept {
  const T r = out - y;
  if constexpr (loss == Loss::squared) return {2 * r, r * r};
  if constexpr (loss == Loss::log) {
    // Reached by no legal pair: log goes with sigmoid, which has its own form below.
    return {(out - y) / (out * (1 - out)), -(y * logarithm(out) + (1 - y) * logarithm(1 - out))};
  }
  if constexpr (loss == Loss::absolute) return {T(r > 0) - T(r < 0), magnitude(r)};
  if constexpr (loss == Loss::huber) {
    const T size = magnitude(r);
    return size <= 1 ? Residual<T>{r, r * r / 2} : Residual<T>{r > 0 ? T(1) : T(-1), size - T(0.5)};
  }
  if constexpr (loss == Loss::hinge) {
    const T margin = 1 - y * out;
    return margin <= 0 ? Residual<T>{T(0), T(0)} : Residual<T>{-y, margin};
  }
  if constexpr (loss == Loss::poisson) return {1 - y / out, out - y * logarithm(out)};
}

template <Activation activation, Loss loss, typename T>
inline Residual<T> residual(T z, T y) noexcept {
  if constexpr (activation == Activation::sigmoid && loss == Loss::log) {
    // −(y log σ(z) + (1 − y) log(1 − σ(z))) = softplus(z) − y·z
    const T e = exponential(-magnitude(z));
    const T p = (z < 0 ? e : T(1)) / (1 + e);
    return {p - y, (z > 0 ? z : T(0)) + logarithm1p(e) - y * z};
  } else if constexpr (activation == Activation::exp && loss == Loss::poisson) {
    const T rate = exponential(z);
    return {rate - y, rate - y * z};
  } else if constexpr (activation == Activation::sigmoid && loss == Loss::poisson) {
    // log σ(z) = −softplus(−z) stays finite where σ(z) underflows, and (1 − y/p)·p·(1 − p) needs no
    // division.
    const T p = sigmoid(z);
    return {(p - y) * (1 - p), p + y * softplus(-z)};
  } else if constexpr (activation == Activation::softplus && loss == Loss::poisson) {
    // Below these z softplus(z) is eᶻ to the last bit: its logarithm is z, and σ(z)/softplus(z)
    // is 1.
    const T out = softplus(z);
    const T p = sigmoid(z);
    const bool tiny = z < T(sizeof(T) == sizeof(float) ? -15 : -37);
    return {p - y * (tiny ? T(1) : p / out), out - y * (tiny ? z : logarithm(out))};
  } else {
    const T out = output<activation>(z);
    const Residual<T> r = atOutput<loss>(out, y);
    return {r.delta * slope<activation>(z, out), r.loss};
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
