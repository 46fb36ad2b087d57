#pragma once

#include <optional>

#include "cholesky.h"

namespace thalweg {

/// About the second derivative of the objective, as if that of the loss by z were the same in all
/// rows and outputs: its bound times AᵀWA/Σw, and the penalty. None where the columns are too many.
[[nodiscard]] std::optional<Cholesky> curvatureOf(Device& device, const Problem& problem,
                                                  const CancelFlag& cancelled);

}  // namespace thalweg
