#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>

#include "../../device.h"
#include "../arguments.h"
#include "../matrix.h"
#include "../plan/sizes.h"
#include "../programs.h"
#include "../queue.h"
#include "forward.h"

namespace thalweg::kernels {

/// z of rows with sparse columns, K outputs each; see kernels/sparse.cl.
class SparseForward {
 public:
  /// All of them outlive it. X has sparse columns.
  SparseForward(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                const KernelMatrix& X, const ProgramKey& program, std::uint64_t outputs);

  /// Whether its buffers are within the device's largest.
  [[nodiscard]] static bool fits(const QueueLimits& limits, const KernelMatrix& X,
                                 std::uint64_t outputs) noexcept;

  /// Enqueues what the passes that follow need of θ and b.
  void takeWeights(const Launch& launch, const Buffer& theta);
  /// Enqueues the dense columns' part of z of some rows, to `to` from place `place` on, K a row; X
  /// may have none.
  void denseDots(const Launch& launch, std::uint64_t first, std::uint64_t count, const Buffer& to,
                 std::uint64_t place);
  /// Enqueues what makes φ(z) of that of rows `first` … `first` + `count` − 1, in its place.
  void predict(const Launch& launch, const Buffer& theta, Activation activation,
               std::uint64_t first, std::uint64_t count, const Buffer& results);

  /// Of a pass over all rows, without what is a matter of the gradient.
  [[nodiscard]] SparseArguments arguments() const noexcept;
  [[nodiscard]] const ProgramKey& program() const noexcept { return program_; }
  /// Groups of the rows' kernels over so many rows, by the shape alone.
  [[nodiscard]] std::uint64_t groupsOf(std::uint64_t rows) const noexcept;
  /// What the rows' kernels read first: the rows by number, θ, and what was made of it.
  [[nodiscard]] const SparsePart& part() const noexcept { return *X_.sparse(); }
  [[nodiscard]] const Buffer& held() const noexcept { return *held_; }
  [[nodiscard]] const Buffer& shifts() const noexcept { return *shifts_; }
  /// That they move, about, of so many rows.
  [[nodiscard]] std::uint64_t bytesOf(std::uint64_t rows) const noexcept;

 private:
  Programs& programs_;
  const KernelSizes& sizes_;
  const KernelMatrix& X_;
  ProgramKey program_;
  std::uint64_t outputs_;
  std::uint64_t shiftCount_;
  std::unique_ptr<Buffer> denseTheta_;  ///< and intercepts of 0
  std::unique_ptr<Buffer> held_;
  std::unique_ptr<Buffer> shifts_;
  Forward dense_;
};

}  // namespace thalweg::kernels
