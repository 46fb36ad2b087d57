#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cpu/memory.h"
#include "layout.h"
#include "sparse_columns.h"
#include "summary.h"

namespace thalweg {

/// What is held of the sparse columns of m rows. Of a layout's scaling it knows nothing: matrices
/// of several may share it.
class SparseStorage {
 public:
  /// Throws Error outOfMemory.
  SparseStorage(std::uint64_t rows, const Layout& layout, Dtype dtype);

  /// Rows from the first that is still to come on. Throws Error shape for a code or a column that
  /// there is not, notFinite with the row and column of a value that is not; columns are counted
  /// from `firstColumn` on. Callable on any thread, one at a time.
  void append(const SparseRows& rows, std::uint64_t firstColumn);

  /// Once all rows are here: renumbers compressed columns so that those which many rows hold
  /// something in are near each other, where that pays. Returns their numbers until now in the new
  /// order; none where nothing was done.
  [[nodiscard]] std::vector<std::uint32_t> orderByUse();

  /// As the loops know it, for the matrix's dtype.
  template <typename T>
  [[nodiscard]] SparseColumns<T> view() const noexcept {
    return {.codes = codeColumns_.data(),
            .codeCount = codeColumns_.size(),
            .values = values_ ? reinterpret_cast<const T*>(values_->data()) : nullptr,
            .columns = values_ ? reinterpret_cast<const std::uint32_t*>(columns_->data()) : nullptr,
            .begins = begins_.data(),
            .count = count_};
  }

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t columns() const noexcept { return count_; }
  [[nodiscard]] Dtype dtype() const noexcept { return dtype_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// The bytes of a row, on average.
  [[nodiscard]] std::size_t rowBytes() const noexcept { return bytes() / rows_; }
  /// Whether sums of all columns are much beside the rows: compressed ones without codes, of very
  /// many columns that have a few entries each.
  [[nodiscard]] bool hasFewAColumn() const noexcept;
  /// What is not 0, in all rows.
  [[nodiscard]] std::uint64_t entries() const noexcept {
    return codeColumns_.size() * rows_ + entries_;
  }

 private:
  /// Whether the order of its compressed columns is worth choosing.
  [[nodiscard]] bool isOfMany() const noexcept;
  void appendCodes(const SparseRows& rows, std::uint64_t firstColumn);
  template <typename T>
  void appendCompressed(const SparseRows& rows, std::uint64_t firstColumn);

  std::uint64_t rows_;
  std::uint64_t appended_ = 0;
  std::vector<std::uint64_t> levels_;
  std::uint64_t coded_;
  std::uint64_t compressed_;
  std::size_t count_;
  Dtype dtype_;
  std::vector<std::unique_ptr<cpu::Memory>> codes_;
  std::vector<CodeColumn> codeColumns_;
  std::uint64_t capacity_;
  std::uint64_t entries_ = 0;
  std::unique_ptr<cpu::Memory> values_;
  std::unique_ptr<cpu::Memory> columns_;
  std::vector<std::uint64_t> begins_;
};

/// Calls see(column, value) for what is not 0 in the sparse columns of a row.
template <typename T, typename See>
void eachEntry(const SparseColumns<T>& sparse, std::uint64_t row, const See& see) {
  for (std::size_t c = 0; c < sparse.codeCount; ++c)
    see(sparse.codes[c].first + sparse.codes[c].at(row), T{1});
  if (sparse.values == nullptr) return;
  for (std::uint64_t e = sparse.begins[row]; e < sparse.begins[row + 1]; ++e)
    see(sparse.columns[e], sparse.values[e]);
}

}  // namespace thalweg
