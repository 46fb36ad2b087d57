#pragma once

#include "ahead.h"
#include "stream.h"

// Rows that follow each other in memory. While those at hand are worked on the memory is asked for
// what follows, for half of the lines while dots are formed and for the others while δ·x is added
// up, so that it idles in neither.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, bool weighted, Reading why = Reading::dotsAndSums>
class Neighbours {
 public:
  static constexpr bool asksAhead = true;
  static constexpr bool areNeighbours = true;
  static constexpr Reading reading = why;

  const std::size_t count;

  Neighbours(const Rows<T>& rows, std::size_t atHand) noexcept
      : count(atHand),
        first_(rows.row(rows.first)),
        labels_(rows),
        columns_(rows.columns),
        ahead_(neighboursAhead<T>(rows.columns, atHand)) {}

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return first_ + i * columns_; }
  [[nodiscard]] Labels<T, weighted> labels() const noexcept { return labels_; }

  /// It may lie beyond the last.
  [[nodiscard]] const T* following(std::size_t i) const noexcept { return row(i + ahead_); }

  /// Neighbours need not be found.
  void findNext() const noexcept {}

  void advance() noexcept {
    first_ += count * columns_;
    labels_.advance(count);
  }

 private:
  const T* first_;  ///< of those at hand
  Labels<T, weighted> labels_;
  std::size_t columns_;
  std::size_t ahead_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
