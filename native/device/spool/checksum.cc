#include "checksum.h"

#include <array>
#include <cstring>

namespace thalweg {
namespace {

/// Sums that do not wait for each other: a multiplication takes some cycles, and one begins each.
constexpr std::size_t lanes = 8;
/// 2⁶⁴ over the golden ratio, odd: a product with it can be undone, so that no change is lost.
constexpr std::uint64_t factor = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t added(std::uint64_t sum, std::uint64_t word) noexcept {
  const std::uint64_t product = (sum ^ word) * factor;
  return product ^ (product >> 32U);
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  std::array<std::uint64_t, lanes> sums{};
  for (std::size_t k = 0; k < lanes; ++k) sums[k] = k;
  std::array<std::uint64_t, lanes> words{};
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size() / sizeof(words) * sizeof(words);
  for (; at < end; at += sizeof(words)) {
    std::memcpy(words.data(), at, sizeof(words));
    for (std::size_t k = 0; k < lanes; ++k) sums[k] = added(sums[k], words[k]);
  }
  words = {};
  const std::size_t rest = bytes.size() % sizeof(words);
  if (rest > 0) std::memcpy(words.data(), at, rest);
  for (std::size_t k = 0; k < lanes; ++k) sums[k] = added(sums[k], words[k]);
  std::uint64_t total = bytes.size();
  for (const std::uint64_t sum : sums) total = added(total, sum);
  return total;
}

}  // namespace thalweg
