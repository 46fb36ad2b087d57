#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"
#include "cholesky.h"
#include "cross_products.h"

namespace thalweg {

/// What a step of Newton's needs of linear neurons with squared loss, whose curvature is the same
/// everywhere and for each of them: it leads to the optimum but for roundings, and again from there
/// it mends these.
class LeastSquares {
 public:
  /// Factors √W·A of A = [X, 1] (X without an intercept) and the weights W of its rows: by QR in
  /// long double where A is small, or AᵀWA by Cholesky; where that is too near to singular for it,
  /// by QR again unless A is large. None where the columns of A depend on each other but for
  /// rounding, or are too many.
  [[nodiscard]] static std::optional<LeastSquares> of(Device& device, const Problem& problem,
                                                      const CancelFlag& cancelled);

  /// By Cholesky of AᵀWA alone: none where a pivot is below a share `leastPivot` of its diagonal.
  [[nodiscard]] static std::optional<LeastSquares> byGram(const CrossProducts& gram, double l2,
                                                          double leastPivot,
                                                          const CancelFlag& cancelled);

  /// n×K weights, and K intercepts after them where they are fitted.
  [[nodiscard]] const std::vector<double>& solution() const noexcept { return solution_; }
  /// Whether AᵀWA was made.
  [[nodiscard]] bool isByGram() const noexcept { return isByGram_; }
  /// H⁻¹g, H the second derivative of the loss, for a gradient in the order of the solution.
  [[nodiscard]] std::vector<double> step(std::span<const double> gradient) const;

 private:
  LeastSquares(Cholesky factor, double totalWeight, bool isByGram);

  static std::optional<LeastSquares> byReflections(const Problem& problem,
                                                   const CancelFlag& cancelled);

  Cholesky factor_;  ///< of H/scale
  double scale_;
  bool isByGram_;
  std::vector<double> solution_;
};

}  // namespace thalweg
