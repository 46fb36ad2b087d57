#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>

#include "../../device.h"
#include "../matrix.h"
#include "../plan/outputs.h"
#include "../plan/pass.h"
#include "../plan/sizes.h"
#include "../programs.h"
#include "../queue.h"

namespace thalweg::kernels {

/// Enqueues a kernel that moves so many bytes; groupSize 0 is the usual one.
using Launch = std::function<void(
    const Kernel& kernel, std::uint64_t groups, std::initializer_list<const Buffer*> buffers,
    std::span<const std::byte> arguments, std::uint64_t bytes, std::uint32_t groupSize)>;

/// φ(XΘ + b) of rows of dense columns on the device, with any number of outputs.
class Forward {
 public:
  /// All of them outlive it.
  Forward(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
          const OutputsProblem& problem, Activation activation)
      : queue_(queue),
        programs_(programs),
        sizes_(sizes),
        problem_(problem),
        activation_(activation) {}

  /// Enqueues that of a part, whose outputs go to `results` from place `rowY` on, K a row.
  /// `weights` holds those of each output, and then the intercepts.
  void enqueue(const Launch& launch, const Part& part, const Buffer& weights,
               const Buffer& results);

 private:
  KernelQueue& queue_;
  Programs& programs_;
  const KernelSizes& sizes_;
  OutputsProblem problem_;
  Activation activation_;
  std::unique_ptr<Buffer> scratch_;
};

}  // namespace thalweg::kernels
