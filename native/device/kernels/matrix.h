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

namespace thalweg::kernels {

/// A matrix cut into blocks of whole rows, each within the largest allocation of the device. Where
/// its rows are elsewhere blocks have no buffers; see StreamedRows.
class KernelMatrix final : public Matrix {
 public:
  struct Block {
    std::uint64_t first;  ///< the block's first row
    std::uint64_t rows;
    std::unique_ptr<Buffer> buffer;
  };

  KernelMatrix(KernelQueue& queue, std::uint64_t rows, std::uint64_t columns, Dtype dtype,
               const Placing& placing);

  /// Its rows, where they are in the host's memory or on disk; otherwise null.
  [[nodiscard]] const SpooledRows* spool() const noexcept { return spool_ ? &*spool_ : nullptr; }

  [[nodiscard]] std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                    std::uint64_t count) override;
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const override;

  void write(std::uint64_t first, std::uint64_t count, std::span<const std::byte> bytes);
  [[nodiscard]] const std::vector<Block>& blocks() const noexcept { return blocks_; }

 private:
  /// Calls visit(block, byte offset in the block, byte offset in the range, bytes) for each part of
  /// the rows.
  template <typename Visit>
  void eachPart(std::uint64_t first, std::uint64_t count, Visit visit) const;

  KernelQueue& queue_;
  std::vector<Block> blocks_;
  std::optional<SpooledRows> spool_;
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
