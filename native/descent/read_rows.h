#pragma once

#include "slices.h"

namespace thalweg {

/// Reads X slice by slice: `see(first row, values)`, whatever their dtype.
template <typename See>
void readValues(const Matrix& X, const See& see) {
  readAll(X, [&](std::uint64_t first, std::uint64_t, std::span<std::byte> bytes) {
    if (X.dtype() == Dtype::float32) {
      see(first, valuesOf<const float>(bytes));
    } else {
      see(first, valuesOf<const double>(bytes));
    }
  });
}

}  // namespace thalweg
