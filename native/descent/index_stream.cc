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

/// Whether every value fits, or does not, whatever those before it do: none lies between `largest`
/// and what it may have fallen to.
bool areCertain(std::span<const std::uint32_t> values, std::uint32_t mask, std::uint32_t largest,
                std::uint32_t fall) noexcept {
  const std::uint32_t span = fall * static_cast<std::uint32_t>(values.size());
  std::uint32_t within = 0;
  for (const std::uint32_t value : values) within += largest - (value & mask) < span ? 1 : 0;
  return within == 0;
}

/// Writes those of the values, masked, that are no larger than `largest`, which falls by `fall`
/// with each of them; returns how many. Those that are too large are overwritten by the next: a
/// branch on one would be guessed wrong every third time. Values that are certain need not wait for
/// the last.
std::size_t keepFitting(std::span<const std::uint32_t> values, std::uint32_t mask,
                        std::uint32_t largest, std::uint32_t fall, std::uint32_t* kept) noexcept {
  std::size_t count = 0;
  if (fall == 0 || areCertain(values, mask, largest, fall)) {
    for (const std::uint32_t value : values) {
      kept[count] = value & mask;
      count += kept[count] <= largest ? 1 : 0;
    }
    return count;
  }
  for (const std::uint32_t value : values) {
    kept[count] = value & mask;
    const bool fits = kept[count] <= largest;
    count += fits ? 1 : 0;
    largest -= fits ? fall : 0;
  }
  return count;
}

/// Fills `draws` with numbers from 0 to `largest`, which falls by `fall`, 0 or 1, from one to the
/// next and keeps its mask.
void drawAll(MersenneTwister& generator, std::uint32_t largest, std::uint32_t fall,
             std::span<std::uint32_t> draws) {
  constexpr std::size_t together = 48;  // where bounds are in the thousands, mostly certain
  const std::uint32_t mask = maskFor(largest);
  std::size_t count = 0;
  while (count < draws.size()) {
    const auto ready = generator.ready();
    const std::size_t values = std::min({ready.size(), draws.size() - count, together});
    const std::size_t kept =
        keepFitting(ready.first(values), mask, largest, fall, draws.subspan(count).data());
    largest -= fall * static_cast<std::uint32_t>(kept);
    count += kept;
    generator.take(values);
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
