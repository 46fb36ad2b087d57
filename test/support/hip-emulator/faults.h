#pragma once

namespace emulator {

/// Counts a call of `function`; the status that HIP_EMULATOR_FAIL wants of it, 0 for none.
///
///   HIP_EMULATOR_FAIL=hipMalloc:3        the third call from now on answers what fits the function
///   HIP_EMULATOR_FAIL=hipMalloc:3=719    … answers 719
///   HIP_EMULATOR_FAIL=hipMalloc:3+       … and every call after it
///   HIP_EMULATOR_FAIL=hipMalloc:3!       … never returns
///
/// Several are separated by commas. The variable is read anew at each call, and where it has
/// changed the counts begin again.
int failureOf(const char* function, int fitting);

/// What stands open; kept in the file that HIP_EMULATOR_OBJECTS names, as 32-bit numbers in this
/// order, while the process runs; graphLaunch counts how many graphs were launched.
enum class Object { buffer, stream, event, module, program, launch, graph, graphExec, graphLaunch };
void count(Object object, int change);

}  // namespace emulator
