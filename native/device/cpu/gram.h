#pragma once

#include "level.h"
#include "pack.h"

// AᵀWA of A = [X, 1, y], y of one target a row or several, and the weights W in float64: a few rows
// of A, and of WA where they are weighted, at a time, copied and padded, and of the result a block
// at a time that stays in registers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// A block of the result: so many rows by so many packs. Its sums and what feeds them fill the 16
/// registers of AVX2.
inline constexpr std::size_t gramBlockRows = 4;
inline constexpr std::size_t gramBlockPacks = packBytes > 16 ? 3 : 2;

/// Copies rows [from, from + count) of the selection to A as float64, `stride` values apart; and
/// the same times their weights to WA. Behind the last target of each stand zeros already.
template <bool weighted, typename T>
void copyRows(const Rows<T>& rows, std::size_t targets, std::size_t from, std::size_t count,
              std::size_t stride, double* A, double* WA) noexcept {
  const std::size_t n = rows.columns;
  for (std::size_t r = 0; r < count; ++r) {
    const std::size_t number = rows.first + from + r;
    const T* row = rows.row(number);
    double* a = A + r * stride;
    for (std::size_t j = 0; j < n; ++j) a[j] = static_cast<double>(row[j]);
    a[n] = 1;
    for (std::size_t k = 0; k < targets; ++k)
      a[n + 1 + k] = static_cast<double>(rows.target(number * targets + k));
    if constexpr (weighted) {
      const auto weight = static_cast<double>(rows.weight(number));
      for (std::size_t j = 0; j < n + 1 + targets; ++j) WA[r * stride + j] = weight * a[j];
    }
  }
}

/// Adds to the block of the result at (p, q), so many packs wide, the products of `count` rows.
template <std::size_t packs>
inline void addBlock(const double* WA, const double* A, std::size_t count, std::size_t stride,
                     std::size_t p, std::size_t q, double* gram) noexcept {
  Pack<double> sums[gramBlockRows][packs] = {};
  for (std::size_t r = 0; r < count; ++r) {
    const double* a = A + r * stride;
    const double* left = WA + r * stride;
    Pack<double> right[packs];
    for (std::size_t k = 0; k < packs; ++k) right[k] = load(a + q + k * lanes<double>);
    for (std::size_t i = 0; i < gramBlockRows; ++i) {
      for (std::size_t k = 0; k < packs; ++k) sums[i][k] += right[k] * left[p + i];
    }
  }
  for (std::size_t i = 0; i < gramBlockRows; ++i) {
    for (std::size_t k = 0; k < packs; ++k) {
      double* out = gram + (p + i) * stride + q + k * lanes<double>;
      store(out, load(out) + sums[i][k]);
    }
  }
}

/// The same of a block of which the result has `columns` columns: the packs beyond are left out.
inline void addBlock(const double* WA, const double* A, std::size_t count, std::size_t stride,
                     std::size_t p, std::size_t q, std::size_t columns, double* gram) noexcept {
  if (columns <= lanes<double>) return addBlock<1>(WA, A, count, stride, p, q, gram);
  if (columns <= 2 * lanes<double>) return addBlock<2>(WA, A, count, stride, p, q, gram);
  addBlock<gramBlockPacks>(WA, A, count, stride, p, q, gram);
}

template <bool weighted, typename T>
void addGram(const Rows<T>& rows, std::size_t targets, std::size_t stride, double* scratch,
             double* total) {
  const std::size_t width = rows.columns + 1 + targets;
  double* WA = weighted ? scratch + gramTileRows * stride : scratch;
  constexpr std::size_t blockColumns = gramBlockPacks * lanes<double>;
  for (std::size_t from = 0; from < rows.count; from += gramTileRows) {
    const std::size_t left = rows.count - from;
    const std::size_t count = left < gramTileRows ? left : gramTileRows;
    copyRows<weighted>(rows, targets, from, count, stride, scratch, WA);
    for (std::size_t p = 0; p < width; p += gramBlockRows) {
      for (std::size_t q = p / blockColumns * blockColumns; q < width; q += blockColumns)
        addBlock(WA, scratch, count, stride, p, q, width - q, total);
    }
  }
}

template <typename T>
void gram(const Rows<T>& rows, std::size_t targets, std::size_t stride, double* scratch,
          double* total) {
  if (rows.weights) return addGram<true>(rows, targets, stride, scratch, total);
  addGram<false>(rows, targets, stride, scratch, total);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
