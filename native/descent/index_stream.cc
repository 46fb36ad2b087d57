#include "index_stream.h"

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

}  // namespace

std::uint32_t IndexStream::draw(std::uint32_t largest, std::uint32_t mask) {
  for (;;) {
    const auto value = static_cast<std::uint32_t>(generator_()) & mask;
    if (value <= largest) return value;
  }
}

void IndexStream::randint(std::uint32_t bound, std::span<std::uint32_t> indices) {
  const std::uint32_t largest = bound - 1;
  const std::uint32_t mask = maskFor(largest);
  // One choice takes no draw from the generator.
  for (auto& index : indices) index = largest == 0 ? 0 : draw(largest, mask);
}

void IndexStream::permutation(std::span<std::uint32_t> indices) {
  std::iota(indices.begin(), indices.end(), 0U);
  for (std::size_t i = indices.size(); i-- > 1;) {
    const auto largest = static_cast<std::uint32_t>(i);
    std::swap(indices[i], indices[draw(largest, maskFor(largest))]);
  }
}

}  // namespace thalweg
