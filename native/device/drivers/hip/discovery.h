#pragma once

#include <memory>
#include <string>

#include "../discovery.h"
#include "api.h"

/// AMD GPUs through HIP.
namespace thalweg::hip {

/// A GPU of the runtime.
struct HipDevice final : drivers::FoundDevice {
  [[nodiscard]] std::unique_ptr<kernels::KernelQueue> openQueue(
      const kernels::QueueLimits& atMost, const std::string& cacheFolder) const override;

  std::shared_ptr<const Api> api;
  int ordinal = 0;
  std::string target;  ///< the whole name of the instruction set, 'gfx90a:sramecc+:xnack-'
};

/// The version is the runtime's.
[[nodiscard]] drivers::Discovery discover(const std::string& library);

}  // namespace thalweg::hip
