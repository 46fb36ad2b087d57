#pragma once

#include <cstdint>
#include <string>

#include "../../error.h"
#include "api.h"

namespace thalweg::opencl {

/// The name of an OpenCL status, with its number: 'CL_OUT_OF_RESOURCES (-5)'.
[[nodiscard]] std::string describe(cl_int status);

/// Turns the driver's answers into errors that name the device.
class Check {
 public:
  Check(std::string deviceId, std::string deviceName)
      : id_(std::move(deviceId)), name_(std::move(deviceName)) {}

  /// Throws outOfMemory where `status` says that there is no room for `bytes`, else deviceLost.
  void allocated(cl_int status, const char* function, std::uint64_t bytes) const;

  /// Throws deviceLost unless `status` is a success: a call on a device that works has no other
  /// reason to fail.
  void done(cl_int status, const char* function) const;

  /// Whether a compiler refused a kernel. Throws where it failed for a reason of its own: no
  /// memory, or no device.
  [[nodiscard]] bool concernsKernel(cl_int status, const char* function) const;

  [[noreturn]] void outOfMemory(std::uint64_t bytes, const std::string& reason) const;
  [[noreturn]] void buildFailed(const std::string& what, const std::string& log) const;

 private:
  std::string id_;
  std::string name_;
};

}  // namespace thalweg::opencl
