#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device.h"

/// What looking for devices comes to, whichever driver is asked.
namespace thalweg {

/// One thing that was looked at. The codes are stable; the fixes are what `doctor` prints.
struct Finding {
  enum class Level { ok, warning, problem };
  std::string code;
  Level level = Level::ok;
  std::string what;
  std::vector<std::string> fix{};
};

struct Survey {
  std::vector<DeviceInfo> devices{};  ///< 'opencl:0', … in the driver's order
  std::vector<Finding> findings{};    ///< the library, what it offers, devices that cannot be used
  std::optional<std::string> version{};  ///< the driver's; none where there is no driver
};

/// What a driver's own discovery, with devices that hold more than an info, comes to.
template <typename Discovery>
[[nodiscard]] Survey surveyOf(Discovery discovery) {
  Survey survey{.findings = std::move(discovery.findings), .version = std::move(discovery.version)};
  for (auto& device : discovery.devices) survey.devices.push_back(std::move(device.info));
  return survey;
}

/// What stood in the way, and what to do about it, as one text.
[[nodiscard]] std::string problems(const std::vector<Finding>& findings);

/// Held while drivers are loaded, asked and given a context: some are not safe to start up in two
/// threads at once, as those of two workers (PoCL 3.1 with ocl-icd crashes, or finds no device).
[[nodiscard]] std::mutex& driverStartUp();

/// Throws driverMissing without a driver, deviceNotFound where device `index` is beyond the last of
/// `count`. `backend` is the part of an id before the colon, `title` what people call it.
void checkDeviceIndex(const std::string& backend, const std::string& title, std::uint32_t index,
                      std::size_t count, const std::optional<std::string>& version,
                      const std::vector<Finding>& findings);

}  // namespace thalweg
