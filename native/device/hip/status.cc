#include "status.h"

#include <array>

namespace thalweg::hip {
namespace {

struct StatusName {
  hipError_t status;
  const char* name;
};

// Those that people meet; the number tells the rest.
constexpr std::array<StatusName, 15> statusNames{{
    {hipErrorInvalidValue, "hipErrorInvalidValue"},
    {hipErrorOutOfMemory, "hipErrorOutOfMemory"},
    {hipErrorNotInitialized, "hipErrorNotInitialized"},
    {hipErrorInsufficientDriver, "hipErrorInsufficientDriver"},
    {hipErrorNoDevice, "hipErrorNoDevice"},
    {hipErrorInvalidDevice, "hipErrorInvalidDevice"},
    {hipErrorInvalidImage, "hipErrorInvalidImage"},
    {hipErrorNoBinaryForGpu, "hipErrorNoBinaryForGpu"},
    {hipErrorInvalidHandle, "hipErrorInvalidHandle"},
    {hipErrorNotFound, "hipErrorNotFound"},
    {hipErrorIllegalAddress, "hipErrorIllegalAddress"},
    {hipErrorLaunchOutOfResources, "hipErrorLaunchOutOfResources"},
    {hipErrorLaunchTimeOut, "hipErrorLaunchTimeOut"},
    {hipErrorLaunchFailure, "hipErrorLaunchFailure"},
    {hipErrorUnknown, "hipErrorUnknown"},
}};

}  // namespace

std::string describe(hipError_t status) {
  for (const StatusName& known : statusNames) {
    if (known.status == status)
      return std::string(known.name) + " (" + std::to_string(status) + ")";
  }
  return "HIP status " + std::to_string(status);
}

void Check::outOfMemory(std::uint64_t bytes, const std::string& reason) const {
  throw Error(ErrorCode::outOfMemory,
              name_ + " (" + id_ + ") has no room for " + std::to_string(bytes) + " more bytes (" +
                  reason +
                  "). Dispose matrices that are no longer needed, use dtype: 'float32', or train "
                  "on the 'cpu' device.",
              {.device = id_});
}

void Check::allocated(hipError_t status, const char* function, std::uint64_t bytes) const {
  if (status == hipErrorOutOfMemory)
    outOfMemory(bytes, std::string(function) + ": " + describe(status));
  done(status, function);
}

void Check::done(hipError_t status, const char* function) const {
  if (status == hipSuccess) return;
  if (status == hipErrorOutOfMemory) {
    throw Error(ErrorCode::outOfMemory,
                name_ + " (" + id_ + ") ran out of memory at work (" + function + ": " +
                    describe(status) +
                    "). Dispose matrices that are no longer needed, or train on the 'cpu' device.",
                {.device = id_});
  }
  throw Error(ErrorCode::deviceLost,
              name_ + " (" + id_ + ") stopped answering (" + function + ": " + describe(status) +
                  "). Open the device again; if that fails too, look at the system log and run "
                  "`thalweg doctor`.",
              {.device = id_});
}

void Check::buildFailed(const std::string& what, const std::string& log) const {
  throw Error(
      ErrorCode::kernelBuild,
      "The HIP compiler for " + name_ + " (" + id_ + ") rejected a kernel (" + what +
          "); the error's log has its words. Update ROCm, or use OpenCL or the 'cpu' device "
          "meanwhile.",
      {.device = id_, .log = log});
}

}  // namespace thalweg::hip
