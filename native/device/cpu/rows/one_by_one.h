#pragma once

#include "../labels.h"
#include "../pack.h"
#include "ahead.h"

// The rows of stochastic steps, in an order of their own. Finds them and asks for the next ones.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, bool weighted>
class OneByOne {
 public:
  /// Weights are multiplied with `weightScale`.
  OneByOne(const Rows<T>& rows, T weightScale) noexcept
      : rows_(rows),
        weightScale_(weightScale),
        ahead_(indexedAhead<T>(rows.columns, leastAhead)),
        lastRead_((rows.columns - 1) / lanes<T> * lanes<T> + lanes<T> - 1) {
    for (std::size_t i = 0; i < ahead_; ++i) {
      for (std::size_t j = 0; j < rows.columns; j += lineColumns<T>) fetch(i, j);
    }
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return rows_.row(index(i)); }
  /// The label of row i, in a lane.
  [[gnu::always_inline]] void pickLabel(std::size_t i, std::size_t lane,
                                        Label<T, weighted>& label) const noexcept {
    THALWEG_CPU_LEVEL::pickLabel(rows_, index(i), lane, label);
    if constexpr (weighted) label.weight[lane] *= weightScale_;
  }
  /// In every lane.
  [[nodiscard, gnu::always_inline]] Label<T, weighted> label(std::size_t i) const noexcept {
    if constexpr (weighted) {
      return {broadcast(rows_.target(index(i))), broadcast(rows_.weight(index(i)) * weightScale_)};
    } else {
      return broadcast(rows_.target(index(i)));
    }
  }

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
    if constexpr (weighted) __builtin_prefetch(rows_.weights + index(i));
  }

  const Rows<T>& rows_;
  T weightScale_;
  std::size_t ahead_;
  std::size_t lastRead_;  ///< the last column that the last vector of a row reads
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
