#pragma once

#include <cstdint>
#include <string>

#include "../../error.h"
#include "api.h"

namespace thalweg::hip {

/// The name of a HIP status, with its number: 'hipErrorOutOfMemory (2)'.
[[nodiscard]] std::string describe(hipError_t status);

/// Turns the driver's answers into errors that name the device.
class Check {
 public:
  Check(std::string deviceId, std::string deviceName)
      : id_(std::move(deviceId)), name_(std::move(deviceName)) {}

  /// Throws outOfMemory where `status` says that there is no room for `bytes`, else deviceLost.
  void allocated(hipError_t status, const char* function, std::uint64_t bytes) const;

  /// Throws deviceLost unless `status` is a success: a call on a device that works has no other
  /// reason to fail.
  void done(hipError_t status, const char* function) const;

  [[noreturn]] void outOfMemory(std::uint64_t bytes, const std::string& reason) const;
  [[noreturn]] void buildFailed(const std::string& what, const std::string& log) const;

 private:
  std::string id_;
  std::string name_;
};

}  // namespace thalweg::hip
