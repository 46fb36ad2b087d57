// NVIDIA's driver and NVRTC, as far as test/support/cuda-shim calls them, on the emulated HIP
// device that CUDA_FAKE_EMULATOR names: the shim is a HIP runtime on CUDA, this is CUDA on a HIP
// runtime. Signatures and statuses are those of NVIDIA's documentation of the driver API. What the
// driver insists on is insisted on here: a context that is current to the calling thread, options
// that NVRTC knows.

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "device/drivers/hip/api.h"

using namespace thalweg::hip;

namespace {

using Status = int;
using Device = int;
using Pointer = std::uint64_t;

constexpr Status invalidValue = 1;
constexpr Status invalidContext = 201;
constexpr Status nvrtcInvalidOption = 5;

void* emulator() {
  static void* const handle = dlopen(std::getenv("CUDA_FAKE_EMULATOR"), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    std::fprintf(stderr, "cuda-fake: %s\n", dlerror());
    std::abort();
  }
  return handle;
}

template <typename... Parameters>
int call(const char* name, Parameters... arguments) {
  return reinterpret_cast<int (*)(Parameters...)>(dlsym(emulator(), name))(arguments...);
}

/// The one context, of device 0, is its address.
int context;
thread_local bool isCurrent = false;

template <typename... Parameters>
int inContext(const char* name, Parameters... arguments) {
  return isCurrent ? call(name, arguments...) : invalidContext;
}

PropertiesR0600 properties() {
  PropertiesR0600 found{};
  call("hipGetDevicePropertiesR0600", &found, 0);
  return found;
}

void* memory(Pointer pointer) { return reinterpret_cast<void*>(pointer); }

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

Status cuInit(unsigned int flags) { return call("hipInit", flags); }
Status cuDriverGetVersion(int* version) {
  *version = 12'040;
  return hipSuccess;
}
Status cuDeviceGetCount(int* count) { return call("hipGetDeviceCount", count); }
Status cuDeviceGet(Device* device, int ordinal) {
  *device = ordinal;
  return hipSuccess;
}
Status cuDeviceGetName(char* name, int size, Device) {
  std::snprintf(name, static_cast<std::size_t>(size), "NVIDIA Fake");
  return hipSuccess;
}
Status cuDeviceTotalMem_v2(std::size_t* bytes, Device) {
  *bytes = properties().totalGlobalMem;
  return hipSuccess;
}
Status cuDeviceGetAttribute(int* value, int attribute, Device) {
  const PropertiesR0600 found = properties();
  switch (attribute) {
    case 1:  // CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK
      *value = found.maxThreadsPerBlock;
      return hipSuccess;
    case 8:  // CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK
      *value = static_cast<int>(found.sharedMemPerBlock);
      return hipSuccess;
    case 10:  // CU_DEVICE_ATTRIBUTE_WARP_SIZE
      *value = found.warpSize;
      return hipSuccess;
    case 16:  // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
      *value = found.multiProcessorCount;
      return hipSuccess;
    case 38:  // CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE
      *value = 50 << 20;
      return hipSuccess;
    case 75:  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
      *value = 9;
      return hipSuccess;
    case 76:  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
      *value = 0;
      return hipSuccess;
    default: return invalidValue;
  }
}
Status cuDeviceGetPCIBusId(char* address, int size, Device device) {
  return call("hipDeviceGetPCIBusId", address, size, device);
}
Status cuDevicePrimaryCtxRetain(void** retained, Device device) {
  *retained = &context;
  return call("hipSetDevice", device);
}
Status cuCtxSetCurrent(void* chosen) {
  if (chosen != &context) return invalidContext;
  isCurrent = true;
  return hipSuccess;
}

Status cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return inContext("hipMemGetInfo", free, total);
}
Status cuMemAlloc_v2(Pointer* pointer, std::size_t bytes) {
  void* allocated = nullptr;
  const Status status = inContext("hipMalloc", &allocated, bytes);
  *pointer = reinterpret_cast<Pointer>(allocated);
  return status;
}
Status cuMemFree_v2(Pointer pointer) { return inContext("hipFree", memory(pointer)); }
Status cuMemsetD8Async(Pointer pointer, unsigned char value, std::size_t count,
                       hipStream_t stream) {
  return inContext("hipMemsetAsync", memory(pointer), int{value}, count, stream);
}
Status cuMemcpyHtoDAsync_v2(Pointer to, const void* from, std::size_t bytes, hipStream_t stream) {
  return inContext("hipMemcpyAsync", memory(to), from, bytes, hipMemcpyHostToDevice, stream);
}
Status cuMemcpyDtoHAsync_v2(void* to, Pointer from, std::size_t bytes, hipStream_t stream) {
  return inContext("hipMemcpyAsync", to, static_cast<const void*>(memory(from)), bytes,
                   hipMemcpyDeviceToHost, stream);
}

Status cuStreamCreate(hipStream_t* stream, unsigned int flags) {
  return inContext("hipStreamCreateWithFlags", stream, flags);
}
Status cuStreamSynchronize(hipStream_t stream) { return inContext("hipStreamSynchronize", stream); }
Status cuStreamDestroy_v2(hipStream_t stream) { return inContext("hipStreamDestroy", stream); }
Status cuEventCreate(hipEvent_t* event, unsigned int flags) {
  return inContext("hipEventCreateWithFlags", event, flags);
}
Status cuEventRecord(hipEvent_t event, hipStream_t stream) {
  return inContext("hipEventRecord", event, stream);
}
Status cuEventSynchronize(hipEvent_t event) { return inContext("hipEventSynchronize", event); }
Status cuEventDestroy_v2(hipEvent_t event) { return inContext("hipEventDestroy", event); }

Status cuModuleLoadData(hipModule_t* module, const void* image) {
  return inContext("hipModuleLoadData", module, image);
}
Status cuModuleGetFunction(hipFunction_t* function, hipModule_t module, const char* name) {
  return inContext("hipModuleGetFunction", function, module, name);
}
Status cuModuleUnload(hipModule_t module) { return inContext("hipModuleUnload", module); }
Status cuLaunchKernel(hipFunction_t function, unsigned int gridX, unsigned int gridY,
                      unsigned int gridZ, unsigned int blockX, unsigned int blockY,
                      unsigned int blockZ, unsigned int sharedBytes, hipStream_t stream,
                      void** parameters, void** extra) {
  return inContext("hipModuleLaunchKernel", function, gridX, gridY, gridZ, blockX, blockY, blockZ,
                   sharedBytes, stream, parameters, extra);
}

#ifndef CUDA_WITHOUT_GRAPHS
/// 0 is CU_STREAM_CAPTURE_MODE_GLOBAL, 1 that of a thread, 2 relaxed.
Status cuStreamBeginCapture_v2(hipStream_t stream, int mode) {
  return inContext("hipStreamBeginCapture", stream, mode);
}
Status cuStreamEndCapture(hipStream_t stream, hipGraph_t* graph) {
  return inContext("hipStreamEndCapture", stream, graph);
}
Status cuGraphInstantiateWithFlags(hipGraphExec_t* exec, hipGraph_t graph,
                                   unsigned long long flags) {
  if (flags != 0) return invalidValue;
  return inContext("hipGraphInstantiate", exec, graph, static_cast<hipGraphNode_t*>(nullptr),
                   static_cast<char*>(nullptr), std::size_t{0});
}
Status cuGraphLaunch(hipGraphExec_t exec, hipStream_t stream) {
  return inContext("hipGraphLaunch", exec, stream);
}
Status cuGraphExecDestroy(hipGraphExec_t exec) { return inContext("hipGraphExecDestroy", exec); }
Status cuGraphDestroy(hipGraph_t graph) { return inContext("hipGraphDestroy", graph); }
#endif

int nvrtcCreateProgram(hiprtcProgram* program, const char* source, const char* name, int headers,
                       const char** texts, const char** names) {
  return call("hiprtcCreateProgram", program, source, name, headers, texts, names);
}
int nvrtcCompileProgram(hiprtcProgram program, int count, const char** options) {
  std::vector<std::string> translated{"-O3", "-w",
                                      "--offload-arch=" + std::string(properties().gcnArchName)};
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.rfind("-D", 0) == 0 || option.rfind("--define-macro=", 0) == 0) {
      translated.push_back(option);
    } else if (option == "--fmad=false") {
      translated.emplace_back("-ffp-contract=off");
    } else if (option != "--std=c++17" && option != "--gpu-architecture=sm_90") {
      return nvrtcInvalidOption;
    }
  }
  std::vector<const char*> pointers;
  for (const std::string& option : translated) pointers.push_back(option.c_str());
  return call("hiprtcCompileProgram", program, static_cast<int>(pointers.size()),
              static_cast<const char**>(pointers.data()));
}
int nvrtcGetProgramLogSize(hiprtcProgram program, std::size_t* size) {
  return call("hiprtcGetProgramLogSize", program, size);
}
int nvrtcGetProgramLog(hiprtcProgram program, char* log) {
  return call("hiprtcGetProgramLog", program, log);
}
int nvrtcGetCUBINSize(hiprtcProgram program, std::size_t* size) {
  return call("hiprtcGetCodeSize", program, size);
}
int nvrtcGetCUBIN(hiprtcProgram program, char* code) {
  return call("hiprtcGetCode", program, code);
}
int nvrtcDestroyProgram(hiprtcProgram* program) { return call("hiprtcDestroyProgram", program); }

}  // extern "C"
#pragma GCC visibility pop
