#pragma once

#include <cstdint>

namespace thalweg::kernels {

/// How many groups of `b` hold `a` things.
[[nodiscard]] constexpr std::uint64_t divideUp(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

}  // namespace thalweg::kernels
