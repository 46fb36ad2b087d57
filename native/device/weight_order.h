#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace thalweg {

/// The weights of several outputs in the order that devices keep them in: those of the first
/// `dense` columns output by output, and behind them those of sparse columns feature by feature.
/// Descents have all of them feature by feature.
[[nodiscard]] inline std::vector<double> byOutput(std::span<const double> byFeature,
                                                  std::size_t outputs, std::size_t dense) {
  std::vector<double> weights(byFeature.begin(), byFeature.end());
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < dense; ++j) weights[k * dense + j] = byFeature[j * outputs + k];
  }
  return weights;
}
/// The same without sparse columns.
[[nodiscard]] inline std::vector<double> byOutput(std::span<const double> byFeature,
                                                  std::size_t outputs) {
  return byOutput(byFeature, outputs, byFeature.size() / outputs);
}

/// The way back.
inline void byFeature(std::span<const double> byOutput, std::size_t outputs, std::size_t dense,
                      std::span<double> weights) noexcept {
  std::copy(byOutput.begin(), byOutput.end(), weights.begin());
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < dense; ++j) weights[j * outputs + k] = byOutput[k * dense + j];
  }
}
inline void byFeature(std::span<const double> byOutput, std::size_t outputs,
                      std::span<double> weights) noexcept {
  byFeature(byOutput, outputs, byOutput.size() / outputs, weights);
}

/// What an optimiser keeps of weights and of an intercept each after them (HostStep::moments), in
/// that order.
[[nodiscard]] inline std::vector<double> momentsByOutput(std::span<const double> moments,
                                                         std::size_t weights, std::size_t outputs) {
  std::vector<double> ordered(moments.begin(), moments.end());
  for (std::size_t at = 0; at < ordered.size(); at += weights + outputs) {
    const auto each = byOutput(moments.subspan(at, weights), outputs);
    std::copy(each.begin(), each.end(), ordered.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return ordered;
}

/// The way back.
inline void momentsByFeature(std::span<const double> kept, std::size_t weights, std::size_t outputs,
                             std::span<double> moments) noexcept {
  std::copy(kept.begin(), kept.end(), moments.begin());
  for (std::size_t at = 0; at < kept.size(); at += weights + outputs)
    byFeature(kept.subspan(at, weights), outputs, moments.subspan(at, weights));
}

}  // namespace thalweg
