#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// What a step of Newton's needs of a linear neuron with squared loss, whose curvature is the same
/// everywhere: it leads to the optimum but for roundings, and again from there it mends these.
class LeastSquares {
 public:
  /// Factors A = [X, 1] (X without an intercept), by QR in long double where A is small, otherwise
  /// AᵀA by Cholesky. None where the columns of A depend on each other but for rounding, or are too
  /// many.
  [[nodiscard]] static std::optional<LeastSquares> of(Device& device, const Problem& problem,
                                                      const CancelFlag& cancelled);

  /// The weights, and the intercept after them where it is fitted.
  [[nodiscard]] const std::vector<double>& solution() const noexcept { return solution_; }
  /// Whether AᵀA was made.
  [[nodiscard]] bool isByGram() const noexcept { return isByGram_; }
  /// H⁻¹g, H the second derivative of the loss.
  [[nodiscard]] std::vector<double> step(std::span<const double> gradient) const;

 private:
  LeastSquares(std::vector<double> factor, std::size_t unknowns, double scale, bool isByGram)
      : factor_(std::move(factor)), unknowns_(unknowns), scale_(scale), isByGram_(isByGram) {}

  static std::optional<LeastSquares> byReflections(const Problem& problem,
                                                   const CancelFlag& cancelled);
  static std::optional<LeastSquares> byGram(Device& device, const Problem& problem,
                                            const CancelFlag& cancelled);
  /// RᵀR x = b
  [[nodiscard]] std::vector<double> solve(std::span<const double> b) const;

  std::vector<double> factor_;  ///< R in H = scale·RᵀR, row-major, its upper triangle
  std::size_t unknowns_;
  double scale_;
  bool isByGram_;
  std::vector<double> solution_;
};

}  // namespace thalweg
