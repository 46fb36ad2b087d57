#pragma once

#include <cstddef>
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
      : columns_(problem.X.columns()),
        unknowns_(unknownsOf(problem)),
        targets_(problem.y.columns()),
        values_(gramOf(device, problem, cancelled)) {}

  [[nodiscard]] std::size_t unknowns() const noexcept { return unknowns_; }
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

  static std::vector<double> gramOf(Device& device, const Problem& problem,
                                    const CancelFlag& cancelled);

  std::size_t columns_;
  std::size_t unknowns_;
  std::size_t targets_;
  std::vector<double> values_;
};

}  // namespace thalweg
