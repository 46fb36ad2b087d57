#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../kernels/plan/sizes.h"
#include "discovery.h"

/// Devices behind drivers. Everything else about a driver stays inside its own folder.
namespace thalweg::drivers {

/// A kind of driver.
struct Backend {
  const char* name;   ///< the part of a device's id before the colon: 'opencl'
  const char* title;  ///< what people call it
  /// Looks at everything that `library` offers; empty: the one that the system has.
  Discovery (*discover)(const std::string& library);
  bool isFlexible;  ///< whether its devices may be set to another shape, or to have no float64
};

/// All of them, in the order in which their devices are listed.
[[nodiscard]] std::span<const Backend> backends();

/// What there is behind a back end.
struct Survey {
  std::vector<DeviceInfo> devices{};  ///< 'opencl:0', … in the driver's order
  std::vector<Finding> findings{};
  std::optional<std::string> version{};
};

struct Settings {
  std::map<std::string, std::string> libraries{};  ///< what to load, by the back end's name
  std::string cacheFolder{};             ///< where compiled kernels are kept; empty: nowhere
  std::uint64_t maxAllocationBytes = 0;  ///< splits matrices as if this were a device's limit
  std::vector<Setting> measured{};       ///< instead of what the device's class has
  kernels::Recordings recordings = kernels::Recordings::whereFaster;
  // Of a flexible back end:
  std::optional<kernels::Shape> shape{};  ///< default: rows on CPU devices, wide elsewhere
  bool float64 = true;                    ///< false: as on a device that has none
};

[[nodiscard]] Survey survey(const Backend& backend, const Settings& settings);

/// Opens the device of that index. Throws driverMissing without a driver, deviceNotFound beyond the
/// last device.
[[nodiscard]] std::unique_ptr<Device> openDevice(const Backend& backend, std::uint32_t index,
                                                 const Settings& settings);

}  // namespace thalweg::drivers
