#pragma once

#include <array>

#include "../status.h"
#include "api.h"

namespace thalweg::hip {

inline constexpr std::array<drivers::Status, 15> knownStatuses{{
    {hipErrorInvalidValue, "hipErrorInvalidValue"},
    {hipErrorOutOfMemory, "hipErrorOutOfMemory", drivers::Meaning::noMemory},
    {hipErrorNotInitialized, "hipErrorNotInitialized"},
    {hipErrorInsufficientDriver, "hipErrorInsufficientDriver"},
    {hipErrorNoDevice, "hipErrorNoDevice"},
    {hipErrorInvalidDevice, "hipErrorInvalidDevice"},
    {hipErrorInvalidImage, "hipErrorInvalidImage"},
    {hipErrorNoBinaryForGpu, "hipErrorNoBinaryForGpu"},
    {hipErrorInvalidHandle, "hipErrorInvalidHandle"},
    {hipErrorNotFound, "hipErrorNotFound"},
    {hipErrorIllegalAddress, "hipErrorIllegalAddress", drivers::Meaning::lost},
    {hipErrorLaunchOutOfResources, "hipErrorLaunchOutOfResources"},
    {hipErrorLaunchTimeOut, "hipErrorLaunchTimeOut", drivers::Meaning::lost},
    {hipErrorLaunchFailure, "hipErrorLaunchFailure", drivers::Meaning::lost},
    {hipErrorUnknown, "hipErrorUnknown"},
}};

inline constexpr drivers::StatusTable statuses{
    .title = "HIP",
    .compiler = "HIP compiler for",
    .compilerAdvice = "Update ROCm, or use OpenCL or the 'cpu' device meanwhile.",
    .known = knownStatuses};

}  // namespace thalweg::hip
