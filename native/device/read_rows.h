#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "device.h"

namespace thalweg {

/// Reads a matrix slice by slice, of some megabytes each: see(first row, count of rows, bytes),
/// which may write to the bytes.
template <typename See>
void readRows(const Matrix& matrix, const See& see) {
  constexpr std::uint64_t sliceBytes = std::uint64_t{4} << 20U;
  const std::uint64_t most = std::max<std::uint64_t>(1, sliceBytes / matrix.rowBytes());
  std::vector<std::byte> bytes;
  for (std::uint64_t first = 0; first < matrix.rows();) {
    const std::uint64_t count = std::min(most, matrix.rows() - first);
    bytes.resize(count * matrix.rowBytes());
    matrix.read(first, count, bytes);
    see(first, count, std::span(bytes));
    first += count;
  }
}

}  // namespace thalweg
