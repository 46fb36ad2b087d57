#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../drivers.h"
#include "../kernels/queue.h"
#include "api.h"
#include "hip.h"

namespace thalweg::hip {

/// A device that can be opened.
struct FoundDevice {
  DeviceInfo info;
  int ordinal = 0;
  std::string target;  ///< the whole name of the instruction set, 'gfx90a:sramecc+:xnack-'
  kernels::QueueLimits limits;
};

struct Discovery {
  LoadedApi loaded;
  std::vector<FoundDevice> devices;
  std::vector<Finding> findings;
  std::optional<std::string> version;
};

[[nodiscard]] Discovery discover(const DriverSettings& settings);

}  // namespace thalweg::hip
