#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mersenne_twister.h"

namespace thalweg {

/// The draws of NumPy's legacy generator (numpy.random.seed, randint, permutation), whose stream
/// NumPy keeps frozen (NEP 19): the 32-bit Mersenne Twister, with bounds met by masking and
/// rejection.
class IndexStream {
 public:
  explicit IndexStream(std::uint32_t seed) noexcept : generator_(seed) {}
  explicit IndexStream(const MersenneTwister& generator) noexcept : generator_(generator) {}

  [[nodiscard]] const MersenneTwister& generator() const noexcept { return generator_; }

  /// Fills `indices` with numpy.random.randint(bound); bound is 1 or more.
  void randint(std::uint32_t bound, std::span<std::uint32_t> indices);

  /// Fills `indices` with numpy.random.permutation(indices.size()).
  void permutation(std::span<std::uint32_t> indices);

 private:
  MersenneTwister generator_;
  std::vector<std::uint32_t> swaps_;
};

}  // namespace thalweg
