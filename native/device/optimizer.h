#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "host_math.h"

namespace thalweg {

#define TABLES_ONLY
#include "math/optimizers.h"
#undef TABLES_ONLY

struct OptimizerEntry {
  std::string_view name;
  std::int32_t value;
};
inline constexpr std::array optimizerTable{
#define ENTRY(name, code) OptimizerEntry{#name, code},
    EACH_OPTIMIZER(ENTRY)
#undef ENTRY
};

/// An optimiser of kernels/math/optimizers.h and the constants that it has of these, by the names
/// of its formulas.
struct OptimizerConstants {
  std::int32_t code = 0;
  double momentum = 0;
  double dampening = 0;
  double beta1 = 0;
  double beta2 = 0;  ///< also α
  double epsilon = 0;
  double rateDecay = 0;
  double initialSquare = 0;  ///< s before the first step
  double weightDecay = 0;
  bool centered = false;
  bool amsgrad = false;

  [[nodiscard]] bool isPlain() const noexcept { return code == 0; }
};

/// Whether a step is as many times as long where all gradients are.
[[nodiscard]] constexpr bool isLinear(const OptimizerConstants& optimizer) noexcept {
  return optimizer.code == HostMath::OPTIMIZER_sgd ||
         optimizer.code == HostMath::OPTIMIZER_momentum ||
         optimizer.code == HostMath::OPTIMIZER_nesterov;
}

/// What the kernels and loops are told of it, for the numbers of `Math`, which has included
/// kernels/math/arguments.h. What is near 1 is handed on as what is left of it.
template <typename Math>
[[nodiscard]] typename Math::Optimizer optimizerOf(const OptimizerConstants& constants) noexcept {
  using Real = typename Math::real;
  return {.name = constants.code,
          .centered = constants.centered ? 1 : 0,
          .amsgrad = constants.amsgrad ? 1 : 0,
          .momentum = static_cast<Real>(constants.momentum),
          .undamped = static_cast<Real>(1 - constants.dampening),
          .restOfBeta1 = static_cast<Real>(1 - constants.beta1),
          .restOfBeta2 = static_cast<Real>(1 - constants.beta2),
          .logBeta1 = static_cast<Real>(std::log(constants.beta1)),
          .logBeta2 = static_cast<Real>(std::log(constants.beta2)),
          .epsilon = static_cast<Real>(constants.epsilon),
          .rateDecay = static_cast<Real>(constants.rateDecay),
          .weightDecay = static_cast<Real>(constants.weightDecay)};
}

}  // namespace thalweg
