#include "index_stream.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

namespace thalweg {
namespace {

/// The smallest 2ᵏ − 1 that is no smaller than `largest`.
std::uint32_t maskFor(std::uint32_t largest) noexcept {
  return largest == 0 ? 0
                      : std::numeric_limits<std::uint32_t>::max() >>
                            static_cast<unsigned>(std::countl_zero(largest));
}

/// Fills `draws` with numbers from 0 to `largest`, which falls by `fall` from one to the next and
/// keeps its mask. Numbers that are too large are overwritten by the next: a branch on one would be
/// guessed wrong every third time.
void drawAll(MersenneTwister& generator, std::uint32_t largest, std::uint32_t fall,
             std::span<std::uint32_t> draws) {
  const std::uint32_t mask = maskFor(largest);
  std::size_t count = 0;
  while (count < draws.size()) {
    const auto ready = generator.ready();
    const std::size_t most = std::min(ready.size(), draws.size() - count);
    for (std::size_t i = 0; i < most; ++i) {
      const std::uint32_t value = ready[i] & mask;
      draws[count] = value;
      const bool fits = value <= largest;
      count += fits ? 1 : 0;
      largest -= fits ? fall : 0;
    }
    generator.take(most);
  }
}

}  // namespace

void IndexStream::randint(std::uint32_t bound, std::span<std::uint32_t> indices) {
  // One choice takes no draw from the generator.
  if (bound == 1) return std::fill(indices.begin(), indices.end(), 0U);
  drawAll(generator_, bound - 1, 0, indices);
}

void IndexStream::permutation(std::span<std::uint32_t> indices) {
  constexpr std::size_t swapsAtOnce = 4096;
  std::iota(indices.begin(), indices.end(), 0U);
  swaps_.resize(std::min(indices.size(), swapsAtOnce));
  for (std::size_t i = indices.size(); i-- > 1;) {
    // As far down as the mask stays: it halves below each power of two.
    const std::size_t count = std::min(swaps_.size(), i + 1 - std::bit_floor(i));
    const auto swaps = std::span(swaps_).first(count);
    drawAll(generator_, static_cast<std::uint32_t>(i), 1, swaps);
    for (std::size_t k = 0; k < count; ++k) std::swap(indices[i - k], indices[swaps[k]]);
    i -= count - 1;
  }
}

}  // namespace thalweg
