// The HIP runtime, as far as native/device/drivers/hip/api.h declares it: devices whose memory is
// this machine's, and streams whose work waits until somebody waits for it, as a GPU's may.

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "blocks.h"
#include "code.h"
#include "device/drivers/hip/api.h"
#include "faults.h"

using namespace thalweg::hip;  // the constants and the layouts that this is held to
using emulator::count;
using emulator::failureOf;
using emulator::Object;

namespace {

const char* variable(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

int waveSize() { return std::atoi(HIP_EMULATOR_WAVE); }
std::string architecture() {
  return variable("HIP_EMULATOR_ARCH", waveSize() == 32 ? "gfx1030" : "gfx90a:sramecc+:xnack-");
}
int deviceCount() { return std::atoi(variable("HIP_EMULATOR_DEVICES", "1")); }
/// Keeps the host as long as a launch is to take it.
void takeLaunchTime() {
  const auto time =
      std::chrono::microseconds(std::atoi(variable("HIP_EMULATOR_LAUNCH_MICROSECONDS", "0")));
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < time) continue;
}
std::size_t memoryBytes() {
  return std::strtoull(variable("HIP_EMULATOR_MEMORY", "4294967296"), nullptr, 10);
}

/// Held by who adds to a stream or does its work: threads wait for each other's streams where they
/// free memory.
std::mutex& gpu() {
  static std::mutex mutex;
  return mutex;
}

/// What a stream is still to do.
using Task = std::function<hipError_t()>;

/// Allocations, and room behind each that nothing may write to.
class Memory {
 public:
  hipError_t allocate(void** pointer, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes == 0 || bytes > memoryBytes() - used_) return hipErrorOutOfMemory;
    auto* const memory = static_cast<unsigned char*>(std::malloc(bytes + guard));
    if (memory == nullptr) return hipErrorOutOfMemory;
    // Neither zeros nor numbers that a sum could hide.
    std::memset(memory, 0xff, std::min<std::size_t>(bytes, std::size_t{1} << 20U));
    std::memset(memory + bytes, fence, guard);
    sizes_[memory] = bytes;
    used_ += bytes;
    *pointer = memory;
    count(Object::buffer, 1);
    return hipSuccess;
  }

  hipError_t release(void* pointer) {
    const std::lock_guard lock(mutex_);
    const auto at = sizes_.find(static_cast<unsigned char*>(pointer));
    if (at == sizes_.end()) return hipErrorInvalidValue;
    expectIntact(at->first, at->second);
    used_ -= at->second;
    std::free(pointer);
    sizes_.erase(at);
    count(Object::buffer, -1);
    return hipSuccess;
  }

  bool holds(const void* pointer, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto* const at = static_cast<const unsigned char*>(pointer);
    auto after = sizes_.upper_bound(const_cast<unsigned char*>(at));
    if (after == sizes_.begin()) return false;
    const auto& [memory, size] = *--after;
    return at + bytes <= memory + size;
  }

  /// Where the buffer begins that `pointer` points into; null where there is none.
  const void* bufferOf(const void* pointer) {
    const std::lock_guard lock(mutex_);
    auto after = sizes_.upper_bound(static_cast<unsigned char*>(const_cast<void*>(pointer)));
    if (after == sizes_.begin()) return nullptr;
    const auto& [memory, size] = *--after;
    return pointer < memory + size ? memory : nullptr;
  }

  std::size_t free() {
    const std::lock_guard lock(mutex_);
    return memoryBytes() - used_;
  }

 private:
  static constexpr std::size_t guard = 256;
  static constexpr unsigned char fence = 0xfd;

  static void expectIntact(const unsigned char* memory, std::size_t bytes) {
    const bool intact = std::all_of(memory + bytes, memory + bytes + guard,
                                    [](unsigned char byte) { return byte == fence; });
    if (intact) return;
    std::fprintf(stderr, "hip-emulator: something was written behind a buffer of %zu bytes\n",
                 bytes);
    std::abort();
  }

  std::mutex mutex_;
  std::map<unsigned char*, std::size_t> sizes_;
  std::size_t used_ = 0;
};

Memory& memory() {
  static Memory all;
  return all;
}

}  // namespace

/// The launches of a capture, and the buffers that their arguments name.
struct Captured {
  std::vector<Task> tasks;
  std::set<const void*> buffers;
};

/// What was captured, and what is made of it: shared with launches that are still to run.
struct ihipGraph {
  Captured captured;
};
struct hipGraphExec {
  std::shared_ptr<const Captured> captured;
};

namespace {

/// The executable graphs that live: nothing that one of them names may go before it, nor may it go
/// before its launches are done.
class LiveGraphs {
 public:
  void add(const hipGraphExec* graph) {
    const std::lock_guard lock(mutex_);
    live_.insert(graph);
  }
  void remove(const hipGraphExec* graph) {
    const std::lock_guard lock(mutex_);
    live_.erase(graph);
    // A launch that is still to run holds what was captured.
    if (graph->captured.use_count() > 1) refuse("a graph is destroyed while it is at work");
  }
  void expectUnnamed(const void* buffer) {
    const std::lock_guard lock(mutex_);
    for (const hipGraphExec* graph : live_) {
      if (graph->captured->buffers.contains(buffer)) refuse("a buffer is freed that a graph names");
    }
  }

 private:
  [[noreturn]] static void refuse(const char* what) {
    std::fprintf(stderr, "hip-emulator: %s\n", what);
    std::abort();
  }

  std::mutex mutex_;
  std::set<const hipGraphExec*> live_;
};

LiveGraphs& liveGraphs() {
  static LiveGraphs all;
  return all;
}

}  // namespace

struct ihipStream_t {
  std::vector<Task> tasks;
  hipError_t failed = hipSuccess;  // once work has failed, so does everything
  bool capturing = false;
  bool spoilt = false;  // by a call that a capture does not allow
  Captured captured;

  hipError_t drain() {
    const std::lock_guard lock(gpu());
    std::vector<Task> waiting;
    waiting.swap(tasks);
    for (const Task& task : waiting) {
      if (failed == hipSuccess) failed = task();
    }
    return failed;
  }
  hipError_t add(Task task) {
    const std::lock_guard lock(gpu());
    if (capturing) {
      captured.tasks.push_back(std::move(task));
      return hipSuccess;
    }
    if (failed == hipSuccess) tasks.push_back(std::move(task));
    return failed;
  }
  /// What waits, or asks whether work is done, may not be called while work is only captured.
  hipError_t notWhileCapturing() {
    if (!capturing) return hipSuccess;
    spoilt = true;
    return hipErrorStreamCaptureUnsupported;
  }
};

struct ihipEvent_t {
  hipStream_t stream = nullptr;
};

/// The stream that this thread captures: until the end it may neither allocate nor free.
thread_local hipStream_t capturedHere = nullptr;

hipError_t unsafeHere() {
  return capturedHere == nullptr ? hipSuccess : capturedHere->notWhileCapturing();
}

struct ihipModule_t {
  void* library = nullptr;
  std::map<std::string, std::unique_ptr<ihipModuleSymbol_t>> functions;
};

struct ihipModuleSymbol_t {
  std::string name;
  emulator::Entry enter;
  unsigned int bounds;
  std::vector<std::size_t> sizes;
};

namespace {

std::mutex& streamsMutex() {
  static std::mutex mutex;
  return mutex;
}
std::set<hipStream_t>& streams() {
  static std::set<hipStream_t> all;
  return all;
}

template <typename Properties>
hipError_t describe(Properties* properties, int device) {
  if (device < 0 || device >= deviceCount()) return hipErrorInvalidDevice;
  const std::string name = "HIP emulator, wave" + std::to_string(waveSize());
  name.copy(properties->name, sizeof properties->name - 1);
  architecture().copy(properties->gcnArchName, sizeof properties->gcnArchName - 1);
  properties->totalGlobalMem = memoryBytes();
  properties->sharedMemPerBlock = std::size_t{64} << 10U;
  properties->warpSize = waveSize();
  properties->maxThreadsPerBlock = std::atoi(variable("HIP_EMULATOR_BLOCK", "1024"));
  properties->multiProcessorCount = 4;
  properties->l2CacheSize = std::atoi(variable("HIP_EMULATOR_L2", "0"));
  return hipSuccess;
}

/// A copy of a launch's arguments: what they point to may be gone when it runs.
struct Arguments {
  std::vector<std::vector<unsigned char>> values;

  Arguments(const std::vector<std::size_t>& sizes, void** from) {
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto* const bytes = static_cast<const unsigned char*>(from[i]);
      values.emplace_back(bytes, bytes + sizes[i]);
    }
  }

  /// Those that point into one.
  [[nodiscard]] std::set<const void*> buffers() const {
    std::set<const void*> found;
    for (const auto& value : values) {
      if (value.size() != sizeof(void*)) continue;
      const void* pointer = nullptr;
      std::memcpy(&pointer, value.data(), sizeof pointer);
      if (const void* const buffer = memory().bufferOf(pointer)) found.insert(buffer);
    }
    return found;
  }
};

hipError_t runKernel(const ihipModuleSymbol_t& function, Arguments arguments, unsigned int blocks,
                     unsigned int blockSize) {
  std::vector<void*> addresses;
  for (auto& value : arguments.values) addresses.push_back(value.data());
  const std::string failure =
      emulator::runBlocks(function.enter, addresses.data(), blocks, blockSize, waveSize());
  if (failure.empty()) return hipSuccess;
  std::fprintf(stderr, "hip-emulator: %s: %s\n", function.name.c_str(), failure.c_str());
  return hipErrorLaunchFailure;
}

hipError_t open(ihipModule_t& module, const std::string& content) {
  std::string file = (std::filesystem::temp_directory_path() / "hip-emulator-XXXXXX").string();
  const int descriptor = mkstemp(file.data());
  if (descriptor < 0) return hipErrorUnknown;
  close(descriptor);
  std::ofstream(file, std::ios::binary) << content;
  module.library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  unlink(file.c_str());
  return module.library == nullptr ? hipErrorInvalidImage : hipSuccess;
}

template <typename Function>
Function symbol(const ihipModule_t& module, const std::string& name) {
  return reinterpret_cast<Function>(dlsym(module.library, name.c_str()));
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

hipError_t hipInit(unsigned int) { return failureOf("hipInit", hipErrorNotInitialized); }

hipError_t hipRuntimeGetVersion(int* version) {
  *version = HIP_EMULATOR_ROCM * 10'000'000 + 200'000;
  return failureOf("hipRuntimeGetVersion", hipErrorInvalidValue);
}

hipError_t hipGetDeviceCount(int* number) {
  *number = deviceCount();
  if (const int status = failureOf("hipGetDeviceCount", hipErrorNoDevice)) return status;
  return *number == 0 ? hipErrorNoDevice : hipSuccess;
}

#if HIP_EMULATOR_ROCM >= 6
hipError_t hipGetDevicePropertiesR0600(PropertiesR0600* properties, int device) {
  if (const int status = failureOf("hipGetDevicePropertiesR0600", hipErrorInvalidDevice))
    return status;
  return describe(properties, device);
}
#else
hipError_t hipGetDeviceProperties(PropertiesR0000* properties, int device) {
  if (const int status = failureOf("hipGetDeviceProperties", hipErrorInvalidDevice)) return status;
  return describe(properties, device);
}
#endif

hipError_t hipDeviceGetPCIBusId(char* address, int size, int device) {
  if (const int status = failureOf("hipDeviceGetPCIBusId", hipErrorInvalidDevice)) return status;
  std::snprintf(address, static_cast<std::size_t>(size), "0000:%02X:00.0", device + 10);
  return hipSuccess;
}

hipError_t hipSetDevice(int device) {
  if (const int status = failureOf("hipSetDevice", hipErrorInvalidDevice)) return status;
  return device >= 0 && device < deviceCount() ? hipSuccess : hipErrorInvalidDevice;
}

hipError_t hipMemGetInfo(std::size_t* free, std::size_t* total) {
  if (const int status = failureOf("hipMemGetInfo", hipErrorUnknown)) return status;
  *free = memory().free();
  *total = memoryBytes();
  return hipSuccess;
}

hipError_t hipMalloc(void** pointer, std::size_t bytes) {
  if (const int status = failureOf("hipMalloc", hipErrorOutOfMemory)) return status;
  if (const hipError_t status = unsafeHere()) return status;
  return memory().allocate(pointer, bytes);
}

hipError_t hipFree(void* pointer) {
  liveGraphs().expectUnnamed(pointer);
  if (const hipError_t status = unsafeHere()) return status;
  // What runs may still use it: HIP waits.
  {
    const std::lock_guard lock(streamsMutex());
    for (hipStream_t stream : streams()) stream->drain();
  }
  const hipError_t status = memory().release(pointer);
  const int wanted = failureOf("hipFree", hipErrorUnknown);
  return wanted == 0 ? status : wanted;
}

hipError_t hipMemsetAsync(void* pointer, int value, std::size_t bytes, hipStream_t stream) {
  if (const int status = failureOf("hipMemsetAsync", hipErrorUnknown)) return status;
  if (!memory().holds(pointer, bytes)) return hipErrorInvalidValue;
  return stream->add([=] {
    std::memset(pointer, value, bytes);
    return hipSuccess;
  });
}

hipError_t hipMemcpyAsync(void* to, const void* from, std::size_t bytes, hipMemcpyKind kind,
                          hipStream_t stream) {
  if (const int status = failureOf("hipMemcpyAsync", hipErrorUnknown)) return status;
  if (!memory().holds(kind == hipMemcpyHostToDevice ? to : from, bytes))
    return hipErrorInvalidValue;
  return stream->add([=] {
    std::memcpy(to, from, bytes);
    return hipSuccess;
  });
}

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int) {
  if (const int status = failureOf("hipStreamCreateWithFlags", hipErrorOutOfMemory)) return status;
  *stream = new ihipStream_t;
  const std::lock_guard lock(streamsMutex());
  streams().insert(*stream);
  count(Object::stream, 1);
  return hipSuccess;
}

hipError_t hipStreamSynchronize(hipStream_t stream) {
  if (const hipError_t status = stream->notWhileCapturing()) return status;
  const hipError_t status = stream->drain();
  const int wanted = failureOf("hipStreamSynchronize", hipErrorLaunchFailure);
  return wanted == 0 ? status : wanted;
}

hipError_t hipStreamDestroy(hipStream_t stream) {
  {
    const std::lock_guard lock(streamsMutex());
    streams().erase(stream);
  }
  stream->drain();
  delete stream;
  count(Object::stream, -1);
  return failureOf("hipStreamDestroy", hipErrorUnknown);
}

hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned int) {
  if (const int status = failureOf("hipEventCreateWithFlags", hipErrorOutOfMemory)) return status;
  *event = new ihipEvent_t;
  count(Object::event, 1);
  return hipSuccess;
}

hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
  if (const int status = failureOf("hipEventRecord", hipErrorLaunchFailure)) return status;
  if (const hipError_t status = stream->notWhileCapturing()) return status;
  event->stream = stream;
  return stream->failed;
}

hipError_t hipEventSynchronize(hipEvent_t event) {
  if (event->stream != nullptr && event->stream->capturing)
    return event->stream->notWhileCapturing();
  const hipError_t status = event->stream == nullptr ? hipSuccess : event->stream->drain();
  const int wanted = failureOf("hipEventSynchronize", hipErrorLaunchFailure);
  return wanted == 0 ? status : wanted;
}

hipError_t hipEventDestroy(hipEvent_t event) {
  delete event;
  count(Object::event, -1);
  return failureOf("hipEventDestroy", hipErrorUnknown);
}

hipError_t hipModuleLoadData(hipModule_t* module, const void* image) {
  if (const int status = failureOf("hipModuleLoadData", hipErrorInvalidImage)) return status;
  if (const hipError_t status = unsafeHere()) return status;
  std::string library;
  switch (emulator::decode(image, architecture(), library)) {
    case emulator::Decoded::nothing: return hipErrorInvalidImage;
    case emulator::Decoded::otherArchitecture: return hipErrorNoBinaryForGpu;
    case emulator::Decoded::code: break;
  }
  auto opened = std::make_unique<ihipModule_t>();
  if (const hipError_t status = open(*opened, library); status != hipSuccess) return status;
  *module = opened.release();
  count(Object::module, 1);
  return hipSuccess;
}

hipError_t hipModuleGetFunction(hipFunction_t* function, hipModule_t module, const char* name) {
  if (const int status = failureOf("hipModuleGetFunction", hipErrorNotFound)) return status;
  auto& found = module->functions[name];
  if (!found) {
    const std::string suffix = name;
    const auto enter = symbol<emulator::Entry>(*module, "emulated_enter_" + suffix);
    if (enter == nullptr) return hipErrorNotFound;
    std::vector<std::size_t> sizes(64);
    sizes.resize(
        symbol<unsigned int (*)(std::size_t*)>(*module, "emulated_sizes_" + suffix)(sizes.data()));
    found = std::make_unique<ihipModuleSymbol_t>(ihipModuleSymbol_t{
        name, enter, symbol<unsigned int (*)()>(*module, "emulated_bounds_" + suffix)(), sizes});
  }
  *function = found.get();
  return hipSuccess;
}

hipError_t hipModuleUnload(hipModule_t module) {
  {
    const std::lock_guard lock(streamsMutex());
    for (hipStream_t stream : streams()) stream->drain();
  }
  dlclose(module->library);
  delete module;
  count(Object::module, -1);
  return failureOf("hipModuleUnload", hipErrorUnknown);
}

hipError_t hipModuleLaunchKernel(hipFunction_t function, unsigned int blocks, unsigned int blocksY,
                                 unsigned int blocksZ, unsigned int sizeX, unsigned int sizeY,
                                 unsigned int sizeZ, unsigned int, hipStream_t stream,
                                 void** arguments, void**) {
  if (const int status = failureOf("hipModuleLaunchKernel", hipErrorLaunchOutOfResources))
    return status;
  if (blocks == 0 || blocksY != 1 || blocksZ != 1 || sizeX == 0 || sizeY != 1 || sizeZ != 1)
    return hipErrorInvalidValue;
  // A block larger than the kernel's launch bounds does not start on a GPU either.
  if (sizeX > function->bounds) return hipErrorLaunchFailure;
  const Arguments copied(function->sizes, arguments);
  const Task task = [=] { return runKernel(*function, copied, blocks, sizeX); };
  if (stream->capturing) {
    stream->captured.buffers.merge(copied.buffers());
    return stream->add(task);
  }
  takeLaunchTime();
  count(Object::launch, 1);
  return stream->add([task] {
    count(Object::launch, -1);
    return task();
  });
}

#if HIP_EMULATOR_ROCM >= 6

hipError_t hipStreamBeginCapture(hipStream_t stream, hipStreamCaptureMode mode) {
  if (const int status = failureOf("hipStreamBeginCapture", hipErrorUnknown)) return status;
  if (mode != hipStreamCaptureModeThreadLocal) return hipErrorInvalidValue;
  if (stream->capturing || capturedHere != nullptr) return hipErrorIllegalState;
  stream->capturing = true;
  stream->spoilt = false;
  stream->captured = {};
  capturedHere = stream;
  return hipSuccess;
}

hipError_t hipStreamEndCapture(hipStream_t stream, hipGraph_t* graph) {
  *graph = nullptr;
  if (!stream->capturing || capturedHere != stream) return hipErrorIllegalState;
  stream->capturing = false;
  capturedHere = nullptr;
  Captured captured = std::exchange(stream->captured, {});
  if (const int status = failureOf("hipStreamEndCapture", hipErrorUnknown)) return status;
  if (stream->spoilt) return hipErrorStreamCaptureInvalidated;
  *graph = new ihipGraph{std::move(captured)};
  count(Object::graph, 1);
  return hipSuccess;
}

hipError_t hipGraphInstantiate(hipGraphExec_t* executable, hipGraph_t graph, hipGraphNode_t*, char*,
                               std::size_t) {
  if (const int status = failureOf("hipGraphInstantiate", hipErrorOutOfMemory)) return status;
  *executable = new hipGraphExec{std::make_shared<const Captured>(graph->captured)};
  liveGraphs().add(*executable);
  count(Object::graphExec, 1);
  return hipSuccess;
}

hipError_t hipGraphLaunch(hipGraphExec_t executable, hipStream_t stream) {
  if (const int status = failureOf("hipGraphLaunch", hipErrorLaunchFailure)) return status;
  takeLaunchTime();
  count(Object::graphLaunch, 1);
  return stream->add([captured = executable->captured] {
    for (const Task& task : captured->tasks) {
      if (&task == &captured->tasks.front() && std::getenv("HIP_EMULATOR_SHORT_GRAPHS") != nullptr)
        continue;
      if (const hipError_t status = task(); status != hipSuccess) return status;
    }
    return hipSuccess;
  });
}

hipError_t hipGraphExecDestroy(hipGraphExec_t executable) {
  liveGraphs().remove(executable);
  delete executable;
  count(Object::graphExec, -1);
  return failureOf("hipGraphExecDestroy", hipErrorUnknown);
}

hipError_t hipGraphDestroy(hipGraph_t graph) {
  delete graph;
  count(Object::graph, -1);
  return failureOf("hipGraphDestroy", hipErrorUnknown);
}

#endif

}  // extern "C"
#pragma GCC visibility pop
