#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../device.h"
#include "../kernels/queue.h"
#include "api.h"
#include "opencl.h"

namespace thalweg::opencl {

/// A device that can be opened.
struct FoundDevice {
  DeviceInfo info;
  cl_device_id id = nullptr;
  std::string platform;  ///< its name and version
  kernels::QueueLimits limits;
};

struct Discovery {
  LoadedApi loaded;
  std::vector<FoundDevice> devices;
  std::vector<Finding> findings;
  std::optional<std::string> version;
};

[[nodiscard]] Discovery discover(const DriverSettings& settings);

}  // namespace thalweg::opencl
