#pragma once

#include <cmath>
#include <cstdint>

namespace thalweg {

/// kernels/math/ for single numbers on the host, in float64.
struct HostMath {
  using real = double;
  using value = double;
  using uint = std::uint32_t;
  using ulong = std::uint64_t;

  /// Below this z log(1 + eᶻ) is eᶻ to the last bit.
  static constexpr double SOFTPLUS_IS_EXP = -37;

#include "math/prelude.cpu.h"

  INLINE bool isfinite(double z) { return std::isfinite(z); }

#include "math/sum.h"

  INLINE double splat(double number) { return number; }
  INLINE double exp(double z) { return std::exp(z); }
  INLINE double exp_of_negative(double z) { return std::exp(z); }
  INLINE double log(double x) { return std::log(x); }
  INLINE double log1p(double x) { return std::log1p(x); }
  INLINE double log1p_of_any(double x) { return std::log1p(x); }
  INLINE double expm1(double x) { return std::expm1(x); }
  INLINE double sqrt(double x) { return std::sqrt(x); }
  INLINE double tanh(double z) { return std::tanh(z); }
  INLINE double fabs(double z) { return std::fabs(z); }
  INLINE double negative_magnitude(double z) { return -std::fabs(z); }
  INLINE double positive_part(double z) { return z < 0 ? 0 : z; }  // NaN stays NaN
  INLINE bool is_negative(double z) { return std::signbit(z); }
  /// Rounded twice, as every machine can.
  INLINE double fma(double a, double b, double c) { return a * b + c; }

#include "math/arguments.h"
#include "math/halting.h"
#include "math/objectives.h"
#include "math/optimizers.h"
#include "math/penalty.h"
#include "math/step.h"
};

}  // namespace thalweg
