#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "layout.h"
#include "sparse_columns.h"
#include "sparse_storage.h"
#include "summary.h"

namespace thalweg {

/// What a sparse column stands for in a row where it holds nothing.
[[nodiscard]] inline double atZero(const Layout& layout, std::size_t column) noexcept {
  return layout.scales.empty() ? 0 : -layout.means[column] / layout.scales[column];
}

/// Puts a value of each column as it is held where X has that column.
template <typename V>
void putByColumns(const Layout& layout, std::span<const V> held, V* ofX) {
  for (std::size_t h = 0; h < held.size(); ++h) {
    if (layout.place(h) != Layout::nowhere) ofX[layout.place(h)] = held[h];
  }
}

/// The same of numbers, by all columns of X.
[[nodiscard]] inline std::vector<double> numbersOfX(const Layout& layout,
                                                    std::span<const double> held) {
  std::vector<double> numbers(layout.columns());
  putByColumns(layout, held, numbers.data());
  return numbers;
}

/// Rows with sparse columns in the memory of the host: what they hold, and what that stands for.
template <typename T>
struct HeldRows {
  const Layout& layout;
  SparseColumns<T> sparse;  ///< of all rows
  const T* dense;           ///< the dense columns from row `firstDense` on
  std::uint64_t firstDense = 0;

  /// A value of every column as it is held; of none of X's it is 0.
  void writeHeld(std::uint64_t row, T* held) const {
    std::copy_n(denseOf(row), layout.dense, held);
    for (std::size_t j = 0; j < sparse.count; ++j)
      held[layout.dense + j] = static_cast<T>(atZero(layout, j));
    eachOfX(row, [&](std::size_t column, double value) {
      held[layout.dense + column] = static_cast<T>(value);
    });
  }

  /// The columns of X of some rows.
  void writeOut(std::uint64_t first, std::uint64_t count, T* rows) const {
    std::vector<T> held(layout.held());
    for (std::uint64_t row = first; row < first + count; ++row, rows += layout.columns()) {
      writeHeld(row, held.data());
      putByColumns<T>(layout, held, rows);
    }
  }

  /// The largest ‖x‖² of some rows.
  [[nodiscard]] double largestNorm(std::uint64_t first, std::uint64_t count) const {
    double ofZeros = 0;
    for (std::size_t j = 0; j < sparse.count; ++j) ofZeros += atZero(layout, j) * atZero(layout, j);
    double largest = 0;
    for (std::uint64_t row = first; row < first + count; ++row) {
      double norm = ofZeros;
      const T* const values = denseOf(row);
      for (std::size_t j = 0; j < layout.dense; ++j)
        norm += static_cast<double>(values[j]) * static_cast<double>(values[j]);
      eachOfX(row, [&](std::size_t column, double value) {
        norm += value * value - atZero(layout, column) * atZero(layout, column);
      });
      largest = std::max(largest, norm);
    }
    return largest;
  }

  /// Adds x² of some rows to that of each held column. Of a layout that is not centred.
  void addSquares(std::uint64_t first, std::uint64_t count, std::span<double> squares) const {
    for (std::uint64_t row = first; row < first + count; ++row) {
      const T* const values = denseOf(row);
      for (std::size_t j = 0; j < layout.dense; ++j)
        squares[j] += static_cast<double>(values[j]) * static_cast<double>(values[j]);
      eachEntry(sparse, row, [&](std::size_t column, T entry) {
        const double scale = layout.scales.empty() ? 1 : layout.scales[column];
        const double value = static_cast<double>(entry) / scale;
        squares[layout.dense + column] += value * value;
      });
    }
  }

  /// What is known of some rows.
  [[nodiscard]] Summary summaryOf(std::uint64_t first, std::uint64_t count) const {
    if (layout.columns() == 1) {
      std::vector<T> values(count);
      writeOut(first, count, values.data());
      return summarize(std::as_bytes(std::span(values)),
                       sizeof(T) == sizeof(float) ? Dtype::float32 : Dtype::float64, 1, first);
    }
    Summary summary;
    summary.maxRowNormSquared = largestNorm(first, count);
    return summary;
  }

 private:
  [[nodiscard]] const T* denseOf(std::uint64_t row) const noexcept {
    return dense + (row - firstDense) * layout.dense;
  }

  /// Calls see(sparse column, what it stands for) for what is not 0 of a row, in columns of X.
  template <typename See>
  void eachOfX(std::uint64_t row, const See& see) const {
    eachEntry(sparse, row, [&](std::size_t column, T entry) {
      if (layout.place(layout.dense + column) == Layout::nowhere) return;
      const auto value = static_cast<double>(entry);
      see(column,
          layout.scales.empty() ? value : (value - layout.means[column]) / layout.scales[column]);
    });
  }
};

}  // namespace thalweg
