#include "status.h"

#include <array>

namespace thalweg::opencl {
namespace {

struct StatusName {
  cl_int status;
  const char* name;
};

// Those that people meet; the number tells the rest.
constexpr std::array<StatusName, 10> statusNames{{
    {CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"},
    {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE"},
    {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
    {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES"},
    {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY"},
    {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"},
    {CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"},
    {CL_INVALID_COMMAND_QUEUE, "CL_INVALID_COMMAND_QUEUE"},
    {CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE"},
    {CL_PLATFORM_NOT_FOUND_KHR, "CL_PLATFORM_NOT_FOUND_KHR"},
}};

bool meansNoMemory(cl_int status) {
  return status == CL_MEM_OBJECT_ALLOCATION_FAILURE || status == CL_OUT_OF_RESOURCES ||
         status == CL_OUT_OF_HOST_MEMORY || status == CL_INVALID_BUFFER_SIZE;
}

}  // namespace

std::string describe(cl_int status) {
  for (const StatusName& known : statusNames) {
    if (known.status == status)
      return std::string(known.name) + " (" + std::to_string(status) + ")";
  }
  return "OpenCL status " + std::to_string(status);
}

void Check::outOfMemory(std::uint64_t bytes, const std::string& reason) const {
  throw Error(
      ErrorCode::outOfMemory,
      name_ + " (" + id_ + ") has no " +
          (bytes == 0 ? "memory left" : "room for " + std::to_string(bytes) + " more bytes") +
          " (" + reason +
          "). Dispose matrices that are no longer needed, use dtype: 'float32', or train "
          "on the 'cpu' device.",
      {.device = id_});
}

void Check::allocated(cl_int status, const char* function, std::uint64_t bytes) const {
  if (status == CL_SUCCESS) return;
  if (meansNoMemory(status)) outOfMemory(bytes, std::string(function) + ": " + describe(status));
  done(status, function);
}

void Check::done(cl_int status, const char* function) const {
  if (status == CL_SUCCESS) return;
  if (status == CL_OUT_OF_HOST_MEMORY || status == CL_MEM_OBJECT_ALLOCATION_FAILURE) {
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

bool Check::concernsKernel(cl_int status, const char* function) const {
  if (status == CL_SUCCESS) return false;
  if (status == CL_DEVICE_NOT_AVAILABLE || status == CL_OUT_OF_HOST_MEMORY ||
      status == CL_MEM_OBJECT_ALLOCATION_FAILURE) {
    done(status, function);
  }
  return true;
}

void Check::buildFailed(const std::string& what, const std::string& log) const {
  throw Error(
      ErrorCode::kernelBuild,
      "The OpenCL compiler of " + name_ + " (" + id_ + ") rejected a kernel (" + what +
          "); the error's log has its words. Update the driver, or use the 'cpu' device meanwhile.",
      {.device = id_, .log = log});
}

}  // namespace thalweg::opencl
