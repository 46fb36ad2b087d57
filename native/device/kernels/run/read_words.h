#pragma once

#include <cstdint>

#include "../../device.h"
#include "../matrix.h"
#include "../plan/sizes.h"
#include "../programs.h"
#include "../queue.h"

namespace thalweg::kernels {

/// Device::readWords through kernels/read.*.cl.
[[nodiscard]] std::uint32_t readWords(KernelQueue& queue, Programs& programs,
                                      const KernelSizes& sizes, const KernelMatrix& X,
                                      std::uint64_t times, const CancelFlag& cancelled);

}  // namespace thalweg::kernels
