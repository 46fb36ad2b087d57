#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../../device.h"

namespace thalweg::kernels {

/// Bytes of a `Sum` of kernels/math/sum.h: a float64, or two float32.
inline constexpr std::uint64_t sumBytes = 8;

[[nodiscard]] std::vector<std::byte> toReals(std::span<const double> values, Dtype dtype);
void fromReals(std::span<const std::byte> bytes, Dtype dtype, std::span<double> values);

/// A number as the device's sum.
[[nodiscard]] std::array<std::byte, sumBytes> toSum(double value, bool float64);

/// Reads `values.size()` of the device's sums.
void fromSums(std::span<const std::byte> bytes, bool float64, std::span<double> values);

}  // namespace thalweg::kernels
