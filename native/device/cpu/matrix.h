#pragma once

#include <memory>
#include <vector>

#include "../device.h"
#include "../held_rows.h"
#include "../layout.h"
#include "../sparse_storage.h"
#include "entries_by_columns.h"
#include "memory.h"

namespace thalweg::cpu {

/// Rows in the process's own memory: uploads write them in place.
class CpuMatrix final : public Matrix {
 public:
  CpuMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype);
  /// With sparse columns, if there are any; of another matrix that holds the same, if it is not
  /// null.
  CpuMatrix(std::uint64_t rows, Layout layout, Dtype dtype,
            std::shared_ptr<SparseStorage> sparse = nullptr);

  [[nodiscard]] std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                    std::uint64_t count) override;
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const override;
  void appendSparse(const SparseRows& rows) override;
  void complete() override;
  [[nodiscard]] Summary sparseSummary(std::uint64_t first, std::uint64_t count) const override;
  [[nodiscard]] std::vector<double> squares() const override;
  /// Rows in T, each with a value of every column as it is held; of none of X's it is 0.
  template <typename T>
  void writeHeld(std::uint64_t row, T* values) const;
  [[nodiscard]] std::uint64_t heldBytes() const noexcept override;
  /// X·2^exponent, which shares its sparse columns.
  [[nodiscard]] std::unique_ptr<CpuMatrix> timesPowerOfTwo(int exponent) const;

  /// The dense columns.
  template <typename T>
  [[nodiscard]] const T* values() const noexcept {
    return reinterpret_cast<const T*>(memory_.data());
  }
  /// Null: it has no sparse columns.
  [[nodiscard]] const std::shared_ptr<SparseStorage>& sparse() const noexcept { return sparse_; }
  /// Null: passes over its compressed rows, if there are any, go row by row always.
  [[nodiscard]] EntriesByColumns* byColumns() const noexcept { return byColumns_.get(); }
  /// The bytes that a pass reads of a row, on average.
  [[nodiscard]] std::size_t passBytes() const noexcept {
    return denseRowBytes() + (sparse_ ? sparse_->rowBytes() : 0);
  }

 private:
  [[nodiscard]] std::uint64_t denseRowBytes() const noexcept {
    return layout().dense * sizeOf(dtype());
  }
  template <typename T>
  [[nodiscard]] HeldRows<T> held() const noexcept;

  Memory memory_;
  std::shared_ptr<SparseStorage> sparse_;
  std::shared_ptr<EntriesByColumns> byColumns_;
};

/// The matrix as the CPU device made it, of one in memory.
[[nodiscard]] inline const CpuMatrix& asCpu(const Matrix& matrix) noexcept {
  return static_cast<const CpuMatrix&>(matrix);
}

}  // namespace thalweg::cpu
