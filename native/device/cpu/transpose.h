#pragma once

#include <cstddef>
#include <utility>

#include "pack.h"

// Rows of a few columns, turned into a pack for each column. Shuffles within 16 bytes are the cheap
// ones, so every 16 bytes of a pack take a group of rows of their own, and no value leaves them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t groupBytes = 16;

/// The rows of a group: as many as it has lanes.
template <typename T>
inline constexpr std::size_t groupRows = groupBytes / sizeof(T);

/// `bytes` bytes of groups that are `distance` values apart.
template <std::size_t bytes, typename T, std::size_t... lane>
inline auto loadGroups(const T* from, std::size_t distance, std::index_sequence<lane...>) noexcept {
  if constexpr (bytes == groupBytes) {
    using Group __attribute__((vector_size(groupBytes))) = T;
    Group group;
    __builtin_memcpy(&group, from, groupBytes);
    return group;
  } else {
    constexpr std::size_t half = bytes / 2;
    constexpr auto halfTheLanes = std::make_index_sequence<sizeof...(lane) / 2>{};
    const auto low = loadGroups<half>(from, distance, halfTheLanes);
    const auto high = loadGroups<half>(from + half / groupBytes * distance, distance, halfTheLanes);
    return __builtin_shufflevector(low, high, static_cast<int>(lane)...);
  }
}

/// Every second value, group by group: those of `a`, then those of `b`.
template <std::size_t first, typename T, std::size_t... lane>
inline Pack<T> everySecond(Pack<T> a, Pack<T> b, std::index_sequence<lane...>) noexcept {
  constexpr auto source = [](std::size_t at) {
    constexpr std::size_t rows = groupRows<T>;
    const std::size_t group = at / rows * rows;
    const std::size_t place = first + 2 * (at % rows);
    return group + (place < rows ? place : lanes<T> + place - rows);
  };
  return __builtin_shufflevector(a, b, static_cast<int>(source(lane))...);
}

/// The pack whose value at `place` belongs to column j of n. With n odd, each place has just one.
template <std::size_t n, std::size_t j, std::size_t rows>
constexpr std::size_t packWith(std::size_t place) noexcept {
  std::size_t value = j;
  while (value % rows != place % rows) value += n;
  return value / rows;
}

/// The values of column j that stand in the first `count` packs, each at the place where it is.
template <std::size_t n, std::size_t j, std::size_t count, typename T, std::size_t... lane>
inline Pack<T> columnInPlace(const Pack<T>* packs,
                             std::index_sequence<lane...> everyLane) noexcept {
  if constexpr (count == 1) {
    return packs[0];
  } else {
    constexpr std::size_t last = count - 1;
    return __builtin_shufflevector(
        columnInPlace<n, j, last, T>(packs, everyLane), packs[last],
        static_cast<int>(packWith<n, j, groupRows<T>>(lane) == last ? lanes<T> + lane : lane)...);
  }
}

/// Column j of n, an odd number.
template <std::size_t n, std::size_t j, typename T, std::size_t... lane>
inline Pack<T> oddColumn(const Pack<T>* packs, std::index_sequence<lane...> everyLane) noexcept {
  constexpr std::size_t rows = groupRows<T>;
  const Pack<T> column = columnInPlace<n, j, n, T>(packs, everyLane);
  return __builtin_shufflevector(
      column, column, static_cast<int>(lane / rows * rows + (lane % rows * n + j) % rows)...);
}

/// Packs of groups as they stand in memory become columns: by halves while n is even.
template <std::size_t n, typename T>
inline void separateColumns(Pack<T>* packs) noexcept {
  using EveryLane = std::make_index_sequence<lanes<T>>;
  if constexpr (n % 2 == 0) {
    Pack<T> even[n / 2];
    Pack<T> odd[n / 2];
    for (std::size_t k = 0; k < n / 2; ++k) {
      even[k] = everySecond<0, T>(packs[2 * k], packs[2 * k + 1], EveryLane{});
      odd[k] = everySecond<1, T>(packs[2 * k], packs[2 * k + 1], EveryLane{});
    }
    separateColumns<n / 2, T>(even);
    separateColumns<n / 2, T>(odd);
    for (std::size_t k = 0; k < n / 2; ++k) {
      packs[2 * k] = even[k];
      packs[2 * k + 1] = odd[k];
    }
  } else if constexpr (n > 1) {
    const auto separate = [packs]<std::size_t... j>(std::index_sequence<j...>) {
      const Pack<T> columns[n] = {oddColumn<n, j, T>(packs, EveryLane{})...};
      for (std::size_t k = 0; k < n; ++k) packs[k] = columns[k];
    };
    separate(std::make_index_sequence<n>{});
  }
}

/// The columns of lanes<T> rows of n values that follow each other, row i in lane i.
template <std::size_t n, typename T>
inline void transpose(const T* rows, Pack<T>* columns) noexcept {
  constexpr auto everyLane = std::make_index_sequence<lanes<T>>{};
  for (std::size_t j = 0; j < n; ++j) {
    columns[j] = loadGroups<packBytes>(rows + j * groupRows<T>, groupRows<T> * n, everyLane);
  }
  separateColumns<n, T>(columns);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
