#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../device.h"
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
      0;                ///< splits matrices as if this were the device's limit; 0: its own
  bool float64 = true;  ///< false: as on a device that has none
};

/// One thing that was looked at. The codes are stable; the fixes are what `doctor` prints.
struct Finding {
  enum class Level { ok, warning, problem };
  std::string code;
  Level level = Level::ok;
  std::string what;
  std::vector<std::string> fix{};
};

struct Survey {
  std::vector<DeviceInfo> devices;     ///< 'opencl:0', … numbered across platforms
  std::vector<Finding> findings;       ///< the loader, each platform, devices that cannot be used
  std::optional<std::string> version;  ///< CL_PLATFORM_VERSION of the first platform
};

/// Looks at everything; a driver that is missing or broken is a finding, not an error.
[[nodiscard]] Survey survey(const DriverSettings& settings);

/// The devices of `survey`. Empty without a driver.
[[nodiscard]] std::vector<DeviceInfo> listDevices(const DriverSettings& settings);

/// Opens 'opencl:<index>'. Throws driverMissing without a driver or platform, deviceNotFound beyond
/// the last device.
[[nodiscard]] std::unique_ptr<Device> openDevice(std::uint32_t index,
                                                 const OpenclSettings& settings);

}  // namespace thalweg::opencl
