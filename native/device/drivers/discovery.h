#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../device.h"
#include "../kernels/queue.h"

namespace thalweg::drivers {

/// One thing that was looked at. The codes are stable; the fixes are what `doctor` prints.
struct Finding {
  enum class Level { ok, warning, problem };
  std::string code;
  Level level = Level::ok;
  std::string what;
  std::vector<std::string> fix{};
};

/// A device that can be opened; each back end adds what its driver knows it by.
struct FoundDevice {
  FoundDevice() = default;
  virtual ~FoundDevice() = default;
  FoundDevice(const FoundDevice&) = delete;
  FoundDevice& operator=(const FoundDevice&) = delete;

  /// A queue that keeps to `limits`, which are no wider than the device's own. Throws Error.
  [[nodiscard]] virtual std::unique_ptr<kernels::KernelQueue> openQueue(
      const kernels::QueueLimits& limits, const std::string& cacheFolder) const = 0;

  DeviceInfo info;
  kernels::QueueLimits limits;
};

/// What one back end's driver has to offer. A driver that is missing or broken is a finding, not an
/// error.
class Discovery {
 public:
  /// `backend` is the part of a device's id before the colon, 'opencl', and begins each finding's
  /// code in capitals.
  explicit Discovery(std::string backend);

  std::vector<std::unique_ptr<FoundDevice>> devices;
  std::vector<Finding> findings;         ///< the library, what it offers, what cannot be used
  std::optional<std::string> version{};  ///< the driver's; none where there is no driver

  /// Takes a device in, and numbers it; `place` says where in the driver it was found.
  void found(std::unique_ptr<FoundDevice> device, const std::string& place);

  /// `code` without the back end.
  void note(const std::string& code, Finding::Level level, std::string what,
            std::vector<std::string> fix);
  /// A device is left out for `reason`.
  void leaveOut(const std::string& device, const std::string& reason);
  /// What is installed sees no device.
  void seesNone(std::string what);

 private:
  std::string backend_;
  std::string codes_;
};

/// What stood in the way, and what to do about it, as one text.
[[nodiscard]] std::string problems(const std::vector<Finding>& findings);

}  // namespace thalweg::drivers
