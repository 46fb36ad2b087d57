#pragma once

#include "rows_ahead.h"

// Rows in an order of their own, a few at a time, from the first to the last, as run_of_rows.h has
// them of neighbours.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, Reading why = Reading::dotsAndSums>
class RunOfIndices {
 public:
  static constexpr bool areNeighbours = false;
  static constexpr Reading reading = why;

  std::size_t count;  ///< fewer in the last run; up to whole vectors, the first row stands in

  RunOfIndices(const Rows<T>& rows, std::size_t rowsInRun) noexcept
      : count(rowsInRun < rows.count ? rowsInRun : rows.count),
        rows_(rows),
        indices_(rows.indices + rows.first),
        left_(rows.count),
        last_(rows.count + rows.following - 1),
        ahead_(std::max(rowsInRun, rowsToFetchAhead<T>(rows.columns))) {
    find(0, count, found_[0]);
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return found_[current_].rows[i]; }
  [[nodiscard]] const T* targets() const noexcept { return found_[current_].targets; }

  /// The row to ask for along with row i.
  [[nodiscard]] const T* following(std::size_t i) const noexcept {
    return rowAt(i + ahead_ < last_ ? i + ahead_ : last_);
  }

  /// To be called before the work on a run, unless it is the last: what was just stored value by
  /// value takes long to load as vectors.
  void findNext() noexcept { find(count, countAfter(count), found_[1 - current_]); }

  void advance() noexcept {
    indices_ += count;
    left_ -= count;
    last_ -= count;
    count = countAfter(0);
    current_ = 1 - current_;
  }

 private:
  struct Found {
    const T* rows[maxTileRows];
    T targets[maxTileRows];
  };

  /// Of the rows that are left after so many.
  [[nodiscard]] std::size_t countAfter(std::size_t rows) const noexcept {
    return count < left_ - rows ? count : left_ - rows;
  }
  [[nodiscard]] const T* rowAt(std::size_t i) const noexcept {
    return rows_.data + indices_[i] * rows_.columns;
  }
  void find(std::size_t from, std::size_t howMany, Found& found) const noexcept {
    for (std::size_t i = 0; i < howMany; ++i) {
      found.rows[i] = rowAt(from + i);
      found.targets[i] = rows_.targets[indices_[from + i]];
    }
    for (std::size_t i = howMany; i % rowGroup<T> != 0; ++i) {
      found.rows[i] = found.rows[0];
      found.targets[i] = 0;
    }
  }

  const Rows<T>& rows_;
  const std::uint32_t* indices_;
  std::size_t left_;
  std::size_t last_;  ///< of those known, from `indices_` on
  std::size_t ahead_;
  std::size_t current_ = 0;
  Found found_[2];
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
