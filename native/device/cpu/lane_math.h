#pragma once

#include "level.h"
#include "pack_math.h"

// kernels/math/ for vectors: a row a lane, or a column a lane.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
struct LaneMath {
  using real = T;
  using value = Pack<T>;
  using uint = std::uint32_t;
  using ulong = std::uint64_t;

  /// Below this z log(1 + eᶻ) is eᶻ to the last bit.
  static constexpr T SOFTPLUS_IS_EXP = sizeof(T) == sizeof(float) ? -15 : -37;

#include "math/prelude.cpu.h"

  INLINE value splat(T number) { return broadcast(number); }
  INLINE value exp(value z) { return exponential<T>(z); }
  INLINE value exp_of_negative(value z) { return exponentialOfNegative<T>(z); }
  INLINE value log(value x) { return logarithm<T>(x); }
  INLINE value log1p(value x) { return logarithm1p<T>(x); }  // up to 1
  INLINE value log1p_of_any(value x) { return logarithmAbove1<T>(x); }
  INLINE real expm1(real x) { return static_cast<real>(__builtin_expm1(static_cast<double>(x))); }
  INLINE value sqrt(value x) { return squareRoot<T>(x); }
  INLINE value tanh(value z) { return hyperbolicTangent<T>(z); }
  INLINE value fabs(value z) { return magnitude<T>(z); }
  INLINE value negative_magnitude(value z) { return negativeMagnitude<T>(z); }
  INLINE value positive_part(value z) { return larger<T>(value{}, z); }  // NaN stays NaN
  INLINE Whole<T> is_negative(value z) { return negative<T>(z); }
  /// One instruction where the level has it.
  INLINE value fma(value a, value b, value c) { return c + a * b; }

#include "math/arguments.h"
#include "math/objectives.h"
#include "math/optimizers.h"
#include "math/step.h"
};

template <typename T>
using Residual = typename LaneMath<T>::Outcome;
template <typename T>
using LogResidual = typename LaneMath<T>::LogOutcome;

/// φ(z)
template <Activation activation, typename T>
inline Pack<T> output(Pack<T> z) noexcept {
  return LaneMath<T>::activated(z, codeOf(activation)).output;
}

template <Activation activation, Loss loss, typename T>
inline Residual<T> residual(Pack<T> z, Pack<T> y) noexcept {
  return LaneMath<T>::outcome_of(z, y, codeOf(activation), codeOf(loss));
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
