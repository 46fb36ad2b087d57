#pragma once

#include <algorithm>

#include "run_of_rows.h"

// The rows of stochastic steps, in an order of their own.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// How many rows ahead of its use a row in an order of its own is asked for: so many bytes cover
/// the latency of memory and fit the first-level cache beside θ. Short rows take a line or two
/// each, and few nanoseconds.
template <typename T>
[[nodiscard]] std::size_t rowsToFetchAhead(std::size_t columns) noexcept {
  constexpr std::size_t aheadBytes = 12288;
  constexpr std::size_t mostRows = 96;
  const std::size_t rows = aheadBytes / (columns * sizeof(T));
  return rows < mostRows ? rows : mostRows;
}

/// Finds rows and has the next ones fetched.
template <typename T>
class RowsAhead {
 public:
  explicit RowsAhead(const Rows<T>& rows) noexcept
      : rows_(rows),
        ahead_(std::max(leastAhead, rowsToFetchAhead<T>(rows.columns))),
        lastRead_((rows.columns - 1) / lanes<T> * lanes<T> + lanes<T> - 1) {
    for (std::size_t i = 0; i < ahead_; ++i) {
      for (std::size_t j = 0; j < rows.columns; j += line) fetch(i, j);
    }
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept {
    return rows_.data + index(i) * rows_.columns;
  }
  [[nodiscard]] T target(std::size_t i) const noexcept { return rows_.targets[index(i)]; }

  /// Fetches columns [j, j + line) of the row that is due some steps after i.
  [[gnu::always_inline]] void fetchAfter(std::size_t i, std::size_t j) const noexcept {
    fetch(i + ahead_, j);
  }

  static constexpr std::size_t line = lineBytes / sizeof(T);

 private:
  /// Steps of several rows at once find the next ones fetched.
  static constexpr std::size_t leastAhead = 4;

  [[nodiscard]] std::size_t index(std::size_t i) const noexcept {
    return rows_.indices[rows_.first + i];
  }
  /// Always inlined: GCC takes a function that only prefetches for one without effect, and drops
  /// its calls.
  [[gnu::always_inline]] void fetch(std::size_t i, std::size_t j) const noexcept {
    if (i >= rows_.count + rows_.following) return;
    const T* row = this->row(i);
    __builtin_prefetch(row + j);
    if (j > 0) return;
    // A row that begins within a line ends in one more than it fills.
    __builtin_prefetch(row + lastRead_);
    __builtin_prefetch(rows_.targets + index(i));
  }

  const Rows<T>& rows_;
  std::size_t ahead_;
  std::size_t lastRead_;  ///< the last column that the last vector of a row reads
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
