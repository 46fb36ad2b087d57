#pragma once

#include <cstdint>

#include "../device.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Device::readWords by all threads of the pool.
[[nodiscard]] std::uint32_t readWords(ThreadPool& pool, const Matrix& X, std::uint64_t times,
                                      const CancelFlag& cancelled);

}  // namespace thalweg::cpu
