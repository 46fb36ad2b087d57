#include "values.h"

#include <algorithm>
#include <cstring>

namespace thalweg::kernels {

std::vector<std::byte> toReals(std::span<const double> values, Dtype dtype) {
  std::vector<std::byte> bytes(values.size() * sizeOf(dtype));
  if (dtype == Dtype::float64) {
    std::ranges::copy(std::as_bytes(values), bytes.begin());
    return bytes;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<float>(values[i]);
    std::memcpy(&bytes[i * sizeof value], &value, sizeof value);
  }
  return bytes;
}

void fromReals(std::span<const std::byte> bytes, Dtype dtype, std::span<double> values) {
  if (dtype == Dtype::float64) {
    std::ranges::copy(bytes.first(values.size_bytes()), std::as_writable_bytes(values).begin());
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    float value = 0;
    std::memcpy(&value, &bytes[i * sizeof value], sizeof value);
    values[i] = value;
  }
}

std::array<std::byte, sumBytes> toSum(double value, bool float64) {
  std::array<std::byte, sumBytes> bytes{};
  if (float64) {
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }
  const auto high = static_cast<float>(value);
  const std::array<float, 2> parts{high, static_cast<float>(value - static_cast<double>(high))};
  std::memcpy(bytes.data(), parts.data(), bytes.size());
  return bytes;
}

void fromSums(std::span<const std::byte> bytes, bool float64, std::span<double> values) {
  if (float64) {
    std::memcpy(values.data(), bytes.data(), values.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    float parts[2] = {};
    std::memcpy(parts, &bytes[i * sizeof parts], sizeof parts);
    values[i] = static_cast<double>(parts[0]) + static_cast<double>(parts[1]);
  }
}

}  // namespace thalweg::kernels
