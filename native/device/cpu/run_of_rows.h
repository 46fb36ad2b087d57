#pragma once

#include <type_traits>

#include "tile.h"

// Rows that follow each other in memory, a few at a time, from the first to the last. While one run
// is worked on the memory is asked for what follows, for half of the lines while dots are formed
// and for the others while δ·x is added up, so that it idles in neither.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t lineBytes = 64;

template <typename T>
struct RunOfRows {
  const T* first;
  std::size_t columns;
  std::size_t count;
  std::size_t ahead;  ///< so many rows ahead the memory is asked for what comes next

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return first + i * columns; }

  /// The row to ask for along with row i; it may lie beyond the last.
  [[nodiscard]] const T* following(std::size_t i) const noexcept { return row(i + ahead); }
};

template <typename Source, typename T>
inline constexpr bool isRun = std::is_same_v<Source, RunOfRows<T>>;

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
