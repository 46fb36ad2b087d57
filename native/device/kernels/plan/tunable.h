#pragma once

#include <span>

#include "../../device.h"
#include "../queue.h"
#include "sizes.h"

namespace thalweg::kernels {

// The sizes that `thalweg tune` measures on a device; lib/addon/settings.ts has the same
// names and ranges.

/// Takes what is named for the shape, brought into range; other names are left alone. Every value
/// in range gives kernels that are right, though perhaps not ones that a device has room for.
void applySettings(KernelSizes& sizes, std::span<const Setting> settings);

/// Makes the group small enough for its arrays in local memory.
void fitLocalMemory(KernelSizes& sizes, const QueueLimits& limits);

/// What applySettings could have set, as it stands.
[[nodiscard]] std::vector<Setting> settingsOf(const KernelSizes& sizes);

}  // namespace thalweg::kernels
