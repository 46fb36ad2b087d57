#pragma once

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

}  // namespace thalweg
