#pragma once

#include <cstdint>

namespace thalweg {

/// φ in ŷ = φ(Xθ + b). The values are also what the kernels receive.
enum class Activation : std::int32_t {
  linear = 0,
  sigmoid = 1,
  tanh = 2,
  relu = 3,
  softplus = 4,
  exp = 5
};

/// ℓ(ŷ, y) of one row; a descent minimises its mean over the rows. The values are also what the
/// kernels receive.
enum class Loss : std::int32_t {
  squared = 0,
  log = 1,
  absolute = 2,
  huber = 3,
  hinge = 4,
  poisson = 5
};

/// What is minimised: mean ℓ(φ(Xθ + b), y) + l1·Σ|θⱼ| + l2/2·Σθⱼ². The intercept b is 0 without
/// `fitIntercept`, and never penalised.
struct Objective {
  Activation activation = Activation::linear;
  Loss loss = Loss::squared;
  bool fitIntercept = false;
  double l1 = 0;
  double l2 = 0;
};

}  // namespace thalweg
