#include "api.h"

#include <array>
#include <cstddef>

namespace thalweg::hip {
namespace {

using drivers::find;

/// A version's two libraries, newest first. Those without a number belong to development packages,
/// and to ROCm releases that came after this list.
struct Libraries {
  const char* runtime;
  const char* compiler;
};
constexpr std::array<Libraries, 4> known{{
    {"libamdhip64.so.7", "libhiprtc.so.7"},
    {"libamdhip64.so.6", "libhiprtc.so.6"},
    {"libamdhip64.so.5", "libhiprtc.so.5"},
    {"libamdhip64.so", "libhiprtc.so"},
}};

// Of hipDeviceProp_tR0600 in ROCm 6's headers, which Debian does not have to compare with.
static_assert(offsetof(PropertiesR0600, totalGlobalMem) == 288);
static_assert(offsetof(PropertiesR0600, warpSize) == 308);
static_assert(offsetof(PropertiesR0600, maxThreadsPerBlock) == 320);
static_assert(offsetof(PropertiesR0600, multiProcessorCount) == 388);
static_assert(offsetof(PropertiesR0600, gcnArchName) == 1160);

/// Graphs are an addition: a runtime without them is as good.
void findGraphs(void* handle, Api& api) {
  std::string missing;
  find(handle, "hipStreamBeginCapture", api.hipStreamBeginCapture, missing);
  find(handle, "hipStreamEndCapture", api.hipStreamEndCapture, missing);
  find(handle, "hipGraphInstantiate", api.hipGraphInstantiate, missing);
  find(handle, "hipGraphLaunch", api.hipGraphLaunch, missing);
  find(handle, "hipGraphExecDestroy", api.hipGraphExecDestroy, missing);
  find(handle, "hipGraphDestroy", api.hipGraphDestroy, missing);
  if (!missing.empty()) api.hipGraphDestroy = nullptr;
}

void findRuntime(void* handle, Api& api, std::string& failure) {
  find(handle, "hipInit", api.hipInit, failure);
  find(handle, "hipRuntimeGetVersion", api.hipRuntimeGetVersion, failure);
  find(handle, "hipGetDeviceCount", api.hipGetDeviceCount, failure);
  find(handle, "hipDeviceGetPCIBusId", api.hipDeviceGetPCIBusId, failure);
  find(handle, "hipSetDevice", api.hipSetDevice, failure);
  find(handle, "hipMemGetInfo", api.hipMemGetInfo, failure);
  find(handle, "hipMalloc", api.hipMalloc, failure);
  find(handle, "hipFree", api.hipFree, failure);
  find(handle, "hipMemsetAsync", api.hipMemsetAsync, failure);
  find(handle, "hipMemcpyAsync", api.hipMemcpyAsync, failure);
  find(handle, "hipStreamCreateWithFlags", api.hipStreamCreateWithFlags, failure);
  find(handle, "hipStreamSynchronize", api.hipStreamSynchronize, failure);
  find(handle, "hipStreamDestroy", api.hipStreamDestroy, failure);
  find(handle, "hipEventCreateWithFlags", api.hipEventCreateWithFlags, failure);
  find(handle, "hipEventRecord", api.hipEventRecord, failure);
  find(handle, "hipEventSynchronize", api.hipEventSynchronize, failure);
  find(handle, "hipEventDestroy", api.hipEventDestroy, failure);
  find(handle, "hipModuleLoadData", api.hipModuleLoadData, failure);
  find(handle, "hipModuleGetFunction", api.hipModuleGetFunction, failure);
  find(handle, "hipModuleUnload", api.hipModuleUnload, failure);
  find(handle, "hipModuleLaunchKernel", api.hipModuleLaunchKernel, failure);

  findGraphs(handle, api);

  // Since ROCm 6 the name without a version still has the layout of before.
  std::string none;
  find(handle, "hipGetDevicePropertiesR0600", api.hipGetDevicePropertiesR0600, none);
  if (api.hipGetDevicePropertiesR0600 == nullptr)
    find(handle, "hipGetDeviceProperties", api.hipGetDeviceProperties, failure);
}

void findCompiler(void* handle, Api& api, std::string& failure) {
  find(handle, "hiprtcCreateProgram", api.hiprtcCreateProgram, failure);
  find(handle, "hiprtcCompileProgram", api.hiprtcCompileProgram, failure);
  find(handle, "hiprtcGetProgramLogSize", api.hiprtcGetProgramLogSize, failure);
  find(handle, "hiprtcGetProgramLog", api.hiprtcGetProgramLog, failure);
  find(handle, "hiprtcGetCodeSize", api.hiprtcGetCodeSize, failure);
  find(handle, "hiprtcGetCode", api.hiprtcGetCode, failure);
  find(handle, "hiprtcDestroyProgram", api.hiprtcDestroyProgram, failure);
}

/// Before ROCm 5.3 the compiler stands in the runtime's own library, as in those that are named by
/// hand.
void findEither(void* runtime, const char* compiler, Api& api, std::string& failure) {
  void* const own = compiler == nullptr ? nullptr : drivers::openDriver(compiler);
  findCompiler(own == nullptr ? runtime : own, api, failure);
}

}  // namespace

drivers::Loaded<Api> loadApi(const std::string& library) {
  Libraries chosen{library.empty() ? "libamdhip64.so" : library.c_str(), nullptr};
  void* handle = nullptr;
  if (!library.empty()) handle = drivers::openDriver(chosen.runtime);
  for (auto version = known.begin(); library.empty() && handle == nullptr && version != known.end();
       ++version) {
    handle = drivers::openDriver(version->runtime);
    if (handle != nullptr) chosen = *version;
  }
  return drivers::loaded<Api>(handle, chosen.runtime, [&](Api& api, std::string& failure) {
    findRuntime(handle, api, failure);
    if (failure.empty()) findEither(handle, chosen.compiler, api, failure);
  });
}

}  // namespace thalweg::hip
