#pragma once

#include <vector>

#include "../device.h"
#include "level.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Device::gram on this device, of rows in T. Throws Cancelled, Error outOfMemory.
template <typename T>
[[nodiscard]] std::vector<double> gramSums(ThreadPool& pool, const Level& level,
                                           const Problem& problem, const CancelFlag& cancelled);

}  // namespace thalweg::cpu
