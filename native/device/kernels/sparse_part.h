#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../device.h"
#include "../sparse_storage.h"
#include "../staging.h"
#include "arguments.h"
#include "plan/sizes.h"
#include "programs.h"
#include "queue.h"

namespace thalweg::kernels {

class KernelMatrix;

/// The sparse columns of m rows on the device, whatever they are scaled by; see kernels/sparse.h
/// and kernels/sparse.cl.
struct SparseBuffers {
  // By rows.
  std::unique_ptr<Buffer> codes;
  std::unique_ptr<Buffer> codeColumns;  ///< HeldCodes
  std::unique_ptr<Buffer> begins;
  std::unique_ptr<Buffer> columns;
  std::unique_ptr<Buffer> values;
  // By columns: those of compressed rows have a value an entry, those of codes are 1.
  std::unique_ptr<Buffer> rows;
  std::unique_ptr<Buffer> valuesByColumn;
  std::unique_ptr<Buffer> segments;    ///< where each begins, and the last ends
  std::unique_ptr<Buffer> segmentsOf;  ///< each column
  std::uint64_t codeEntries = 0;
  std::uint64_t segmentCount = 0;
  std::uint64_t bytes = 0;
};

/// Rows to be written out, as many as `count`: those that `indexes` names from `first` on, or,
/// where it is null, those from `first` on.
struct RowsToWrite {
  std::uint64_t first;
  std::uint64_t count;
  const Buffer* indexes = nullptr;
};

/// What a matrix on a kernel device holds where some columns are sparse: those by rows and by
/// columns, and its dense ones as a matrix of their own. The sparse ones are in the host's memory
/// until all rows are here.
class SparsePart {
 public:
  /// Throws Error outOfMemory.
  SparsePart(KernelQueue& queue, Programs& programs, const KernelSizes& sizes, const Matrix& of);
  /// Of X·2^exponent, which shares the sparse columns. Reads and writes the dense ones.
  SparsePart(const SparsePart& X, const Matrix& of, int exponent);
  ~SparsePart();
  SparsePart(const SparsePart&) = delete;
  SparsePart& operator=(const SparsePart&) = delete;

  /// Whether each of its buffers is within the device's largest, and its rows are counted by
  /// kernels.
  [[nodiscard]] static bool fits(const QueueLimits& limits, std::uint64_t rows,
                                 const Layout& layout, Dtype dtype) noexcept;
  /// The memory that it takes, at most.
  [[nodiscard]] static std::uint64_t bytesOf(std::uint64_t rows, const Layout& layout,
                                             Dtype dtype) noexcept;

  void append(const SparseRows& rows);
  /// Of rows whose dense columns are in the host's memory: brings them to the device, and after the
  /// last row the sparse ones of all. Returns what is known of the rows.
  [[nodiscard]] Summary commit(std::uint64_t first, std::uint64_t count,
                               std::span<const std::byte> dense);

  /// Enqueues kernels that write rows out to `to`, one after the other, and move about
  /// count·rowBytes.
  void writeOut(const RowsToWrite& rows, const Buffer& to) const;

  /// Null: there are none.
  [[nodiscard]] const KernelMatrix* dense() const noexcept { return dense_.get(); }
  [[nodiscard]] const SparseBuffers& buffers() const noexcept { return *buffers_; }
  [[nodiscard]] const Buffer& places() const noexcept { return *places_; }
  [[nodiscard]] const Buffer& scaling() const noexcept { return *scaling_; }
  [[nodiscard]] const SparseShape& shape() const noexcept { return shape_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Matrix::squares; of too many columns to keep a number each, nothing.
  [[nodiscard]] std::vector<double> squares() const;

 private:
  /// Of the layout alone.
  void describe();
  [[nodiscard]] std::unique_ptr<KernelMatrix> denseMatrix() const;
  template <typename T>
  [[nodiscard]] Summary see(std::uint64_t first, std::uint64_t count,
                            std::span<const std::byte> dense);
  template <typename T>
  void upload();
  template <typename T>
  void uploadByColumns(const SparseColumns<T>& held);
  /// A buffer that holds these.
  template <typename Value>
  [[nodiscard]] std::unique_ptr<Buffer> bufferOf(std::span<const Value> values) const;

  KernelQueue& queue_;
  Programs& programs_;
  const KernelSizes& sizes_;
  const Matrix& of_;
  SparseShape shape_{};
  std::vector<double> squares_;  ///< by columns as they are held
  std::unique_ptr<KernelMatrix> dense_;
  std::unique_ptr<SparseStorage> host_;  ///< until all rows are there
  std::shared_ptr<SparseBuffers> buffers_;
  std::unique_ptr<Buffer> places_;
  std::unique_ptr<Buffer> scaling_;
};

}  // namespace thalweg::kernels
