#pragma once

#include <cstdint>
#include <string>

namespace thalweg::drivers {

// What AMD's drivers leave to be known of their cards.

/// Compute units of a card whose driver reports so many: from gfx10 on AMD's OpenCL and HIP run in
/// work-group processor mode and report work-group processors, of two compute units each, unless
/// GPU_ENABLE_WGP_MODE=0 has them in the mode of compute units (ROCclr's maxComputeUnits; ROCm/hip
/// 3767, 2687). rocminfo and Mesa count compute units, and Mesa names no device by its instruction
/// set.
[[nodiscard]] std::uint32_t computeUnitsOf(const std::string& isa, std::uint32_t reported);

/// Bytes of the last cache before the memory: AMD's infinity cache, which no driver reports, or L2.
/// 0 where that is not known. `units` tells cards apart that go under another one's instruction
/// set, with HSA_OVERRIDE_GFX_VERSION.
[[nodiscard]] std::uint64_t lastCacheOf(const std::string& isa, std::uint32_t units);

}  // namespace thalweg::drivers
