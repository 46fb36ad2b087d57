#pragma once

#include <memory>
#include <string>

#include "../discovery.h"
#include "api.h"

/// OpenCL devices.
namespace thalweg::opencl {

/// A device of one of the platforms.
struct OpenclDevice final : drivers::FoundDevice {
  [[nodiscard]] std::unique_ptr<kernels::KernelQueue> openQueue(
      const kernels::QueueLimits& atMost, const std::string& cacheFolder) const override;

  std::shared_ptr<const Api> api;
  cl_device_id id = nullptr;
  std::string platform;  ///< its name
  std::string target;    ///< the driver's own name of it, which is AMD's instruction set
};

/// Devices are numbered across platforms; the version is CL_PLATFORM_VERSION of the first.
[[nodiscard]] drivers::Discovery discover(const std::string& library);

}  // namespace thalweg::opencl
