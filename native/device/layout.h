#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace thalweg {

/// The bytes of a code: 1, 2 or 4.
[[nodiscard]] constexpr std::size_t codeBytes(std::uint64_t levels) noexcept {
  return levels <= 1U << 8U ? 1 : levels <= 1U << 16U ? 2 : 4;
}

/// How the rows of a matrix are held: dense columns, row-major, and behind them sparse ones, of
/// which only what is not 0 is held: columns of codes, each as many columns of 0 and 1 as it has
/// levels, and then columns of compressed rows (CSR).
struct Layout {
  /// In `places`: of a level that no column of X stands for.
  static constexpr std::uint32_t nowhere = 0xffffffff;

  std::uint64_t dense = 0;
  std::vector<std::uint64_t> levels{};  ///< of each column of codes
  std::uint64_t compressed = 0;         ///< columns of compressed rows
  std::uint64_t entries = 0;            ///< of these, at most
  /// Of the sparse columns, which are held as they are and computed with as (x − mean)/scale; none:
  /// as they are.
  std::vector<double> means{};
  std::vector<double> scales{};
  std::vector<std::uint32_t> places{};  ///< see place(); none: in this order

  [[nodiscard]] std::uint64_t coded() const noexcept {
    return std::accumulate(levels.begin(), levels.end(), std::uint64_t{0});
  }
  [[nodiscard]] std::uint64_t sparse() const noexcept { return coded() + compressed; }
  /// Whether a sparse column stands for anything but 0 where it holds nothing.
  [[nodiscard]] bool isCentred() const noexcept {
    return std::any_of(means.begin(), means.end(), [](double mean) { return mean != 0; });
  }
  /// Columns as they are held.
  [[nodiscard]] std::uint64_t held() const noexcept { return dense + sparse(); }
  /// The column of X that a held one is, or nowhere.
  [[nodiscard]] std::uint32_t place(std::size_t column) const noexcept {
    return places.empty() ? static_cast<std::uint32_t>(column) : places[column];
  }
  /// What so many rows take, whose values have so many bytes.
  [[nodiscard]] std::uint64_t bytes(std::uint64_t rows, std::size_t valueBytes) const noexcept {
    std::uint64_t ofRow = dense * valueBytes;
    for (const std::uint64_t count : levels) ofRow += codeBytes(count);
    if (compressed > 0) ofRow += sizeof(std::uint64_t);
    return rows * ofRow + entries * (valueBytes + sizeof(std::uint32_t));
  }
  /// Whether a held column is none of X's.
  [[nodiscard]] bool leavesOut() const noexcept {
    return std::find(places.begin(), places.end(), nowhere) != places.end();
  }
  /// That of the same X with its compressed columns held in another order: the first is number
  /// order[0] of them now.
  [[nodiscard]] Layout withCompressed(std::span<const std::uint32_t> order) const {
    Layout ordered = *this;
    const std::uint64_t first = coded();
    ordered.places.resize(held());
    for (std::uint64_t h = 0; h < dense + first; ++h) ordered.places[h] = place(h);
    for (std::uint64_t j = 0; j < order.size(); ++j) {
      const std::uint64_t from = first + order[j];
      ordered.places[dense + first + j] = place(dense + from);
      if (scales.empty()) continue;
      ordered.means[first + j] = means[from];
      ordered.scales[first + j] = scales[from];
    }
    return ordered;
  }
  /// That of X·2^exponent with the same sparse columns.
  [[nodiscard]] Layout timesPowerOfTwo(int exponent) const {
    Layout scaled = *this;
    scaled.means.resize(sparse());
    scaled.scales.resize(sparse(), 1);
    for (double& scale : scaled.scales) scale = std::ldexp(scale, -exponent);
    return scaled;
  }
  /// Columns of X.
  [[nodiscard]] std::uint64_t columns() const noexcept {
    if (places.empty()) return held();
    return held() - static_cast<std::uint64_t>(std::count(places.begin(), places.end(), nowhere));
  }
};

/// Values in the memory of the host, so many bytes each.
struct HostCodes {
  const void* data = nullptr;
  std::size_t bytes = 1;
};

/// The sparse part of neighbouring rows, on its way to a matrix.
struct SparseRows {
  std::uint64_t count = 0;
  std::vector<HostCodes> codes{};  ///< of each column of codes, `count` of them
  /// Of compressed rows: how many entries each row has, and all of these row by row, by rising
  /// column.
  std::span<const std::uint32_t> lengths{};
  std::span<const std::uint32_t> columns{};
  const void* values = nullptr;
  bool areDoubles = true;
};

}  // namespace thalweg
