#pragma once

#include <array>

#include "../status.h"
#include "api.h"

namespace thalweg::opencl {

inline constexpr std::array<drivers::Status, 10> knownStatuses{{
    {CL_DEVICE_NOT_FOUND, "CL_DEVICE_NOT_FOUND"},
    {CL_DEVICE_NOT_AVAILABLE, "CL_DEVICE_NOT_AVAILABLE", drivers::Meaning::lost},
    {CL_MEM_OBJECT_ALLOCATION_FAILURE, "CL_MEM_OBJECT_ALLOCATION_FAILURE",
     drivers::Meaning::noMemory},
    // NVIDIA's driver answers so, too, whatever is asked of it, once a kernel has read or written
    // where it may not.
    {CL_OUT_OF_RESOURCES, "CL_OUT_OF_RESOURCES", drivers::Meaning::noRoomOrFault},
    {CL_OUT_OF_HOST_MEMORY, "CL_OUT_OF_HOST_MEMORY", drivers::Meaning::noMemory},
    {CL_BUILD_PROGRAM_FAILURE, "CL_BUILD_PROGRAM_FAILURE"},
    {CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST"},
    {CL_INVALID_COMMAND_QUEUE, "CL_INVALID_COMMAND_QUEUE"},
    {CL_INVALID_BUFFER_SIZE, "CL_INVALID_BUFFER_SIZE", drivers::Meaning::noRoom},
    {CL_PLATFORM_NOT_FOUND_KHR, "CL_PLATFORM_NOT_FOUND_KHR"},
}};

inline constexpr drivers::StatusTable statuses{
    .title = "OpenCL",
    .compiler = "OpenCL compiler of",
    .compilerAdvice = "Update the driver, or use the 'cpu' device meanwhile.",
    .known = knownStatuses};

}  // namespace thalweg::opencl
