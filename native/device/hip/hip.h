#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../drivers.h"

/// AMD GPUs through HIP. Everything else about HIP stays inside this folder.
namespace thalweg::hip {

struct DriverSettings {
  std::string library{};  ///< what to load; empty: the newest libamdhip64
};

struct HipSettings {
  DriverSettings driver{};
  std::string cacheFolder{};  ///< where compiled kernels are kept; empty: nowhere
  std::uint64_t maxAllocationBytes =
      0;  ///< splits matrices as if this were the device's limit; 0: its own
  std::vector<Setting> measured{};  ///< instead of what the device's class has
};

/// Looks at everything; a driver that is missing or broken is a finding, not an error. The version
/// is the runtime's.
[[nodiscard]] Survey survey(const DriverSettings& settings);

/// Opens 'hip:<index>'. Throws driverMissing without a driver, deviceNotFound beyond the last
/// device.
[[nodiscard]] std::unique_ptr<Device> openDevice(std::uint32_t index, const HipSettings& settings);

}  // namespace thalweg::hip
