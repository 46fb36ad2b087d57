#pragma once

#include <algorithm>
#include <type_traits>

#include "tile.h"

// Rows that follow each other in memory, a few at a time, from the first to the last. While one run
// is worked on the memory is asked for what follows, for half of the lines while dots are formed
// and for the others while δ·x is added up, so that it idles in neither.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t lineBytes = 64;

/// What the rows of a run are read for.
enum class Reading { dotsAndSums, dotsOnly };

template <typename T, Reading why = Reading::dotsAndSums>
class RunOfRows {
 public:
  static constexpr bool areNeighbours = true;
  static constexpr Reading reading = why;

  const std::size_t count;

  RunOfRows(const Rows<T>& rows, std::size_t rowsInRun) noexcept
      : count(rowsInRun),
        first_(rows.data + rows.first * rows.columns),
        targets_(rows.targets + rows.first),
        columns_(rows.columns),
        ahead_(std::max(rowsInRun, leastAheadBytes / (rows.columns * sizeof(T)))) {}

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return first_ + i * columns_; }
  [[nodiscard]] const T* targets() const noexcept { return targets_; }

  /// The row to ask for along with row i; it may lie beyond the last.
  [[nodiscard]] const T* following(std::size_t i) const noexcept { return row(i + ahead_); }

  /// Neighbours need not be found.
  void findNext() const noexcept {}

  void advance() noexcept {
    first_ += count * columns_;
    targets_ += count;
  }

 private:
  /// Nearer than that, what is asked for of memory comes too late.
  static constexpr std::size_t leastAheadBytes = 4096;

  const T* first_;
  const T* targets_;
  std::size_t columns_;
  std::size_t ahead_;
};

template <typename Source, typename T>
inline constexpr bool isRun = !std::is_same_v<Source, Tile<T>>;

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
