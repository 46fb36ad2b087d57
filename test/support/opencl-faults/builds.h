#pragma once

#include <optional>
#include <string>

#include "device/drivers/opencl/api.h"

namespace thalweg::opencl::faults {

/// What OPENCL_FAULTS_BUILDS has become of programs by their options: `OPTION STATUS` fails,
/// `OPTION wrong` compiles code that computes wrongly; several stand with semicolons between.
struct BuildFault {
  std::string option;
  std::optional<cl_int> status;  ///< none: compiled wrongly
};

[[nodiscard]] std::optional<BuildFault> buildFaultOf(const char* options);

/// With what OPENCL_FAULTS_OPTIONS adds.
[[nodiscard]] std::string withMoreOptions(const char* options);

/// The options with which the compiler takes every fma for another function.
[[nodiscard]] std::string miscompiling(const char* options);

}  // namespace thalweg::opencl::faults
