#pragma once

#include "level.h"
#include "pack.h"

// A tile: a few rows that stay in cache between the dot with θ and the accumulation of δ·x, so that
// X comes from memory once.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t maxTileRows = 64;

/// As many rows as half of a 32 KiB first-level cache holds; wide rows four, two or one at a time,
/// as half of a 512 KiB second-level cache allows.
template <typename T>
std::size_t tileRows(std::size_t columns) noexcept {
  const std::size_t rowBytes = columns * sizeof(T);
  constexpr std::size_t firstLevel = std::size_t{16} << 10U;
  constexpr std::size_t secondLevel = std::size_t{256} << 10U;
  if (4 * rowBytes <= firstLevel) {
    const std::size_t rows = firstLevel / rowBytes / 4 * 4;
    return rows < maxTileRows ? rows : maxTileRows;
  }
  if (4 * rowBytes <= secondLevel) return 4;
  return 2 * rowBytes <= secondLevel ? 2 : 1;
}

template <typename T>
struct Tile {
  const T* rows[maxTileRows];
  const T* targets;
  T gathered[maxTileRows];
  std::size_t count;
};

template <typename T>
inline const T* rowAt(const Rows<T>& rows, std::size_t i) noexcept {
  const std::size_t row = rows.indices ? rows.indices[rows.first + i] : rows.first + i;
  return rows.data + row * rows.columns;
}

/// Finds rows [from, from + count) of the selection and their targets.
template <typename T>
inline void fill(Tile<T>& tile, const Rows<T>& rows, std::size_t from, std::size_t count) noexcept {
  tile.count = count;
  for (std::size_t i = 0; i < count; ++i) tile.rows[i] = rowAt(rows, from + i);
  if (rows.indices == nullptr) {
    tile.targets = rows.targets + rows.first + from;
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    tile.gathered[i] = rows.targets[rows.indices[rows.first + from + i]];
  tile.targets = tile.gathered;
}

/// z of `count` rows at once, so that each vector of θ is loaded once for all of them.
template <std::size_t count, typename T>
inline void dots(const T* const* rows, const Parameters<T>& at, std::size_t columns,
                 T* z) noexcept {
  Pack<T> even[count] = {};
  Pack<T> odd[count] = {};
  std::size_t j = 0;
  for (; j + 2 * lanes<T> <= columns; j += 2 * lanes<T>) {
    const Pack<T> theta0 = load(at.theta + j);
    const Pack<T> theta1 = load(at.theta + j + lanes<T>);
    for (std::size_t r = 0; r < count; ++r) {
      even[r] += load(rows[r] + j) * theta0;
      odd[r] += load(rows[r] + j + lanes<T>) * theta1;
    }
  }
  // The last vectors may reach past the row: θ's padding of zeros takes what they find there out of
  // the sum.
  for (; j < columns; j += lanes<T>) {
    const Pack<T> theta = load(at.theta + j);
    for (std::size_t r = 0; r < count; ++r) even[r] += load(rows[r] + j) * theta;
  }
  for (std::size_t r = 0; r < count; ++r) z[r] = sum<T>(even[r] + odd[r]) + at.intercept;
}

template <typename T>
inline void dots(const Tile<T>& tile, const Parameters<T>& at, std::size_t columns, T* z) noexcept {
  std::size_t i = 0;
  for (; i + 4 <= tile.count; i += 4) dots<4>(tile.rows + i, at, columns, z + i);
  for (; i < tile.count; ++i) dots<1>(tile.rows + i, at, columns, z + i);
}

/// gradient += Σ δᵣ·xᵣ over `count` rows; writes past `columns` into the padding of `gradient`.
template <std::size_t count, typename T>
inline void accumulate(const T* const* rows, const T* delta, std::size_t columns,
                       T* gradient) noexcept {
  for (std::size_t j = 0; j < columns; j += lanes<T>) {
    Pack<T> g = load(gradient + j);
    for (std::size_t r = 0; r < count; ++r) g += load(rows[r] + j) * delta[r];
    store(gradient + j, g);
  }
}

template <typename T>
inline void accumulate(const Tile<T>& tile, const T* delta, std::size_t columns,
                       T* gradient) noexcept {
  std::size_t i = 0;
  for (; i + 4 <= tile.count; i += 4) accumulate<4>(tile.rows + i, delta + i, columns, gradient);
  for (; i < tile.count; ++i) accumulate<1>(tile.rows + i, delta + i, columns, gradient);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
