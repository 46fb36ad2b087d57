#pragma once

#include "../pack.h"
#include "ahead.h"

// The rows of stochastic steps, in an order of their own. Finds them and asks for the next ones.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
class OneByOne {
 public:
  explicit OneByOne(const Rows<T>& rows) noexcept
      : rows_(rows),
        ahead_(indexedAhead<T>(rows.columns, leastAhead)),
        lastRead_((rows.columns - 1) / lanes<T> * lanes<T> + lanes<T> - 1) {
    for (std::size_t i = 0; i < ahead_; ++i) {
      for (std::size_t j = 0; j < rows.columns; j += lineColumns<T>) fetch(i, j);
    }
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return rows_.row(index(i)); }
  [[nodiscard]] T target(std::size_t i) const noexcept { return rows_.target(index(i)); }

  /// Asks for a line of columns, from j on, of the row that is due some steps after i.
  [[gnu::always_inline]] void fetchAfter(std::size_t i, std::size_t j) const noexcept {
    fetch(i + ahead_, j);
  }

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
