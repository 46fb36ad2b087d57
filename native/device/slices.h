#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "device.h"

namespace thalweg {

/// Rows are read and written on the host in slices of about so many bytes.
constexpr std::uint64_t sliceBytes = std::uint64_t{4} << 20U;

[[nodiscard]] inline std::uint64_t rowsPerSlice(const Matrix& matrix) {
  return std::max<std::uint64_t>(1, sliceBytes / matrix.rowBytes());
}

template <typename T>
[[nodiscard]] std::span<T> valuesOf(std::span<std::byte> bytes) {
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}

/// Multiplies values with 2^exponent.
template <typename T>
void multiplyByPowerOfTwo(std::span<T> values, int exponent) {
  if (exponent == 0) return;
  for (T& value : values) value = std::ldexp(value, exponent);
}
/// The same of values of that dtype.
inline void multiplyByPowerOfTwo(std::span<std::byte> bytes, Dtype dtype, int exponent) {
  if (dtype == Dtype::float32) {
    multiplyByPowerOfTwo(valuesOf<float>(bytes), exponent);
  } else {
    multiplyByPowerOfTwo(valuesOf<double>(bytes), exponent);
  }
}

/// Reads X slice by slice: `see(first row, rows, bytes)`, which may write to the bytes.
template <typename See>
void readAll(const Matrix& X, const See& see) {
  std::vector<std::byte> bytes;
  for (std::uint64_t first = 0; first < X.rows();) {
    const std::uint64_t count = std::min(rowsPerSlice(X), X.rows() - first);
    bytes.resize(count * X.rowBytes());
    X.read(first, count, bytes);
    see(first, count, std::span(bytes));
    first += count;
  }
}

/// The same of the values, whatever their dtype: `see(first row, values)`.
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
