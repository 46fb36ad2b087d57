#pragma once

#include <optional>

#include "cholesky.h"
#include "cross_products.h"

namespace thalweg {

/// About the second derivative of the objective, as if that of the loss by z were the same in all
/// rows and outputs: its bound times AᵀWA/Σw, and the penalty.
[[nodiscard]] std::optional<Cholesky> curvatureOf(const CrossProducts& gram,
                                                  const Objective& objective,
                                                  const CancelFlag& cancelled);

}  // namespace thalweg
