#pragma once

#include <cmath>
#include <span>

#include "host_math.h"
#include "objective.h"
#include "optimizer.h"

namespace thalweg {

/// What kernels/math/penalty.h is told, for the numbers of `Math`, which has included
/// kernels/math/arguments.h.
template <typename Math>
[[nodiscard]] typename Math::Penalties penalties(const Objective& objective) noexcept {
  using Real = typename Math::real;
  return {.l1 = static_cast<Real>(objective.l1), .l2 = static_cast<Real>(objective.l2)};
}

/// What kernels/math/step.h is told.
template <typename Math>
[[nodiscard]] typename Math::StepOptions stepOptions(const Objective& objective, double rate,
                                                     const OptimizerConstants& optimizer = {}) {
  return {.rate = static_cast<typename Math::real>(rate),
          .penalties = penalties<Math>(objective),
          .optimizer = optimizerOf<Math>(optimizer)};
}

/// What penalties are of.
struct WeightSums {
  double sizes = 0;    ///< Σ|θⱼ|
  double squares = 0;  ///< Σθⱼ²
};

[[nodiscard]] inline WeightSums sumsOf(std::span<const double> theta) noexcept {
  WeightSums sums;
  for (const double weight : theta) {
    sums.sizes += std::abs(weight);
    sums.squares += weight * weight;
  }
  return sums;
}

/// What the penalties add to the loss at θ.
[[nodiscard]] inline double penalty(const Objective& objective,
                                    std::span<const double> theta) noexcept {
  const auto by = penalties<HostMath>(objective);
  if (!HostMath::is_penalised(by)) return 0;
  const WeightSums sums = sumsOf(theta);
  return HostMath::penalty(by, sums.sizes, sums.squares);
}

}  // namespace thalweg
