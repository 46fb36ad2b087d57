// The HIP runtime's functions on NVIDIA's driver and NVRTC, so that the HIP kernels and everything
// above them run on an NVIDIA card. Both libraries are loaded at run time; their functions are
// declared here. CUDA's statuses have HIP's numbers, where both have a name for the same failure.

#include <dlfcn.h>

#include <algorithm>
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
using Pointer = std::uint64_t;

constexpr Status notSupported = hipErrorStreamCaptureUnsupported;

// Of CUdevice_attribute.
constexpr int maxThreadsPerBlock = 1;
constexpr int maxSharedMemoryPerBlock = 8;
constexpr int warpSize = 10;
constexpr int multiprocessorCount = 16;
constexpr int l2CacheBytes = 38;
constexpr int capabilityMajor = 75;
constexpr int capabilityMinor = 76;

/// The first of these libraries that can be opened; ends the process where none can.
void* open(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (name == nullptr) continue;
    if (void* const handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
  }
  std::fprintf(stderr, "cuda-shim: %s\n", dlerror());
  std::abort();
}

void* driver() {
  static void* const handle = open({"libcuda.so.1", "libcuda.so"});
  return handle;
}

void* compiler() {
  static void* const handle =
      open({std::getenv("CUDA_SHIM_NVRTC"), "libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12",
            "libnvrtc.so.11.2", "/usr/local/cuda/lib64/libnvrtc.so"});
  return handle;
}

/// A function of a library by its name, looked up once.
template <typename Function>
Function* find(void* library, const char* name) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) {
    std::fprintf(stderr, "cuda-shim: there is no %s\n", name);
    std::abort();
  }
  return reinterpret_cast<Function*>(symbol);
}

/// The same, or nullptr where the library is older than it.
template <typename Function>
Function* findNewer(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

#define DRIVER(name, ...)                                                     \
  Status name(auto... arguments) {                                            \
    static auto* const function = find<Status(__VA_ARGS__)>(driver(), #name); \
    return function(arguments...);                                            \
  }
#define NEWER_DRIVER(name, ...)                                                    \
  Status name(auto... arguments) {                                                 \
    static auto* const function = findNewer<Status(__VA_ARGS__)>(driver(), #name); \
    return function == nullptr ? notSupported : function(arguments...);            \
  }
#define COMPILER(name, ...)                                                     \
  Status name(auto... arguments) {                                              \
    static auto* const function = find<Status(__VA_ARGS__)>(compiler(), #name); \
    return function(arguments...);                                              \
  }

DRIVER(cuInit, unsigned int)
DRIVER(cuDriverGetVersion, int*)
DRIVER(cuDeviceGetCount, int*)
DRIVER(cuDeviceGet, int*, int)
DRIVER(cuDeviceGetName, char*, int, int)
DRIVER(cuDeviceTotalMem_v2, std::size_t*, int)
DRIVER(cuDeviceGetAttribute, int*, int, int)
DRIVER(cuDeviceGetPCIBusId, char*, int, int)
DRIVER(cuDevicePrimaryCtxRetain, void**, int)
DRIVER(cuCtxSetCurrent, void*)
DRIVER(cuMemGetInfo_v2, std::size_t*, std::size_t*)
DRIVER(cuMemAlloc_v2, Pointer*, std::size_t)
DRIVER(cuMemFree_v2, Pointer)
DRIVER(cuMemsetD8Async, Pointer, unsigned char, std::size_t, hipStream_t)
DRIVER(cuMemcpyHtoDAsync_v2, Pointer, const void*, std::size_t, hipStream_t)
DRIVER(cuMemcpyDtoHAsync_v2, void*, Pointer, std::size_t, hipStream_t)
DRIVER(cuStreamCreate, hipStream_t*, unsigned int)
DRIVER(cuStreamSynchronize, hipStream_t)
DRIVER(cuStreamDestroy_v2, hipStream_t)
DRIVER(cuEventCreate, hipEvent_t*, unsigned int)
DRIVER(cuEventRecord, hipEvent_t, hipStream_t)
DRIVER(cuEventSynchronize, hipEvent_t)
DRIVER(cuEventDestroy_v2, hipEvent_t)
DRIVER(cuModuleLoadData, hipModule_t*, const void*)
DRIVER(cuModuleGetFunction, hipFunction_t*, hipModule_t, const char*)
DRIVER(cuModuleUnload, hipModule_t)
DRIVER(cuLaunchKernel, hipFunction_t, unsigned int, unsigned int, unsigned int, unsigned int,
       unsigned int, unsigned int, unsigned int, hipStream_t, void**, void**)
// Capture by threads since CUDA 10.1, graphs with flags since 11.4;
// hipErrorStreamCaptureUnsupported before.
NEWER_DRIVER(cuStreamBeginCapture_v2, hipStream_t, int)
NEWER_DRIVER(cuStreamEndCapture, hipStream_t, hipGraph_t*)
NEWER_DRIVER(cuGraphInstantiateWithFlags, hipGraphExec_t*, hipGraph_t, unsigned long long)
NEWER_DRIVER(cuGraphLaunch, hipGraphExec_t, hipStream_t)
NEWER_DRIVER(cuGraphExecDestroy, hipGraphExec_t)
NEWER_DRIVER(cuGraphDestroy, hipGraph_t)
COMPILER(nvrtcCreateProgram, hiprtcProgram*, const char*, const char*, int, const char**,
         const char**)
COMPILER(nvrtcCompileProgram, hiprtcProgram, int, const char**)
COMPILER(nvrtcGetProgramLogSize, hiprtcProgram, std::size_t*)
COMPILER(nvrtcGetProgramLog, hiprtcProgram, char*)
COMPILER(nvrtcGetCUBINSize, hiprtcProgram, std::size_t*)
COMPILER(nvrtcGetCUBIN, hiprtcProgram, char*)
COMPILER(nvrtcDestroyProgram, hiprtcProgram*)

void*& lastContext() {
  static void* context = nullptr;
  return context;
}

/// HIP lets any thread give objects back; CUDA wants a context there.
void ensureContext() {
  thread_local bool set = false;
  if (!set && lastContext() != nullptr) set = cuCtxSetCurrent(lastContext()) == hipSuccess;
}

int attribute(int what, int device) {
  int value = 0;
  return cuDeviceGetAttribute(&value, what, device) == hipSuccess ? value : 0;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

hipError_t hipInit(unsigned int flags) { return cuInit(flags); }

hipError_t hipRuntimeGetVersion(int* version) {
  int cuda = 0;
  const hipError_t status = cuDriverGetVersion(&cuda);
  *version = cuda / 1000 * 10'000'000 + cuda % 1000 / 10 * 100'000;
  return status;
}

hipError_t hipGetDeviceCount(int* count) { return cuDeviceGetCount(count); }

hipError_t hipGetDevicePropertiesR0600(PropertiesR0600* properties, int ordinal) {
  int device = 0;
  if (const hipError_t status = cuDeviceGet(&device, ordinal); status != hipSuccess) return status;
  cuDeviceGetName(properties->name, static_cast<int>(sizeof properties->name), device);
  cuDeviceTotalMem_v2(&properties->totalGlobalMem, device);
  properties->sharedMemPerBlock =
      static_cast<std::size_t>(attribute(maxSharedMemoryPerBlock, device));
  properties->warpSize = attribute(::warpSize, device);
  properties->maxThreadsPerBlock = attribute(::maxThreadsPerBlock, device);
  properties->multiProcessorCount = attribute(multiprocessorCount, device);
  properties->l2CacheSize = attribute(l2CacheBytes, device);
  const std::string target = "sm_" + std::to_string(attribute(capabilityMajor, device)) +
                             std::to_string(attribute(capabilityMinor, device));
  target.copy(properties->gcnArchName, sizeof properties->gcnArchName - 1);
  return hipSuccess;
}

hipError_t hipDeviceGetPCIBusId(char* address, int size, int ordinal) {
  return cuDeviceGetPCIBusId(address, size, ordinal);
}

hipError_t hipSetDevice(int ordinal) {
  void* context = nullptr;
  if (const hipError_t status = cuDevicePrimaryCtxRetain(&context, ordinal); status != hipSuccess)
    return status;
  lastContext() = context;
  return cuCtxSetCurrent(context);
}

hipError_t hipMemGetInfo(std::size_t* free, std::size_t* total) {
  return cuMemGetInfo_v2(free, total);
}

hipError_t hipMalloc(void** pointer, std::size_t bytes) {
  Pointer memory = 0;
  const hipError_t status = cuMemAlloc_v2(&memory, bytes);
  *pointer = reinterpret_cast<void*>(memory);
  return status;
}

hipError_t hipFree(void* pointer) {
  ensureContext();
  return cuMemFree_v2(reinterpret_cast<Pointer>(pointer));
}

hipError_t hipMemsetAsync(void* pointer, int value, std::size_t bytes, hipStream_t stream) {
  return cuMemsetD8Async(reinterpret_cast<Pointer>(pointer), static_cast<unsigned char>(value),
                         bytes, stream);
}

hipError_t hipMemcpyAsync(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind,
                          hipStream_t stream) {
  return kind == hipMemcpyHostToDevice
             ? cuMemcpyHtoDAsync_v2(reinterpret_cast<Pointer>(to), from, bytes, stream)
             : cuMemcpyDtoHAsync_v2(to, reinterpret_cast<Pointer>(from), bytes, stream);
}

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int flags) {
  return cuStreamCreate(stream, flags);
}
hipError_t hipStreamSynchronize(hipStream_t stream) { return cuStreamSynchronize(stream); }
hipError_t hipStreamDestroy(hipStream_t stream) {
  ensureContext();
  return cuStreamDestroy_v2(stream);
}
hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned int flags) {
  return cuEventCreate(event, flags);
}
hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
  return cuEventRecord(event, stream);
}
hipError_t hipEventSynchronize(hipEvent_t event) { return cuEventSynchronize(event); }
hipError_t hipEventDestroy(hipEvent_t event) {
  ensureContext();
  return cuEventDestroy_v2(event);
}

hipError_t hipModuleLoadData(hipModule_t* module, const void* image) {
  return cuModuleLoadData(module, image);
}
hipError_t hipModuleGetFunction(hipFunction_t* function, hipModule_t module, const char* name) {
  return cuModuleGetFunction(function, module, name);
}
hipError_t hipModuleUnload(hipModule_t module) {
  ensureContext();
  return cuModuleUnload(module);
}
hipError_t hipModuleLaunchKernel(hipFunction_t function, unsigned int gridX, unsigned int gridY,
                                 unsigned int gridZ, unsigned int blockX, unsigned int blockY,
                                 unsigned int blockZ, unsigned int shared, hipStream_t stream,
                                 void** arguments, void** extra) {
  return cuLaunchKernel(function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared, stream,
                        arguments, extra);
}

/// CUDA's modes of capture have HIP's numbers.
hipError_t hipStreamBeginCapture(hipStream_t stream, hipStreamCaptureMode mode) {
  return cuStreamBeginCapture_v2(stream, mode);
}
hipError_t hipStreamEndCapture(hipStream_t stream, hipGraph_t* graph) {
  *graph = nullptr;
  return cuStreamEndCapture(stream, graph);
}
/// CUDA's has no place for the node that failed, and no log.
hipError_t hipGraphInstantiate(hipGraphExec_t* exec, hipGraph_t graph, hipGraphNode_t* failed,
                               char* log, std::size_t logBytes) {
  if (failed != nullptr) *failed = nullptr;
  if (log != nullptr && logBytes > 0) *log = '\0';
  return cuGraphInstantiateWithFlags(exec, graph, 0);
}
hipError_t hipGraphLaunch(hipGraphExec_t exec, hipStream_t stream) {
  return cuGraphLaunch(exec, stream);
}
hipError_t hipGraphExecDestroy(hipGraphExec_t exec) {
  ensureContext();
  return cuGraphExecDestroy(exec);
}
hipError_t hipGraphDestroy(hipGraph_t graph) {
  ensureContext();
  return cuGraphDestroy(graph);
}

hiprtcResult hiprtcCreateProgram(hiprtcProgram* program, const char* source, const char* name,
                                 int count, const char** headers, const char** names) {
  return nvrtcCreateProgram(program, source, name, count, headers, names);
}

hiprtcResult hiprtcCompileProgram(hiprtcProgram program, int count, const char** options) {
  std::vector<std::string> translated{"--std=c++17"};
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.rfind("-D", 0) == 0) translated.push_back(option);
    if (option == "-ffp-contract=off") translated.emplace_back("--fmad=false");
    if (option.rfind("--offload-arch=", 0) == 0)
      translated.push_back("--gpu-architecture=" + option.substr(std::strlen("--offload-arch=")));
  }
  std::vector<const char*> pointers;
  for (const std::string& option : translated) pointers.push_back(option.c_str());
  return nvrtcCompileProgram(program, static_cast<int>(pointers.size()), pointers.data());
}

hiprtcResult hiprtcGetProgramLogSize(hiprtcProgram program, std::size_t* size) {
  return nvrtcGetProgramLogSize(program, size);
}
hiprtcResult hiprtcGetProgramLog(hiprtcProgram program, char* log) {
  return nvrtcGetProgramLog(program, log);
}
hiprtcResult hiprtcGetCodeSize(hiprtcProgram program, std::size_t* size) {
  return nvrtcGetCUBINSize(program, size);
}
hiprtcResult hiprtcGetCode(hiprtcProgram program, char* code) {
  return nvrtcGetCUBIN(program, code);
}
hiprtcResult hiprtcDestroyProgram(hiprtcProgram* program) { return nvrtcDestroyProgram(program); }

}  // extern "C"
#pragma GCC visibility pop
