#include "sparse_forward.h"

#include <algorithm>

#include "../../../counts.h"
#include "values.h"

namespace thalweg::kernels {
namespace {

/// Rows that make another group worth its sums.
constexpr std::uint64_t rowsOfGroup = 256;

/// Columns that a group of sparse_weights takes, at least; each row's work-item adds up what its
/// groups leave, at most so many.
constexpr std::uint64_t columnsOfShift = 1024;
constexpr std::uint64_t mostShifts = 64;

std::uint64_t shiftsOf(const KernelMatrix& X) noexcept {
  return std::clamp<std::uint64_t>(divideUp(X.layout().sparse(), columnsOfShift), 1, mostShifts);
}

}  // namespace

SparseForward::SparseForward(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                             const KernelMatrix& X, const ProgramKey& program,
                             std::uint64_t outputs)
    : programs_(programs),
      sizes_(sizes),
      X_(X),
      program_(program),
      outputs_(outputs),
      shiftCount_(shiftsOf(X)),
      denseTheta_(queue.allocate((X.layout().dense + 1) * outputs * sizeOf(X.dtype()))),
      held_(queue.allocate(X.layout().sparse() * outputs * sizeOf(X.dtype()))),
      shifts_(queue.allocate(shiftCount_ * outputs * sumBytes)),
      dense_(
          queue, programs, sizes,
          {.dtype = X.dtype(), .columns = X.layout().dense, .outputs = outputs, .softmax = false},
          Activation::linear) {}

bool SparseForward::fits(const QueueLimits& limits, const KernelMatrix& X,
                         std::uint64_t outputs) noexcept {
  const std::uint64_t most = limits.allocationBytes / outputs;
  const Layout& layout = X.layout();
  return std::max(layout.sparse(), layout.dense + 1) * sizeOf(X.dtype()) <= most &&
         mostShifts * sumBytes <= most;
}

SparseArguments SparseForward::arguments() const noexcept {
  const SparseBuffers& buffers = part().buffers();
  return {.shape = part().shape(),
          .first = 0,
          .count = X_.rows(),
          .codeEntries = buffers.codeEntries,
          .segments = buffers.segmentCount,
          .outputs = static_cast<std::uint32_t>(outputs_),
          .shifts = part().shape().isScaled != 0 ? static_cast<std::uint32_t>(shiftCount_) : 0,
          .groups = static_cast<std::uint32_t>(groupsOf(X_.rows())),
          .densePartials = 0,
          .denseStride = 0,
          .activation = 0,
          .loss = 0};
}

std::uint64_t SparseForward::groupsOf(std::uint64_t rows) const noexcept {
  return std::clamp<std::uint64_t>(divideUp(rows, rowsOfGroup), 1, sizes_.sparse.groups);
}

std::uint64_t SparseForward::bytesOf(std::uint64_t rows) const noexcept {
  const std::uint64_t all = part().buffers().bytes / 2;
  return all / X_.rows() * rows + rows * outputs_ * sizeOf(X_.dtype());
}

void SparseForward::takeWeights(const Launch& launch, const Buffer& theta) {
  launch(
      programs_.kernel(program_, "sparse_weights"), shiftCount_,
      {&theta, &part().places(), &part().scaling(), denseTheta_.get(), held_.get(), shifts_.get()},
      kernels::bytesOf(arguments()), 2 * held_->bytes(), 0);
}

void SparseForward::denseDots(const Launch& launch, std::uint64_t first, std::uint64_t count,
                              const Buffer& to, std::uint64_t place) {
  const KernelMatrix* dense = part().dense();
  if (dense == nullptr) return;
  const std::uint64_t most = rowsPerLaunch(sizes_, dense->rowBytes());
  const std::uint64_t last = first + count;
  for (const KernelMatrix::Block& block : dense->blocks()) {
    const std::uint64_t from = std::max(first, block.first);
    const std::uint64_t end = std::min(last, block.first + block.rows);
    for (std::uint64_t at = from; at < end; at += most) {
      const Part rows{.X = block.buffer.get(),
                      .rowX = at - block.first,
                      .y = nullptr,
                      .rowY = place + at - first,
                      .weights = nullptr,
                      .rowWeight = 0,
                      .first = at,
                      .rows = std::min(most, end - at)};
      dense_.enqueue(launch, rows, *denseTheta_, to);
    }
  }
}

void SparseForward::predict(const Launch& launch, const Buffer& theta, Activation activation,
                            std::uint64_t first, std::uint64_t count, const Buffer& results) {
  SparseArguments pass = arguments();
  pass.first = first;
  pass.count = count;
  pass.activation = codeOf(activation);
  const SparseBuffers& by = part().buffers();
  launch(programs_.kernel(program_, "sparse_predict"), groupsOf(count),
         {by.codes.get(), by.codeColumns.get(), by.begins.get(), by.columns.get(), by.values.get(),
          &theta, held_.get(), shifts_.get(), &results},
         kernels::bytesOf(pass), bytesOf(count), 0);
}

}  // namespace thalweg::kernels
