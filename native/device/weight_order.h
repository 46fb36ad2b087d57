#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace thalweg {

/// The weights of several outputs in the order that devices keep those of dense columns in, output
/// by output; behind them the CPU device has those of sparse columns, feature by feature
/// (cpu/held_order.h). Descents have all of them feature by feature.
[[nodiscard]] inline std::vector<double> byOutput(std::span<const double> byFeature,
                                                  std::size_t outputs) {
  const std::size_t n = byFeature.size() / outputs;
  std::vector<double> weights(byFeature.size());
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < n; ++j) weights[k * n + j] = byFeature[j * outputs + k];
  }
  return weights;
}

/// The way back.
inline void byFeature(std::span<const double> byOutput, std::size_t outputs,
                      std::span<double> weights) noexcept {
  const std::size_t n = byOutput.size() / outputs;
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < n; ++j) weights[j * outputs + k] = byOutput[k * n + j];
  }
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
