#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "descent.h"
#include "loss_over_rows.h"

namespace thalweg {

/// How columns are moved and scaled for a descent: x′ⱼ = (xⱼ − meansⱼ)/scalesⱼ.
struct Columns {
  std::vector<double> means;
  std::vector<double> scales;
};

struct PartsOptions {
  /// To the optimum, of which the result's weights and intercepts are those for x′.
  DescentOptions descent;
  /// Whether columns are scaled to a standard deviation of 1; otherwise x′ⱼ = xⱼ − meansⱼ, and xⱼ
  /// itself without an intercept.
  bool standardize = false;
  /// As a descent over the same rows, of another penalty, has found it.
  std::optional<AtZero> atZero{};
  /// What that descent kept besides where it ended: Lbfgs::memory.
  std::vector<double> memory{};
  /// Its penalty.
  double l2Before = 0;
  /// What its last pass found: where this descent begins, it need not be found again.
  std::optional<Passed> passed{};
  /// Weights and intercepts for x′ that may be the optimum, as a descent over much the same rows
  /// tells; empty: nothing is known of it.
  std::vector<double> guess{};
  /// Whether weights are given away, not losses alone: then digits that means far from 0, columns
  /// that depend on each other or a close fit take from AᵀWA are too many sooner.
  bool givesWeights = false;
  /// `productsOf` all rows, of which the parts are some that are like the others; empty: the parts
  /// are all rows. Of least squares alone, which then reads no row.
  std::vector<double> products{};
  std::uint64_t rows = 0;  ///< that `products` are of
};

struct PartsResult {
  DescentResult descent;
  Columns columns;
  AtZero atZero;
  std::optional<Passed> passed;
};

/// Descends to the optimum over the rows of all parts together, each of which has matrices of its
/// own: any choice of parts costs what its rows do, and AᵀWA of each part is made once. Squared
/// loss that least squares solve takes no pass at all.
///
/// None where that is not as exact as a descent over one matrix is: columns that lie far from 0
/// beside their deviation or, for least squares, nearly depend on each other, and values near the
/// ends of the dtype's range; nor of a descent that has no way to the optimum. Throws as `descend`.
/// With `givesWeights` also none of least squares whose loss AᵀWA tells to less than eight digits.
[[nodiscard]] std::optional<PartsResult> descendOverParts(Device& device,
                                                          std::span<const Data> parts,
                                                          const PartsOptions& options,
                                                          const Control& control);

/// Device::gram of some rows: that of all is the sum of those of its parts. Zeros of rows that do
/// not count; none where a descent would not take their values as they are. Throws as `descend`.
[[nodiscard]] std::optional<std::vector<double>> productsOf(Device& device, const Data& part,
                                                            const DescentOptions& options,
                                                            const CancelFlag& cancelled);

}  // namespace thalweg
