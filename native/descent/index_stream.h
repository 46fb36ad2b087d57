#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace thalweg {

/// The draws of NumPy's legacy generator (numpy.random.seed, randint, permutation), whose stream
/// NumPy keeps frozen (NEP 19): the 32-bit Mersenne Twister, with bounds met by masking and
/// rejection.
class IndexStream {
 public:
  explicit IndexStream(std::uint32_t seed) : generator_(seed) {}

  /// Fills `indices` with numpy.random.randint(bound); bound is 1 or more.
  void randint(std::uint32_t bound, std::span<std::uint32_t> indices);

  /// Fills `indices` with numpy.random.permutation(indices.size()).
  void permutation(std::span<std::uint32_t> indices);

 private:
  /// A draw from 0 to `largest`, both included.
  std::uint32_t draw(std::uint32_t largest, std::uint32_t mask);

  std::mt19937 generator_;
};

}  // namespace thalweg
