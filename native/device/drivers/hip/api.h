#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../library.h"

// The official headers' names for what handles point to, so that signatures can be compared with
// theirs.
struct ihipStream_t;
struct ihipModule_t;
struct ihipModuleSymbol_t;
struct ihipEvent_t;
struct ihipGraph;
struct hipGraphExec;
struct hipGraphNode;
struct _hiprtcProgram;  // NOLINT(bugprone-reserved-identifier)

/// The part of HIP and hiprtc that this project uses, declared here: no ROCm header is needed to
/// build, and no driver to load the addon. scripts/check-driver-apis.mjs holds every line against
/// the official headers. HIP's enumerations are passed as int.
namespace thalweg::hip {

using hipError_t = int;
using hipMemcpyKind = int;
using hipStreamCaptureMode = int;
using hiprtcResult = int;
using hipStream_t = ihipStream_t*;
using hipModule_t = ihipModule_t*;
using hipFunction_t = ihipModuleSymbol_t*;
using hipEvent_t = ihipEvent_t*;
using hipGraph_t = ihipGraph*;
using hipGraphExec_t = hipGraphExec*;
using hipGraphNode_t = hipGraphNode*;
using hiprtcProgram = _hiprtcProgram*;

inline constexpr hipError_t hipSuccess = 0;
inline constexpr hipError_t hipErrorInvalidValue = 1;
inline constexpr hipError_t hipErrorOutOfMemory = 2;
inline constexpr hipError_t hipErrorNotInitialized = 3;
inline constexpr hipError_t hipErrorInsufficientDriver = 35;
inline constexpr hipError_t hipErrorNoDevice = 100;
inline constexpr hipError_t hipErrorInvalidDevice = 101;
inline constexpr hipError_t hipErrorInvalidImage = 200;
inline constexpr hipError_t hipErrorNoBinaryForGpu = 209;
inline constexpr hipError_t hipErrorInvalidHandle = 400;
inline constexpr hipError_t hipErrorIllegalState = 401;
inline constexpr hipError_t hipErrorNotFound = 500;
inline constexpr hipError_t hipErrorIllegalAddress = 700;
inline constexpr hipError_t hipErrorLaunchOutOfResources = 701;
inline constexpr hipError_t hipErrorLaunchTimeOut = 702;
inline constexpr hipError_t hipErrorLaunchFailure = 719;
inline constexpr hipError_t hipErrorStreamCaptureUnsupported = 900;
inline constexpr hipError_t hipErrorStreamCaptureInvalidated = 901;
inline constexpr hipError_t hipErrorUnknown = 999;

inline constexpr hipMemcpyKind hipMemcpyHostToDevice = 1;
inline constexpr hipMemcpyKind hipMemcpyDeviceToHost = 2;
inline constexpr unsigned int hipStreamNonBlocking = 1;
inline constexpr hipStreamCaptureMode hipStreamCaptureModeThreadLocal = 1;
inline constexpr unsigned int hipEventBlockingSync = 1;
inline constexpr unsigned int hipEventDisableTiming = 2;

inline constexpr hiprtcResult HIPRTC_SUCCESS = 0;
inline constexpr hiprtcResult HIPRTC_ERROR_OUT_OF_MEMORY = 1;
inline constexpr hiprtcResult HIPRTC_ERROR_COMPILATION = 6;

/// What `hipGetDeviceProperties` fills in until ROCm 5, and under that name since; only the fields
/// that are read have names.
struct PropertiesR0000 {
  char name[256];
  std::size_t totalGlobalMem;
  std::size_t sharedMemPerBlock;
  int regsPerBlock;
  int warpSize;
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
  int clocksAndBus[3];
  std::size_t totalConstMem;
  int major;
  int minor;
  int multiProcessorCount;
  int l2CacheSize;
  int others[13];
  char gcnArchName[256];
  char rest[3440];  ///< more than any version has
};

/// What `hipGetDevicePropertiesR0600` fills in, since ROCm 6.
struct PropertiesR0600 {
  char name[256];
  char ids[32];
  std::size_t totalGlobalMem;
  std::size_t sharedMemPerBlock;
  int regsPerBlock;
  int warpSize;
  std::size_t memPitch;
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
  int clockRate;
  std::size_t totalConstMem;
  int major;
  int minor;
  std::size_t textureAlignment;
  std::size_t texturePitchAlignment;
  int deviceOverlap;
  int multiProcessorCount;
  int others[56];
  int l2CacheSize;
  char more[540];
  char gcnArchName[256];
  char rest[2680];  ///< more than any version has
};

/// The runtime's functions.
struct Api {
  hipError_t (*hipInit)(unsigned int);
  hipError_t (*hipRuntimeGetVersion)(int*);
  hipError_t (*hipGetDeviceCount)(int*);
  hipError_t (*hipDeviceGetPCIBusId)(char*, int, int);
  hipError_t (*hipSetDevice)(int);

  hipError_t (*hipMemGetInfo)(std::size_t*, std::size_t*);
  hipError_t (*hipMalloc)(void**, std::size_t);
  hipError_t (*hipFree)(void*);
  hipError_t (*hipMemsetAsync)(void*, int, std::size_t, hipStream_t);
  hipError_t (*hipMemcpyAsync)(void*, const void*, std::size_t, hipMemcpyKind, hipStream_t);

  hipError_t (*hipStreamCreateWithFlags)(hipStream_t*, unsigned int);
  hipError_t (*hipStreamSynchronize)(hipStream_t);
  hipError_t (*hipStreamDestroy)(hipStream_t);
  hipError_t (*hipEventCreateWithFlags)(hipEvent_t*, unsigned int);
  hipError_t (*hipEventRecord)(hipEvent_t, hipStream_t);
  hipError_t (*hipEventSynchronize)(hipEvent_t);
  hipError_t (*hipEventDestroy)(hipEvent_t);

  hipError_t (*hipModuleLoadData)(hipModule_t*, const void*);
  hipError_t (*hipModuleGetFunction)(hipFunction_t*, hipModule_t, const char*);
  hipError_t (*hipModuleUnload)(hipModule_t);
  hipError_t (*hipModuleLaunchKernel)(hipFunction_t, unsigned int, unsigned int, unsigned int,
                                      unsigned int, unsigned int, unsigned int, unsigned int,
                                      hipStream_t, void**, void**);

  hiprtcResult (*hiprtcCreateProgram)(hiprtcProgram*, const char*, const char*, int, const char**,
                                      const char**);
  hiprtcResult (*hiprtcCompileProgram)(hiprtcProgram, int, const char**);
  hiprtcResult (*hiprtcGetProgramLogSize)(hiprtcProgram, std::size_t*);
  hiprtcResult (*hiprtcGetProgramLog)(hiprtcProgram, char*);
  hiprtcResult (*hiprtcGetCodeSize)(hiprtcProgram, std::size_t*);
  hiprtcResult (*hiprtcGetCode)(hiprtcProgram, char*);
  hiprtcResult (*hiprtcDestroyProgram)(hiprtcProgram*);

  // All of them, or none where the runtime is older than graphs.
  hipError_t (*hipStreamBeginCapture)(hipStream_t, hipStreamCaptureMode) = nullptr;
  hipError_t (*hipStreamEndCapture)(hipStream_t, hipGraph_t*) = nullptr;
  hipError_t (*hipGraphInstantiate)(hipGraphExec_t*, hipGraph_t, hipGraphNode_t*, char*,
                                    std::size_t) = nullptr;
  hipError_t (*hipGraphLaunch)(hipGraphExec_t, hipStream_t) = nullptr;
  hipError_t (*hipGraphExecDestroy)(hipGraphExec_t) = nullptr;
  hipError_t (*hipGraphDestroy)(hipGraph_t) = nullptr;

  [[nodiscard]] bool hasGraphs() const noexcept { return hipGraphDestroy != nullptr; }

  // One of the two, whichever layout this runtime has.
  hipError_t (*hipGetDevicePropertiesR0600)(PropertiesR0600*, int) = nullptr;
  hipError_t (*hipGetDeviceProperties)(PropertiesR0000*, int) = nullptr;
};

/// Loads `library`, or the newest libamdhip64 if empty, and the hiprtc that belongs to it.
[[nodiscard]] drivers::Loaded<Api> loadApi(const std::string& library);

}  // namespace thalweg::hip
