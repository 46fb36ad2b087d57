#include "matrix.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "../../error.h"
#include "../slices.h"

namespace thalweg::kernels {
namespace {

/// Of rows with sparse columns that are written out at once.
constexpr std::uint64_t writtenBytes = std::uint64_t{64} << 20U;

/// What a disk is asked for at once.
constexpr std::uint64_t pieceBytes = std::uint64_t{2} << 20U;

const SpoolPlace allInMemory{.folder = {},
                             .memoryBytes = std::numeric_limits<std::uint64_t>::max()};

class KernelUpload final : public Upload {
 public:
  KernelUpload(KernelMatrix& matrix, std::shared_ptr<Staging> staging, std::uint64_t first,
               std::uint64_t count)
      : matrix_(matrix),
        staging_(std::move(staging)),
        first_(first),
        count_(count),
        size_(count * matrix.uploadedRowBytes()),
        piece_(staging_->take(size_)) {}
  ~KernelUpload() override { staging_->giveBack(std::move(piece_)); }
  KernelUpload(const KernelUpload&) = delete;
  KernelUpload& operator=(const KernelUpload&) = delete;

  [[nodiscard]] std::span<std::byte> bytes() noexcept override { return piece_.first(size_); }
  void commit() override {
    matrix_.write(first_, count_, bytes());
    if (first_ + count_ == matrix_.rows()) staging_->close();
  }

 private:
  KernelMatrix& matrix_;
  std::shared_ptr<Staging> staging_;
  std::uint64_t first_;
  std::uint64_t count_;
  std::size_t size_;
  Staging::Piece piece_;
};

}  // namespace

KernelMatrix::KernelMatrix(KernelQueue& queue, std::uint64_t rows, std::uint64_t columns,
                           Dtype dtype, const Placing& placing)
    : Matrix(rows, columns, dtype, placing), queue_(queue) {
  const bool isThere = placing.residency == Residency::device;
  if (isThere) {
    queue.expectRoom(matrixBytes(rows, columns, dtype));
  } else {
    spool_.emplace(rows, rowBytes(), std::max<std::uint64_t>(pieceBytes / rowBytes(), 1),
                   placing.residency == Residency::host ? allInMemory : placing.spool);
  }
  makeBlocks(isThere);
}

KernelMatrix::KernelMatrix(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                           std::uint64_t rows, const Layout& layout, Dtype dtype)
    : Matrix(rows, layout, dtype),
      queue_(queue),
      sparse_(std::make_unique<SparsePart>(queue, programs, sizes, *this)) {
  makeBlocks(false);
}

KernelMatrix::KernelMatrix(const KernelMatrix& X, int exponent)
    : Matrix(X.rows(), X.layout().timesPowerOfTwo(exponent), X.dtype()),
      queue_(X.queue_),
      sparse_(std::make_unique<SparsePart>(*X.sparse_, *this, exponent)) {
  makeBlocks(false);
  readAll(*this, [&](std::uint64_t first, std::uint64_t, std::span<std::byte> bytes) {
    include(summarize(bytes, dtype(), columns(), first));
  });
}

void KernelMatrix::makeBlocks(bool areThere) {
  const std::uint64_t blockRows =
      std::clamp<std::uint64_t>(queue_.limits().allocationBytes / rowBytes(), 1, rows());
  for (std::uint64_t first = 0; first < rows(); first += blockRows) {
    const std::uint64_t count = std::min(blockRows, rows() - first);
    blocks_.push_back({first, count, areThere ? queue_.allocate(count * rowBytes()) : nullptr});
  }
}

std::unique_ptr<Upload> KernelMatrix::beginUpload(std::uint64_t first, std::uint64_t count) {
  try {
    return std::make_unique<KernelUpload>(*this, staging_, first, count);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::outOfMemory,
                "There is no host memory for " + std::to_string(count * uploadedRowBytes()) +
                    " bytes on their way to the device; upload fewer rows at a time.");
  }
}

template <typename Visit>
void KernelMatrix::eachPart(std::uint64_t first, std::uint64_t count, Visit visit) const {
  const std::uint64_t end = first + count;
  for (const Block& block : blocks_) {
    const std::uint64_t from = std::max(first, block.first);
    const std::uint64_t to = std::min(end, block.first + block.rows);
    if (from >= to) continue;
    visit(*block.buffer, (from - block.first) * rowBytes(), (from - first) * rowBytes(),
          (to - from) * rowBytes());
  }
}

void KernelMatrix::read(std::uint64_t first, std::uint64_t count,
                        std::span<std::byte> bytes) const {
  if (spool_) return spool_->read(first, count, bytes);
  if (sparse_) return readWritten(first, count, bytes);
  eachPart(first, count,
           [&](const Buffer& buffer, std::uint64_t at, std::uint64_t offset, std::uint64_t size) {
             queue_.read(buffer, at, bytes.subspan(offset, size));
           });
}

void KernelMatrix::readWritten(std::uint64_t first, std::uint64_t count,
                               std::span<std::byte> bytes) const {
  const std::uint64_t most = std::min(count, rowsWrittenTogether(*this));
  const auto written = queue_.allocate(most * rowBytes());
  for (std::uint64_t done = 0; done < count; done += most) {
    const std::uint64_t some = std::min(most, count - done);
    sparse_->writeOut({.first = first + done, .count = some}, *written);
    queue_.read(*written, 0, bytes.subspan(done * rowBytes(), some * rowBytes()));
  }
}

Summary KernelMatrix::sparseSummary(std::uint64_t /*first*/, std::uint64_t /*count*/) const {
  return committed_;
}

std::uint64_t KernelMatrix::heldBytes() const noexcept {
  return sparse_ ? sparse_->bytes() : Matrix::heldBytes();
}

void KernelMatrix::write(std::uint64_t first, std::uint64_t count,
                         std::span<const std::byte> bytes) {
  if (spool_) return spool_->append(bytes);
  if (sparse_) {
    committed_ = sparse_->commit(first, count, bytes);
    return;
  }
  eachPart(first, count,
           [&](const Buffer& buffer, std::uint64_t at, std::uint64_t offset, std::uint64_t size) {
             queue_.write(buffer, at, bytes.subspan(offset, size));
           });
}

std::uint64_t rowsWrittenTogether(const KernelMatrix& X) {
  return std::clamp<std::uint64_t>(writtenBytes / X.rowBytes(), 1, X.blocks().front().rows);
}

const KernelMatrix* weightsOf(const Problem& problem) {
  if (problem.weights == nullptr) return nullptr;
  return &static_cast<const KernelMatrix&>(problem.weights->values);
}

Part rowsOf(const Part& part, std::uint64_t first, std::uint64_t rows) {
  Part some = part;
  some.rowX += first;
  some.rowY += first;
  some.rowWeight += first;
  some.first += first;
  some.rows = rows;
  return some;
}

std::vector<Part> partsOf(const KernelMatrix& X, const KernelMatrix& y, const KernelMatrix* weights,
                          std::uint64_t most) {
  std::vector<Part> parts;
  auto blockX = X.blocks().begin();
  auto blockY = y.blocks().begin();
  auto blockW = (weights != nullptr ? *weights : y).blocks().begin();
  const auto endOf = [](const auto& block) { return block->first + block->rows; };
  for (std::uint64_t first = 0; first < X.rows();) {
    const std::uint64_t end = std::min({endOf(blockX), endOf(blockY), endOf(blockW)});
    const std::uint64_t rows = std::min(most, end - first);
    parts.push_back({blockX->buffer.get(), first - blockX->first, blockY->buffer.get(),
                     first - blockY->first, blockW->buffer.get(), first - blockW->first, first,
                     rows});
    first += rows;
    if (first == endOf(blockX)) ++blockX;
    if (first == endOf(blockY)) ++blockY;
    if (first == endOf(blockW)) ++blockW;
  }
  return parts;
}

}  // namespace thalweg::kernels
