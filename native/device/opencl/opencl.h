#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../drivers.h"
#include "../kernels/parameters.h"

/// OpenCL devices. Everything else about OpenCL stays inside this folder.
namespace thalweg::opencl {

struct DriverSettings {
  std::string library{};  ///< what to load; empty: libOpenCL.so.1
};

struct OpenclSettings {
  DriverSettings driver{};
  std::optional<kernels::Shape> shape{};  ///< default: rows on CPU devices, wide elsewhere
  std::uint64_t maxAllocationBytes =
      0;                      ///< splits matrices as if this were the device's limit; 0: its own
  bool float64 = true;        ///< false: as on a device that has none
  std::string cacheFolder{};  ///< where compiled kernels are kept; empty: nowhere
  std::vector<Setting> measured{};  ///< instead of what the device's class has
};

/// Looks at everything; a driver that is missing or broken is a finding, not an error. Devices are
/// numbered across platforms; the version is CL_PLATFORM_VERSION of the first.
[[nodiscard]] Survey survey(const DriverSettings& settings);

/// Opens 'opencl:<index>'. Throws driverMissing without a driver or platform, deviceNotFound beyond
/// the last device.
[[nodiscard]] std::unique_ptr<Device> openDevice(std::uint32_t index,
                                                 const OpenclSettings& settings);

}  // namespace thalweg::opencl
