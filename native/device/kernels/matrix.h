#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "../device.h"
#include "../spool/spooled_rows.h"
#include "../staging.h"
#include "arguments.h"
#include "queue.h"
#include "sparse_part.h"

namespace thalweg::kernels {

/// A matrix cut into blocks of whole rows, each within the largest allocation of the device. Where
/// its rows are elsewhere, or some columns are sparse, blocks have no buffers; see StreamedRows.
class KernelMatrix final : public Matrix {
 public:
  struct Block {
    std::uint64_t first;  ///< the block's first row
    std::uint64_t rows;
    std::unique_ptr<Buffer> buffer;
  };

  KernelMatrix(KernelQueue& queue, std::uint64_t rows, std::uint64_t columns, Dtype dtype,
               const Placing& placing);
  /// Of sparse columns, which SparsePart::fits.
  KernelMatrix(KernelQueue& queue, Programs& programs, const KernelSizes& sizes, std::uint64_t rows,
               const Layout& layout, Dtype dtype);
  /// X·2^exponent of an X with sparse columns, which it shares.
  KernelMatrix(const KernelMatrix& X, int exponent);

  /// Null: all columns are dense.
  [[nodiscard]] const SparsePart* sparse() const noexcept { return sparse_.get(); }
  /// Its rows, where they are in the host's memory or on disk; otherwise null.
  [[nodiscard]] const SpooledRows* spool() const noexcept { return spool_ ? &*spool_ : nullptr; }

  [[nodiscard]] std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                    std::uint64_t count) override;
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const override;
  void appendSparse(const SparseRows& rows) override { sparse_->append(rows); }
  [[nodiscard]] Summary sparseSummary(std::uint64_t first, std::uint64_t count) const override;
  [[nodiscard]] std::vector<double> squares() const override {
    return sparse_ ? sparse_->squares() : std::vector<double>();
  }
  [[nodiscard]] std::uint64_t heldBytes() const noexcept override;

  /// Of a row on its way to the device.
  [[nodiscard]] std::uint64_t uploadedRowBytes() const noexcept {
    return layout().dense * sizeOf(dtype());
  }
  /// Rows of the dense columns.
  void write(std::uint64_t first, std::uint64_t count, std::span<const std::byte> bytes);
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }

 private:
  void makeBlocks(bool areThere);
  void readWritten(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const;
  /// Calls visit(block, byte offset in the block, byte offset in the range, bytes) for each part of
  /// the rows.
  template <typename Visit>
  void eachPart(std::uint64_t first, std::uint64_t count, Visit visit) const;

  KernelQueue& queue_;
  std::vector<Block> blocks_;
  std::optional<SpooledRows> spool_;
  std::unique_ptr<SparsePart> sparse_;
  Summary committed_;  ///< what is known of the rows with sparse columns that came last
  // Uploads may outlive the matrix.
  std::shared_ptr<Staging> staging_ = std::make_shared<Staging>();
};

/// Rows that stand together in one block of X, in one of y and in one of their weights.
struct Part {
  const Buffer* X;
  std::uint64_t rowX;  ///< of the part's first row, within the buffer
  const Buffer* y;
  std::uint64_t rowY;
  const Buffer* weights;  ///< of rows without weights any buffer
  std::uint64_t rowWeight;
  std::uint64_t first;  ///< the part's first row in the matrix
  std::uint64_t rows;
};

/// Rows first … first + rows − 1 of a part.
[[nodiscard]] Part rowsOf(const Part& part, std::uint64_t first, std::uint64_t rows);

/// The rows of X, y and their weights, which may be none, in order, in parts of at most `most`
/// rows.
[[nodiscard]] std::vector<Part> partsOf(const KernelMatrix& X, const KernelMatrix& y,
                                        const KernelMatrix* weights, std::uint64_t most);

/// Rows of an X with sparse columns that are written out at once, at most.
[[nodiscard]] std::uint64_t rowsWrittenTogether(const KernelMatrix& X);

/// Those of a problem on such a device; null: 1 each.
[[nodiscard]] const KernelMatrix* weightsOf(const Problem& problem);

/// The part as kernels know it. By index it begins at place `rowX` of the indexes.
template <typename Span = RowSpan>
[[nodiscard]] Span spanOf(const Part& part, std::uint64_t columns, bool byIndex = false) {
  return {.first = part.rowX,
          .firstLabel = part.rowY,
          .firstWeight = part.rowWeight,
          .count = part.rows,
          .n = static_cast<std::uint32_t>(columns),
          .byIndex = byIndex ? 1 : 0};
}

}  // namespace thalweg::kernels
