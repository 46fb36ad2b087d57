#pragma once

#include <type_traits>

#include "level.h"
#include "line.h"
#include "pack.h"

// How long rows are: narrow, of a few values; short, of a few vectors; long, all others. Numbers
// of columns and of vectors that are known when compiling let θ and sums stay in registers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostNarrowColumns = 10;
/// Of rows in an order of their own, which are picked value by value.
inline constexpr std::size_t mostNarrowIndexedColumns = 5;

inline constexpr std::size_t mostShortVectors = 8;
/// Of neighbours that go in runs: AVX-512 has twice as many registers.
inline constexpr std::size_t mostShortVectorsInRuns = packBytes == lineBytes ? 16 : 8;

template <typename T>
bool areNarrow(const Rows<T>& rows) noexcept {
  return rows.columns <= (rows.indices ? mostNarrowIndexedColumns : mostNarrowColumns);
}

template <typename T>
bool areShort(const Rows<T>& rows) noexcept {
  const bool goInRuns = !rows.indices && rows.targets;
  return rows.columns <= (goInRuns ? mostShortVectorsInRuns : mostShortVectors) * lanes<T>;
}

template <typename T>
bool areOfAnyLength(const Rows<T>& /*rows*/) noexcept {
  return true;
}

/// Calls use(constant) with the first constant from 1 up that is not below `number`, which `most`
/// is not either.
template <std::size_t most, std::size_t constant = 1, typename Use>
auto withConstant(std::size_t number, const Use& use) {
  if constexpr (constant < most) {
    if (number > constant) return withConstant<most, constant + 1>(number, use);
  }
  return use(std::integral_constant<std::size_t, constant>{});
}

/// The same with the vectors that a row of so many columns fills.
template <std::size_t most, typename T, typename Use>
auto withVectors(std::size_t columns, const Use& use) {
  return withConstant<most>((columns + lanes<T> - 1) / lanes<T>, use);
}

/// Of a list of ways to do something with rows, the first that fits these. The last fits any.
template <typename Way, std::size_t count, typename T>
const Way& firstThatFits(const Way (&ways)[count], const Rows<T>& rows) noexcept {
  std::size_t i = 0;
  while (i + 1 < count && !ways[i].fits(rows)) ++i;
  return ways[i];
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
