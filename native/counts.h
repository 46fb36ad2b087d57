#pragma once

#include <cstdint>
#include <string>

namespace thalweg {

/// How many groups of `b` hold `a` things.
[[nodiscard]] constexpr std::uint64_t divideUp(std::uint64_t a, std::uint64_t b) noexcept {
  return (a + b - 1) / b;
}

/// The least multiple of `b` that is not below `a`.
[[nodiscard]] constexpr std::uint64_t roundUp(std::uint64_t a, std::uint64_t b) noexcept {
  return divideUp(a, b) * b;
}

/// `12 MiB`.
[[nodiscard]] inline std::string inMebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20U) + " MiB";
}

}  // namespace thalweg
