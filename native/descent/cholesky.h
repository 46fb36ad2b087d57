#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// R of a symmetric positive definite matrix RᵀR (Golub and Van Loan, "Matrix Computations", 4th
/// ed., §4.2).
class Cholesky {
 public:
  /// R that was found otherwise: order×order, row-major, its upper triangle.
  Cholesky(std::vector<double> factor, std::size_t order)
      : factor_(std::move(factor)), order_(order) {}

  /// Of a matrix, row-major, of which the upper triangle is read. None where a pivot is below a
  /// share `leastPivot` of its diagonal, and so more rounding than value.
  [[nodiscard]] static std::optional<Cholesky> of(std::vector<double> matrix, std::size_t order,
                                                  double leastPivot, const CancelFlag& cancelled);

  /// B becomes (RᵀR)⁻¹B: `order` rows of some columns.
  void solve(std::span<double> b) const noexcept;

 private:
  std::vector<double> factor_;
  std::size_t order_;
};

}  // namespace thalweg
