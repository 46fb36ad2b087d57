#include "sparse_pass.h"

#include <algorithm>

#include "../../../counts.h"
#include "kernel_run.h"
#include "values.h"

namespace thalweg::kernels {
namespace {

/// TEAM of sparse.cl.
constexpr std::uint64_t mostOfTeam = 32;

ProgramKey programOf(const Problem& problem) {
  const Objective& objective = problem.objective;
  ProgramKey key = sparseProgram(problem.X.dtype(), objective.outputs,
                                 objective.activation == Activation::softmax);
  key.weighted = problem.weights != nullptr;
  return key;
}

}  // namespace

SparsePass::SparsePass(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                       const Problem& problem, const CancelFlag& cancelled)
    : programs_(programs),
      sizes_(sizes),
      X_(static_cast<const KernelMatrix&>(problem.X)),
      y_(static_cast<const KernelMatrix&>(problem.y)),
      weights_(weightsOf(problem)),
      objective_(problem.objective),
      forward_(queue, programs, sizes, X_, programOf(problem), objective_.outputs),
      residuals_(queue, X_.rows(), objective_.outputs, X_.dtype(), Placing{}) {
  const std::uint64_t segments = std::max<std::uint64_t>(X_.sparse()->buffers().segmentCount, 1);
  residualSums_ = queue.allocate(lossPartials() * objective_.outputs * sumBytes);
  segmentSums_ = queue.allocate(segments * objective_.outputs * sumBytes);
  const KernelMatrix* dense = X_.sparse()->dense();
  if (dense == nullptr) return;
  const Problem ofDense{.X = *dense, .y = residuals_, .objective = {.outputs = objective_.outputs}};
  dense_ = std::make_unique<KernelRun>(queue, programs, sizes, ofDense, RunOptions{}, cancelled);
}

SparsePass::~SparsePass() = default;

bool SparsePass::fits(const QueueLimits& limits, const KernelMatrix& X,
                      std::uint64_t outputs) noexcept {
  const std::uint64_t most = limits.allocationBytes / outputs;
  return SparseForward::fits(limits, X, outputs) && X.rows() * sizeOf(X.dtype()) <= most &&
         X.sparse()->buffers().segmentCount * sumBytes <= most;
}

std::uint64_t SparsePass::lossPartials() const noexcept { return forward_.groupsOf(X_.rows()); }

std::uint64_t SparsePass::groupsOf(std::uint64_t teams) const noexcept {
  const std::uint64_t team = std::min<std::uint64_t>(sizes_.pass.groupSize, mostOfTeam);
  const std::uint64_t groups = divideUp(teams, sizes_.pass.groupSize / team);
  return std::clamp<std::uint64_t>(groups, 1, sizes_.sparse.groups);
}

void SparsePass::loss(const Launch& launch, const Buffer& theta, const Buffer& state,
                      const Buffer& lossPartials) {
  const Buffer& residuals = *residuals_.blocks().front().buffer;
  forward_.takeWeights(launch, theta);
  forward_.denseDots(launch, 0, X_.rows(), residuals, 0);
  SparseArguments pass = forward_.arguments();
  pass.activation = codeOf(objective_.activation);
  pass.loss = codeOf(objective_.loss);
  const SparseBuffers& by = X_.sparse()->buffers();
  const Buffer* y = y_.blocks().front().buffer.get();
  const Buffer* weights = weights_ != nullptr ? weights_->blocks().front().buffer.get() : y;
  launch(programs_.kernel(forward_.program(), "sparse_residuals"), pass.groups,
         {by.codes.get(), by.codeColumns.get(), by.begins.get(), by.columns.get(), by.values.get(),
          &theta, &forward_.held(), &forward_.shifts(), y, weights, &state, &residuals,
          residualSums_.get(), &lossPartials},
         bytesOf(pass), forward_.bytesOf(X_.rows()), 0);
}

void SparsePass::gradient(const Launch& launch, const Buffer& theta, const Buffer& state,
                          const Buffer& lossPartials, const Buffer& partials) {
  loss(launch, theta, state, lossPartials);
  const Buffer& residuals = *residuals_.blocks().front().buffer;
  const SparsePart& part = *X_.sparse();
  const SparseBuffers& by = part.buffers();
  SparseArguments pass = forward_.arguments();
  if (pass.segments > 0) {
    launch(programs_.kernel(forward_.program(), "sparse_segments"), groupsOf(pass.segments),
           {by.rows.get(), by.valuesByColumn.get(), by.segments.get(), &residuals, &state,
            segmentSums_.get()},
           bytesOf(pass), forward_.bytesOf(X_.rows()), 0);
  }
  // Without dense columns any buffer stands in for their sums.
  const Buffer* densePartials = &partials;
  if (dense_) {
    const KernelRun::Partials ofDense = dense_->gradientOnly(launch, state);
    densePartials = &ofDense.sums;
    pass.densePartials = static_cast<std::uint32_t>(ofDense.count);
    pass.denseStride = static_cast<std::uint32_t>(ofDense.stride);
  }
  launch(programs_.kernel(forward_.program(), "sparse_columns"), groupsOf(X_.layout().held()),
         {by.segmentsOf.get(), segmentSums_.get(), densePartials, residualSums_.get(),
          &part.places(), &part.scaling(), &state, &partials},
         bytesOf(pass), segmentSums_->bytes(), 0);
}

}  // namespace thalweg::kernels
