#pragma once

#include <span>
#include <vector>

#include "../layout.h"

namespace thalweg::cpu {

/// Calls pair(place among held weights, in the order of weight_order.h, place among those of the
/// columns of X, feature by feature) for each weight of X in held columns [first, end).
template <typename Pair>
void eachHeldWeight(const Layout& layout, std::size_t outputs, std::size_t first, std::size_t end,
                    const Pair& pair) {
  for (std::size_t h = first; h < end; ++h) {
    const std::uint32_t column = layout.place(h);
    if (column == Layout::nowhere) continue;
    for (std::size_t k = 0; k < outputs; ++k)
      pair(h < layout.dense ? k * layout.dense + h : h * outputs + k, column * outputs + k);
  }
}

/// The same of all held columns.
template <typename Pair>
void eachHeldWeight(const Layout& layout, std::size_t outputs, const Pair& pair) {
  eachHeldWeight(layout, outputs, 0, layout.held(), pair);
}

/// Weights of the columns of X, feature by feature, as the run of a layout keeps them: of the
/// columns as they are held, in the order of weight_order.h, and 0 of those that are none of X's.
[[nodiscard]] inline std::vector<double> heldWeights(const Layout& layout,
                                                     std::span<const double> ofColumns,
                                                     std::size_t outputs) {
  std::vector<double> held(layout.held() * outputs);
  eachHeldWeight(layout, outputs,
                 [&](std::size_t at, std::size_t ofX) { held[at] = ofColumns[ofX]; });
  return held;
}

/// The way back.
inline void weightsOfColumns(const Layout& layout, std::span<const double> held,
                             std::size_t outputs, std::span<double> ofColumns) {
  eachHeldWeight(layout, outputs,
                 [&](std::size_t at, std::size_t ofX) { ofColumns[ofX] = held[at]; });
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
