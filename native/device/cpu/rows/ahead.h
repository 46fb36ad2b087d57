#pragma once

#include "../level.h"
#include "../line.h"

// How many rows ahead of its use a row is asked of memory.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Of neighbours, `least` or as many as fill a page: nearer, what is asked for comes too late, and
/// processors fetch by themselves what follows, but not across pages.
template <typename T>
[[nodiscard]] constexpr std::size_t neighboursAhead(std::size_t columns,
                                                    std::size_t least) noexcept {
  constexpr std::size_t pageBytes = 4096;
  const std::size_t rows = pageBytes / (columns * sizeof(T));
  return rows < least ? least : rows;
}

/// Of rows in an order of their own: so many bytes cover the latency of memory and fit the
/// first-level cache beside θ. Short rows take a line or two each, and few nanoseconds.
template <typename T>
[[nodiscard]] constexpr std::size_t indexedAhead(std::size_t columns, std::size_t least) noexcept {
  constexpr std::size_t aheadBytes = 12288;
  constexpr std::size_t mostRows = 96;
  const std::size_t fit = aheadBytes / (columns * sizeof(T));
  const std::size_t rows = fit < mostRows ? fit : mostRows;
  return rows < least ? least : rows;
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
