#pragma once

#include "ahead.h"
#include "stream.h"

// Rows that follow each other in memory. While those at hand are worked on the memory is asked for
// what follows, for half of the lines while dots are formed and for the others while δ·x is added
// up, so that it idles in neither.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, Reading why = Reading::dotsAndSums>
class Neighbours {
 public:
  static constexpr bool asksAhead = true;
  static constexpr bool areNeighbours = true;
  static constexpr Reading reading = why;

  const std::size_t count;

  Neighbours(const Rows<T>& rows, std::size_t atHand) noexcept
      : count(atHand), left_(rows), ahead_(neighboursAhead<T>(rows.columns, atHand)) {
    goOn(rows.first);
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return left_.row(i); }
  [[nodiscard]] const T* targets() const noexcept { return left_.targets; }

  /// It may lie beyond the last.
  [[nodiscard]] const T* following(std::size_t i) const noexcept { return row(i + ahead_); }

  /// Neighbours need not be found.
  void findNext() const noexcept {}

  void advance() noexcept { goOn(count); }

 private:
  void goOn(std::size_t rows) noexcept {
    left_.data = left_.row(rows);
    left_.targets += rows;
  }

  Rows<T> left_;  ///< begins with the first at hand
  std::size_t ahead_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
