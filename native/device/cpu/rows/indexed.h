#pragma once

#include "ahead.h"
#include "stream.h"

// Rows in an order of their own, asked for ahead as neighbours.h does.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, bool weighted, Reading why = Reading::dotsAndSums>
class Indexed {
 public:
  static constexpr bool asksAhead = true;
  static constexpr bool areNeighbours = false;
  static constexpr Reading reading = why;

  std::size_t count;  ///< fewer at the end

  Indexed(const Rows<T>& rows, std::size_t atHand) noexcept
      : count(atHand < rows.count ? atHand : rows.count),
        rows_(rows),
        indices_(rows.indices + rows.first),
        left_(rows.count),
        last_(rows.count + rows.following - 1),
        ahead_(indexedAhead<T>(rows.columns, atHand)) {
    find(0, count, found_[0]);
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return found_[current_].rows[i]; }
  [[nodiscard]] Labels<T, weighted> labels() const noexcept { return found_[current_].labels(); }

  [[nodiscard]] const T* following(std::size_t i) const noexcept {
    return rowAt(i + ahead_ < last_ ? i + ahead_ : last_);
  }

  void findNext() noexcept { find(count, countAfter(count), found_[1 - current_]); }

  void advance() noexcept {
    indices_ += count;
    left_ -= count;
    last_ -= count;
    count = countAfter(0);
    current_ = 1 - current_;
  }

 private:
  /// Of the rows that are left after so many.
  [[nodiscard]] std::size_t countAfter(std::size_t rows) const noexcept {
    return count < left_ - rows ? count : left_ - rows;
  }
  [[nodiscard]] const T* rowAt(std::size_t i) const noexcept { return rows_.row(indices_[i]); }
  void find(std::size_t from, std::size_t howMany, Found<T, weighted>& found) const noexcept {
    for (std::size_t i = 0; i < howMany; ++i) {
      found.rows[i] = rowAt(from + i);
      found.label(i, rows_, indices_[from + i]);
    }
    found.fillUp(howMany);
  }

  const Rows<T>& rows_;
  const std::uint32_t* indices_;
  std::size_t left_;
  std::size_t last_;  ///< of those known, from `indices_` on
  std::size_t ahead_;
  std::size_t current_ = 0;
  Found<T, weighted> found_[2];
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
