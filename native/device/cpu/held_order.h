#pragma once

#include <span>
#include <vector>

#include "../layout.h"
#include "../weight_order.h"

namespace thalweg::cpu {

/// Weights of the columns of X, feature by feature, as the run of a layout keeps them: of the
/// columns as they are held, in the order of weight_order.h, and 0 of those that are none of X's.
[[nodiscard]] inline std::vector<double> heldWeights(const Layout& layout,
                                                     std::span<const double> ofColumns,
                                                     std::size_t outputs) {
  std::vector<double> held(layout.held() * outputs);
  for (std::size_t h = 0; h < layout.held(); ++h) {
    const std::uint32_t column = layout.place(h);
    if (column == Layout::nowhere) continue;
    for (std::size_t k = 0; k < outputs; ++k)
      held[h * outputs + k] = ofColumns[column * outputs + k];
  }
  return byOutput(held, outputs, layout.dense);
}

/// The way back.
inline void weightsOfColumns(const Layout& layout, std::span<const double> held,
                             std::size_t outputs, std::span<double> ofColumns) {
  std::vector<double> ordered(held.size());
  byFeature(held, outputs, layout.dense, ordered);
  for (std::size_t h = 0; h < layout.held(); ++h) {
    const std::uint32_t column = layout.place(h);
    if (column == Layout::nowhere) continue;
    for (std::size_t k = 0; k < outputs; ++k)
      ofColumns[column * outputs + k] = ordered[h * outputs + k];
  }
}

/// What an optimiser keeps of weights, and of an intercept each after them, likewise.
[[nodiscard]] inline std::vector<double> heldMoments(const Layout& layout,
                                                     std::span<const double> moments,
                                                     std::size_t outputs) {
  const std::size_t weights = layout.columns() * outputs;
  std::vector<double> held;
  for (std::size_t at = 0; at < moments.size(); at += weights + outputs) {
    const auto each = heldWeights(layout, moments.subspan(at, weights), outputs);
    held.insert(held.end(), each.begin(), each.end());
    const auto intercepts = moments.subspan(at + weights, outputs);
    held.insert(held.end(), intercepts.begin(), intercepts.end());
  }
  return held;
}

/// The way back.
inline void momentsOfColumns(const Layout& layout, std::span<const double> held,
                             std::size_t outputs, std::span<double> moments) {
  const std::size_t weights = layout.columns() * outputs;
  const std::size_t heldCount = layout.held() * outputs;
  for (std::size_t at = 0, from = 0; at < moments.size();
       at += weights + outputs, from += heldCount + outputs) {
    weightsOfColumns(layout, held.subspan(from, heldCount), outputs, moments.subspan(at, weights));
    for (std::size_t k = 0; k < outputs; ++k)
      moments[at + weights + k] = held[from + heldCount + k];
  }
}

}  // namespace thalweg::cpu
