#pragma once

#include "level.h"
#include "pack.h"

// A tile: a few rows that stay in cache between the dot with θ and the accumulation of δ·x, so that
// X comes from memory once.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t maxTileRows = 64;

/// Rows that follow each other in a tile come from so many places: a quarter of the selection apart
/// they are long streams in pages of their own, which the processor fetches ahead; side by side
/// they share a page, which it takes for one stream in disorder.
inline constexpr std::size_t streams = 4;

/// Full tiles have a multiple of so many rows: whole vectors of them, and as many of each stream.
template <typename T>
inline constexpr std::size_t rowGroup = lanes<T> < streams ? streams : lanes<T>;

template <typename T>
struct Tile {
  std::size_t count = 0;
  const T* rows[maxTileRows] = {};  ///< the last group is filled with row 0
  T targets[maxTileRows] = {};

  [[nodiscard]] const T* row(std::size_t i) const noexcept { return rows[i]; }
};

/// The tiles of a selection of rows.
template <typename T>
class Tiles {
 public:
  /// In streams the tiles have the rows in an order of their own.
  Tiles(const Rows<T>& rows, std::size_t rowsPerTile, std::size_t streamCount) noexcept
      : rows_(rows),
        rowsPerTile_(rowsPerTile),
        streams_(streamCount),
        streamRows_(streamCount > 1 && rows.indices == nullptr ? rows.count / streamCount : 0) {}

  [[nodiscard]] std::size_t count() const noexcept {
    return (rows_.count + rowsPerTile_ - 1) / rowsPerTile_;
  }

  /// Finds the rows and the targets of tile k.
  void find(std::size_t k, Tile<T>& tile) const noexcept {
    const std::size_t from = k * rowsPerTile_;
    const std::size_t left = rows_.count - from;
    tile.count = left < rowsPerTile_ ? left : rowsPerTile_;
    std::size_t i = 0;
    for (std::size_t at = from / streams_; at < streamRows_ && i < tile.count; ++at) {
      for (std::size_t s = 0; s < streams_; ++s, ++i)
        put(rows_.first + s * streamRows_ + at, i, tile);
    }
    for (; i < tile.count; ++i) {
      const std::size_t at = rows_.first + from + i;
      put(rows_.indices ? rows_.indices[at] : at, i, tile);
    }
    fillUp(i, tile);
  }

 private:
  void put(std::size_t row, std::size_t i, Tile<T>& tile) const noexcept {
    tile.rows[i] = rows_.data + row * rows_.columns;
    if (rows_.targets) tile.targets[i] = rows_.targets[row];
  }

  static void fillUp(std::size_t i, Tile<T>& tile) noexcept {
    for (; i % rowGroup<T> != 0; ++i) tile.rows[i] = tile.rows[0];
  }

  const Rows<T>& rows_;
  std::size_t rowsPerTile_;
  std::size_t streams_;
  std::size_t streamRows_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
