#pragma once

#include <cstdint>

#include "../device.h"
#include "matrix.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Device::readWords by all threads of the pool.
[[nodiscard]] std::uint32_t readWords(ThreadPool& pool, const CpuMatrix& X, std::uint64_t times,
                                      const CancelFlag& cancelled);

}  // namespace thalweg::cpu
