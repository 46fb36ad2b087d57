#pragma once

#include "stream.h"

// Tiles of rows: a few that stay in cache between the dot with θ and the accumulation of δ·x, so
// that X comes from memory once. Nothing is asked for ahead: that is left to the processor, which
// does so best where a tile has its rows from places a quarter of the selection apart. They are
// long streams in pages of their own; side by side they share a page, which it takes for one
// stream in disorder.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, bool weighted>
class Tiles {
 public:
  static constexpr bool asksAhead = false;

  std::size_t count;  ///< fewer at the end

  /// The selection has its rows as X has them; from several places the tiles do not.
  Tiles(const Rows<T>& rows, std::size_t atHand, std::size_t places) noexcept
      : count(atHand < rows.count ? atHand : rows.count),
        rows_(rows),
        places_(places),
        rowsOfPlace_(places > 1 ? rows.count / places : 0) {
    find(0, count, found_[0]);
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return found_[current_].rows[i]; }
  [[nodiscard]] Labels<T, weighted> labels() const noexcept { return found_[current_].labels(); }

  void findNext() noexcept { find(at_ + count, countFrom(at_ + count), found_[1 - current_]); }

  void advance() noexcept {
    at_ += count;
    count = countFrom(at_);
    current_ = 1 - current_;
  }

 private:
  [[nodiscard]] std::size_t countFrom(std::size_t at) const noexcept {
    return count < rows_.count - at ? count : rows_.count - at;
  }

  /// One function for all kinds of rows: it is long where it is inlined.
  [[gnu::noinline]] void find(std::size_t from, std::size_t howMany,
                              Found<T, weighted>& found) const noexcept {
    std::size_t i = 0;
    for (std::size_t at = from / places_; at < rowsOfPlace_ && i < howMany; ++at) {
      for (std::size_t place = 0; place < places_; ++place, ++i)
        put(rows_.first + place * rowsOfPlace_ + at, i, found);
    }
    for (; i < howMany; ++i) put(rows_.first + from + i, i, found);
    found.fillUp(howMany);
  }

  void put(std::size_t number, std::size_t i, Found<T, weighted>& found) const noexcept {
    found.rows[i] = rows_.row(number);
    if (rows_.targets) found.label(i, rows_, number);
  }

  const Rows<T>& rows_;
  std::size_t places_;
  std::size_t rowsOfPlace_;
  std::size_t at_ = 0;
  std::size_t current_ = 0;
  Found<T, weighted> found_[2];
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
