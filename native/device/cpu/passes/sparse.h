#pragma once

#include "../level.h"
#include "../pack.h"

// The part that sparse columns have in a tile of rows: what is not 0 is looked up in θ, and added
// to the gradient where it belongs, in float64 and in the order of the rows.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// The rows of a tile, by their numbers in X.
struct RowNumbers {
  std::size_t count = 0;
  std::size_t numbers[mostOutputRows];
};

/// Calls use(code of row i, i) for the rows of a tile.
template <typename Code, typename Use>
[[gnu::always_inline]] inline void forCodesOf(const CodeColumn& column, const RowNumbers& tile,
                                              const Use& use) noexcept {
  const auto* const codes = static_cast<const Code*>(column.codes);
  for (std::size_t i = 0; i < tile.count; ++i) use(codes[tile.numbers[i]], i);
}

template <typename Use>
[[gnu::always_inline]] inline void forCodes(const CodeColumn& column, const RowNumbers& tile,
                                            const Use& use) noexcept {
  if (column.bytes == 1) return forCodesOf<std::uint8_t>(column, tile, use);
  if (column.bytes == 2) return forCodesOf<std::uint16_t>(column, tile, use);
  forCodesOf<std::uint32_t>(column, tile, use);
}

/// Entries of compressed rows that neighbour each other.
struct Entries {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] std::size_t count() const noexcept { return end - begin; }
};

/// Those of a row of X; none where no rows are compressed.
template <typename T>
[[gnu::always_inline]] inline Entries compressedOf(const SparseColumns<T>& sparse,
                                                   std::size_t row) noexcept {
  if (sparse.values == nullptr) return {};
  return {sparse.begins[row], sparse.begins[row + 1]};
}

/// As many as make a tile: while they are added to the gradient those of the next tile are fetched,
/// which the first-level cache holds beside them.
inline constexpr std::size_t entriesOfTile = 512;

/// Asks for what will be read soon.
template <typename T>
[[gnu::always_inline]] inline void fetchEntries(const SparseColumns<T>& sparse,
                                                Entries entries) noexcept {
  for (std::size_t e = entries.begin; e < entries.end; e += lineColumns<std::uint32_t>)
    __builtin_prefetch(sparse.columns + e);
  for (std::size_t e = entries.begin; e < entries.end; e += lineColumns<T>)
    __builtin_prefetch(sparse.values + e);
}

/// θ of `count` columns, at most as many as there are lanes; 0 in the lanes that are left.
template <typename T>
[[gnu::always_inline]] inline Pack<T> gathered(const T* theta, const std::uint32_t* columns,
                                               std::size_t count) noexcept {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == sizeof(float)) {
    const auto mask = static_cast<__mmask16>(0xffffU >> (lanes<T> - count));
    return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask,
                                    _mm512_maskz_loadu_epi32(mask, columns), theta, sizeof(T));
  } else {
    const auto mask = static_cast<__mmask8>(0xffU >> (lanes<T> - count));
    return _mm512_mask_i32gather_pd(_mm512_setzero_pd(), mask,
                                    _mm256_maskz_loadu_epi32(mask, columns), theta, sizeof(T));
  }
#else
  Pack<T> pack = {};
  for (std::size_t lane = 0; lane < lanes<T>; ++lane)
    pack[lane] = lane < count ? theta[columns[lane]] : T{0};
  return pack;
#endif
}

/// Σ of values times θ of their columns. Behind the last value others may be read.
template <typename T>
[[gnu::always_inline]] inline T sparseDot(const T* values, const std::uint32_t* columns,
                                          std::size_t count, const T* theta) noexcept {
  Pack<T> sums = {};
  std::size_t e = 0;
  for (; e + lanes<T> <= count; e += lanes<T>)
    sums += load(values + e) * gathered(theta, columns + e, lanes<T>);
  if (e < count) sums += load(values + e) * gathered(theta, columns + e, count - e);
  return sum<T>(sums);
}

/// Adds what the sparse columns of a tile add to z: that of output k and row i is at
/// z[k·mostOutputRows + i].
template <typename T>
void addSparseDots(const Rows<T>& rows, const Parameters<T>& at, const RowNumbers& tile,
                   std::size_t outputs, T* z) noexcept {
  if (rows.sparse == nullptr) return;
  const SparseColumns<T>& sparse = *rows.sparse;
  for (std::size_t c = 0; c < sparse.codeCount; ++c) {
    const CodeColumn& column = sparse.codes[c];
    for (std::size_t k = 0; k < outputs; ++k) {
      const T* const theta = at.sparse + column.first * outputs + k;
      T* const zOfOutput = z + k * mostOutputRows;
      forCodes(column, tile,
               [&](std::size_t code, std::size_t i) { zOfOutput[i] += theta[code * outputs]; });
    }
  }
  if (sparse.values == nullptr) return;
  for (std::size_t i = 0; i < tile.count; ++i) {
    const Entries entries = compressedOf(sparse, tile.numbers[i]);
    const std::size_t count = entries.count();
    const T* const values = sparse.values + entries.begin;
    const std::uint32_t* const columns = sparse.columns + entries.begin;
    if (outputs == 1) {
      z[i] += sparseDot(values, columns, count, at.sparse);
      continue;
    }
    for (std::size_t e = 0; e < count; ++e) {
      const T* const theta = at.sparse + std::size_t{columns[e]} * outputs;
      for (std::size_t k = 0; k < outputs; ++k) z[k * mostOutputRows + i] += values[e] * theta[k];
    }
  }
}

/// Adds δ·x of some entries. Those of a row are of different columns.
template <typename T>
[[gnu::always_inline]] inline void addEntries(const SparseColumns<T>& sparse, Entries entries,
                                              double delta, double* gradient) noexcept {
  constexpr std::size_t together = 4;
  std::size_t e = entries.begin;
  for (; e + together <= entries.end; e += together) {
    double sums[together];
    for (std::size_t p = 0; p < together; ++p)
      sums[p] = gradient[sparse.columns[e + p]] + delta * static_cast<double>(sparse.values[e + p]);
    for (std::size_t p = 0; p < together; ++p) gradient[sparse.columns[e + p]] = sums[p];
  }
  for (; e < entries.end; ++e)
    gradient[sparse.columns[e]] += delta * static_cast<double>(sparse.values[e]);
}

/// The same of several outputs, whose δ are `stride` values apart.
template <typename T>
[[gnu::always_inline]] inline void addEntries(const SparseColumns<T>& sparse, Entries entries,
                                              std::size_t outputs, const T* delta,
                                              std::size_t stride, double* gradient) noexcept {
  if (outputs == 1) return addEntries(sparse, entries, static_cast<double>(*delta), gradient);
  for (std::size_t e = entries.begin; e < entries.end; ++e) {
    double* const sums = gradient + std::size_t{sparse.columns[e]} * outputs;
    const auto value = static_cast<double>(sparse.values[e]);
    for (std::size_t k = 0; k < outputs; ++k)
      sums[k] += static_cast<double>(delta[k * stride]) * value;
  }
}

/// Adds δ·x of the sparse columns of a tile to `gradient`, of which theirs is the first value; δ is
/// where z was. Asks for the entries of `next`.
template <typename T>
void addSparseGradient(const Rows<T>& rows, const RowNumbers& tile, const RowNumbers& next,
                       std::size_t outputs, const T* delta, double* gradient) noexcept {
  if (rows.sparse == nullptr) return;
  const SparseColumns<T>& sparse = *rows.sparse;
  for (std::size_t c = 0; c < sparse.codeCount; ++c) {
    const CodeColumn& column = sparse.codes[c];
    for (std::size_t k = 0; k < outputs; ++k) {
      double* const sums = gradient + column.first * outputs + k;
      const T* const deltaOfOutput = delta + k * mostOutputRows;
      forCodes(column, tile, [&](std::size_t code, std::size_t i) {
        sums[code * outputs] += static_cast<double>(deltaOfOutput[i]);
      });
    }
  }
  if (sparse.values == nullptr) return;
  for (std::size_t i = 0; i < tile.count; ++i) {
    const Entries entries = compressedOf(sparse, tile.numbers[i]);
    if (i < next.count) fetchEntries(sparse, compressedOf(sparse, next.numbers[i]));
    addEntries(sparse, entries, outputs, delta + i, mostOutputRows, gradient);
  }
}

/// Adds δ·x of compressed rows [first, end); δ is row by row.
template <typename T>
void gradientOfRows(const SparseColumns<T>& sparse, std::size_t first, std::size_t end,
                    const T* deltas, std::size_t outputs, double* gradient) {
  for (std::size_t row = first; row < end; ++row) {
    addEntries(sparse, compressedOf(sparse, row), outputs, deltas + row * outputs, 1, gradient);
  }
}

/// The same of columns [first, end) of all rows, which are added up in their order as well.
template <typename T>
void gradientOfColumns(const ColumnEntries<T>& entries, std::size_t first, std::size_t end,
                       const T* deltas, std::size_t outputs, double* gradient) {
  for (std::size_t column = first; column < end; ++column) {
    double* const sums = gradient + column * outputs;
    if (outputs == 1) {
      double sum = *sums;
      for (std::uint64_t e = entries.begins[column]; e < entries.begins[column + 1]; ++e)
        sum +=
            static_cast<double>(deltas[entries.rows[e]]) * static_cast<double>(entries.values[e]);
      *sums = sum;
      continue;
    }
    for (std::uint64_t e = entries.begins[column]; e < entries.begins[column + 1]; ++e) {
      const T* const delta = deltas + std::size_t{entries.rows[e]} * outputs;
      const auto value = static_cast<double>(entries.values[e]);
      for (std::size_t k = 0; k < outputs; ++k) sums[k] += static_cast<double>(delta[k]) * value;
    }
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
