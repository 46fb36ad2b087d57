#pragma once

#include <cstdint>
#include <memory>

#include "../../device.h"
#include "../matrix.h"
#include "../plan/sizes.h"
#include "../programs.h"
#include "../queue.h"
#include "forward.h"
#include "sparse_forward.h"

namespace thalweg::kernels {

class KernelRun;

/// The passes of a run over all rows of an X with sparse columns; see kernels/sparse.cl.
class SparsePass {
 public:
  /// All of them outlive it. X has sparse columns.
  SparsePass(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
             const Problem& problem, const CancelFlag& cancelled);
  ~SparsePass();
  SparsePass(const SparsePass&) = delete;
  SparsePass& operator=(const SparsePass&) = delete;

  /// Whether its buffers are within the device's largest; otherwise rows are written out.
  [[nodiscard]] static bool fits(const QueueLimits& limits, const KernelMatrix& X,
                                 std::uint64_t outputs) noexcept;

  /// That each pass leaves of the loss.
  [[nodiscard]] std::uint64_t lossPartials() const noexcept;

  /// Enqueues a pass that leaves the loss alone.
  void loss(const Launch& launch, const Buffer& theta, const Buffer& state,
            const Buffer& lossPartials);
  /// Enqueues one that leaves the gradient as well, as a single partial.
  void gradient(const Launch& launch, const Buffer& theta, const Buffer& state,
                const Buffer& lossPartials, const Buffer& partials);

 private:
  [[nodiscard]] std::uint64_t groupsOf(std::uint64_t teams) const noexcept;

  Programs& programs_;
  const KernelSizes& sizes_;
  const KernelMatrix& X_;
  const KernelMatrix& y_;
  const KernelMatrix* weights_;
  Objective objective_;
  SparseForward forward_;
  KernelMatrix residuals_;  ///< m×K: what sparse_residuals leaves, targets of `dense_`
  std::unique_ptr<Buffer> residualSums_;
  std::unique_ptr<Buffer> segmentSums_;
  std::unique_ptr<KernelRun> dense_;  ///< of the dense columns; null: there are none
};

}  // namespace thalweg::kernels
