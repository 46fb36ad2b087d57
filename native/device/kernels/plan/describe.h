#pragma once

#include <cstdint>
#include <vector>

#include "../../device.h"
#include "../queue.h"
#include "sizes.h"

namespace thalweg::kernels {

/// What is planned for `rows` rows of 1, 2, … `mostColumns` columns, as a person and a check that
/// wants both sides of every branch read it.
[[nodiscard]] std::vector<KernelPlan> describePlans(const KernelSizes& sizes,
                                                    const QueueLimits& limits,
                                                    const KernelPlanQuestion& question);

}  // namespace thalweg::kernels
