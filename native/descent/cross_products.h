#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// Of more columns AᵀA is not made.
inline constexpr std::size_t mostGramColumns = 2048;

/// Of each output.
[[nodiscard]] inline std::size_t unknownsOf(const Problem& problem) noexcept {
  return problem.X.columns() + (problem.objective.fitIntercept ? 1 : 0);
}

/// What AᵀWA and AᵀWy are, of A = [X, 1] (X without an intercept) and the weights W of its rows.
class CrossProducts {
 public:
  CrossProducts(Device& device, const Problem& problem, const CancelFlag& cancelled)
      : CrossProducts(problem, problem.totalWeight(), gramOf(device, problem, cancelled)) {}
  /// Those of other rows of a problem like this one, of which the values are Device::gram's.
  CrossProducts(const Problem& like, double totalWeight, std::vector<double> values)
      : columns_(like.X.columns()),
        unknowns_(unknownsOf(like)),
        targets_(like.y.columns()),
        totalWeight_(totalWeight),
        values_(std::move(values)) {}

  /// Device::gram, which X keeps for the next one who asks.
  [[nodiscard]] static std::vector<double> gramOf(Device& device, const Problem& problem,
                                                  const CancelFlag& cancelled);

  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::size_t unknowns() const noexcept { return unknowns_; }
  [[nodiscard]] std::size_t targets() const noexcept { return targets_; }
  /// Σw
  [[nodiscard]] double totalWeight() const noexcept { return totalWeight_; }
  /// unknowns×unknowns
  [[nodiscard]] std::vector<double> products() const { return part(0, unknowns_); }
  /// unknowns×K
  [[nodiscard]] std::vector<double> withTargets() const { return part(columns_ + 1, targets_); }

 private:
  [[nodiscard]] std::vector<double> part(std::size_t first, std::size_t count) const {
    std::vector<double> result;
    for (std::size_t p = 0; p < unknowns_; ++p) {
      const double* const row = &values_[p * (columns_ + 1 + targets_) + first];
      result.insert(result.end(), row, row + count);
    }
    return result;
  }

  std::size_t columns_;
  std::size_t unknowns_;
  std::size_t targets_;
  double totalWeight_;
  std::vector<double> values_;
};

}  // namespace thalweg
