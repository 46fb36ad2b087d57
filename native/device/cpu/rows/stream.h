#pragma once

#include "../labels.h"
#include "../level.h"
#include "../pack.h"

// How loops reach the rows of a selection: as a stream, a few rows at a time, from the first to the
// last. Some streams ask memory for the rows that come next. A stream has
//
//   count          rows at hand
//   row(i)         where row i of them begins; up to whole groups of rows, some row stands in
//   labels()       their targets, and their weights where they are weighted, as many
//   findNext()     to be called before the work on them, unless they are the last: what was just
//                  stored value by value takes long to load as vectors
//   advance()      goes on to the next
//   asksAhead      whether it has
//   following(i)   the row to ask for along with row i
//   reading        what for the rows are read
//   areNeighbours  whether they follow each other in memory
//
// Neighbours (neighbours.h) and Indexed (indexed.h) ask ahead, Tiles (tiles.h) do not. Steps of one
// row each have a stream of their own, OneByOne (one_by_one.h). ahead.h says how far ahead.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Rows at hand, at most.
inline constexpr std::size_t mostRowsAtHand = 64;

/// Rows that follow each other in a tile come from so many places, see tiles.h.
inline constexpr std::size_t placesOfTiles = 4;

/// Rows that are found go in groups of so many: whole vectors of them, and as many of each place.
template <typename T>
inline constexpr std::size_t rowGroup = lanes<T> < placesOfTiles ? placesOfTiles : lanes<T>;

enum class Reading { dotsAndSums, dotsOnly };

/// How many times a stream has so many rows at hand.
constexpr std::size_t turnsOf(std::size_t rows, std::size_t atHand) noexcept {
  return (rows + atHand - 1) / atHand;
}

/// Rows at hand that do not simply follow each other.
template <typename T, bool weighted>
struct Found {
  const T* rows[mostRowsAtHand];
  T targets[mostRowsAtHand];
  T weights[weighted ? mostRowsAtHand : 1];

  [[nodiscard]] Labels<T, weighted> labels() const noexcept {
    if constexpr (weighted)
      return {targets, weights};
    else
      return Labels<T, weighted>(targets);
  }

  void label(std::size_t i, const Rows<T>& from, std::size_t number) noexcept {
    targets[i] = from.target(number);
    if constexpr (weighted) weights[i] = from.weight(number);
  }

  /// After `count` of them, the first stands in for what a group lacks.
  void fillUp(std::size_t count) noexcept {
    for (std::size_t i = count; i % rowGroup<T> != 0; ++i) {
      rows[i] = rows[0];
      targets[i] = 0;
      if constexpr (weighted) weights[i] = 0;
    }
  }
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
