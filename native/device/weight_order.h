#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace thalweg {

/// The weights of several outputs in the order that devices keep them in, output by output, from
/// that of the descents, feature by feature.
[[nodiscard]] inline std::vector<double> byOutput(std::span<const double> byFeature,
                                                  std::size_t outputs) {
  std::vector<double> weights(byFeature.size());
  const std::size_t features = byFeature.size() / outputs;
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < features; ++j)
      weights[k * features + j] = byFeature[j * outputs + k];
  }
  return weights;
}

/// The way back.
inline void byFeature(std::span<const double> byOutput, std::size_t outputs,
                      std::span<double> weights) noexcept {
  const std::size_t features = byOutput.size() / outputs;
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < features; ++j)
      weights[j * outputs + k] = byOutput[k * features + j];
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
