#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "../device/device.h"

namespace thalweg {

/// The weights of a call, checked and counted. Only their ratios matter, so that weights far from 1
/// are taken times a power of two, by which their products stay within the dtype's range and no
/// ratio changes.
class RowWeights {
 public:
  /// `given`, m×1, must outlive it; null: each row counts 1. Throws Error, in which they are called
  /// `option`, where a weight is below 0, or none is above.
  RowWeights(Device& device, const Matrix* given, const CancelFlag& cancelled,
             std::string_view option = "sampleWeight");

  /// Null where each row counts 1.
  [[nodiscard]] const Weights* get() const noexcept { return weights_ ? &*weights_ : nullptr; }

 private:
  std::unique_ptr<Matrix> scaled_;
  std::optional<Weights> weights_;
};

/// What the rows of all ranks come to; none where all are here.
[[nodiscard]] std::optional<AllRows> allRowsOf(Device& device, const Matrix& X,
                                               const Weights* weights);

}  // namespace thalweg
