#include "queue.h"

#include <array>
#include <map>
#include <vector>

#include "statuses.h"

namespace thalweg::hip {
namespace {

constexpr std::size_t mostBuffers = 16;  // more than any kernel has

class HipBuffer final : public kernels::Buffer {
 public:
  HipBuffer(std::uint64_t bytes, MemoryHandle memory) : Buffer(bytes), memory_(std::move(memory)) {}
  [[nodiscard]] void* get() const noexcept { return memory_.get(); }

 private:
  MemoryHandle memory_;
};

void* memoryOf(const kernels::Buffer& buffer) {
  return static_cast<const HipBuffer&>(buffer).get();
}

std::byte* at(const kernels::Buffer& buffer, std::uint64_t offset) {
  return static_cast<std::byte*>(memoryOf(buffer)) + offset;
}

/// A function belongs to its module, and is not given back.
class HipKernel final : public kernels::Kernel {
 public:
  explicit HipKernel(hipFunction_t function) : function_(function) {}
  [[nodiscard]] hipFunction_t get() const noexcept { return function_; }

 private:
  hipFunction_t function_;
};

class HipProgram final : public kernels::Program {
 public:
  HipProgram(std::shared_ptr<const Api> api, drivers::Check check, ModuleHandle handle)
      : api_(std::move(api)), check_(std::move(check)), handle_(std::move(handle)) {}

  [[nodiscard]] const kernels::Kernel& kernel(const std::string& name) override {
    auto& kernel = kernels_[name];
    if (kernel) return *kernel;
    hipFunction_t function = nullptr;
    const hipError_t status = api_->hipModuleGetFunction(&function, handle_.get(), name.c_str());
    if (check_.concernsKernel(status, "hipModuleGetFunction"))
      check_.buildFailed("hipModuleGetFunction " + name + ": " + statuses.describe(status), {});
    kernel = std::make_unique<HipKernel>(function);
    return *kernel;
  }

 private:
  std::shared_ptr<const Api> api_;
  drivers::Check check_;
  ModuleHandle handle_;
  std::map<std::string, std::unique_ptr<HipKernel>> kernels_;
};

class HipFence final : public kernels::Fence {
 public:
  HipFence(std::shared_ptr<const Api> api, const drivers::Check& check, EventHandle event)
      : api_(std::move(api)), check_(check), event_(std::move(event)) {}

  void wait() override {
    check_.done(api_->hipEventSynchronize(event_.get()), "hipEventSynchronize");
  }

 private:
  std::shared_ptr<const Api> api_;
  const drivers::Check& check_;
  EventHandle event_;
};

class HipRecording final : public kernels::Recording {
 public:
  HipRecording(std::shared_ptr<const Api> api, const drivers::Check& check, GraphExecHandle graph,
               hipStream_t stream)
      : api_(std::move(api)), check_(check), graph_(std::move(graph)), stream_(stream) {}
  ~HipRecording() override { static_cast<void>(api_->hipStreamSynchronize(stream_)); }
  HipRecording(const HipRecording&) = delete;
  HipRecording& operator=(const HipRecording&) = delete;

  void enqueue() override {
    check_.done(api_->hipGraphLaunch(graph_.get(), stream_), "hipGraphLaunch");
  }

 private:
  std::shared_ptr<const Api> api_;
  const drivers::Check& check_;
  GraphExecHandle graph_;
  hipStream_t stream_;
};

/// Ends a program of hiprtc, which wants the address of its handle.
class Compilation {
 public:
  explicit Compilation(const Api& api) : api_(api) {}
  ~Compilation() {
    if (program_ != nullptr) static_cast<void>(api_.hiprtcDestroyProgram(&program_));
  }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  [[nodiscard]] hiprtcProgram* address() noexcept { return &program_; }
  [[nodiscard]] hiprtcProgram get() const noexcept { return program_; }

 private:
  const Api& api_;
  hiprtcProgram program_ = nullptr;
};

std::string compilerStatus(const char* function, hiprtcResult status) {
  return std::string(function) + " answers " + std::to_string(status);
}

}  // namespace

HipQueue::HipQueue(const HipDevice& device, const kernels::QueueLimits& limits,
                   const std::string& cacheFolder)
    : DriverQueue(
          drivers::Check(statuses, device.info.id, device.info.name), limits, cacheFolder,
          {.prelude = "math/prelude.hip.h",
           .identity = "hip\n" + device.target + "\n" + device.info.driver,
           .options = {"--offload-arch=" + device.target, "-O3", "-ffp-contract=off", "-w"}}),
      api_(device.api) {
  // Of this thread, which is the device's own.
  check().allocated(api_->hipSetDevice(device.ordinal), "hipSetDevice", 0);
  hipStream_t stream = nullptr;
  check().allocated(api_->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking),
                    "hipStreamCreateWithFlags", 0);
  stream_ = StreamHandle(api_, stream);
}

void HipQueue::expectRoom(std::uint64_t bytes) const {
  std::size_t free = 0;
  std::size_t total = 0;
  check().done(api_->hipMemGetInfo(&free, &total), "hipMemGetInfo");
  if (bytes <= free) return;
  check().outOfMemory(bytes,
                      std::to_string(free) + " of its " + std::to_string(total) + " are free");
}

std::unique_ptr<kernels::Buffer> HipQueue::allocate(std::uint64_t bytes) {
  void* pointer = nullptr;
  check().allocated(api_->hipMalloc(&pointer, bytes), "hipMalloc", bytes);
  MemoryHandle memory(api_, pointer);
  check().allocated(api_->hipMemsetAsync(pointer, 0, bytes, stream_.get()), "hipMemsetAsync",
                    bytes);
  check().allocated(api_->hipStreamSynchronize(stream_.get()), "hipStreamSynchronize", bytes);
  return std::make_unique<HipBuffer>(bytes, std::move(memory));
}

void HipQueue::write(const kernels::Buffer& to, std::uint64_t offset,
                     std::span<const std::byte> bytes) {
  check().done(api_->hipMemcpyAsync(at(to, offset), bytes.data(), bytes.size(),
                                    hipMemcpyHostToDevice, stream_.get()),
               "hipMemcpyAsync");
  finish();
}

void HipQueue::writeAside(const kernels::Buffer& to, std::uint64_t offset,
                          std::span<const std::byte> bytes) {
  if (aside_.get() == nullptr) {
    hipStream_t stream = nullptr;
    check().allocated(api_->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking),
                      "hipStreamCreateWithFlags", 0);
    aside_ = StreamHandle(api_, stream);
  }
  check().done(api_->hipMemcpyAsync(at(to, offset), bytes.data(), bytes.size(),
                                    hipMemcpyHostToDevice, aside_.get()),
               "hipMemcpyAsync");
  check().done(api_->hipStreamSynchronize(aside_.get()), "hipStreamSynchronize");
}

void HipQueue::read(const kernels::Buffer& from, std::uint64_t offset, std::span<std::byte> bytes) {
  check().done(api_->hipMemcpyAsync(bytes.data(), at(from, offset), bytes.size(),
                                    hipMemcpyDeviceToHost, stream_.get()),
               "hipMemcpyAsync");
  finish();
}

std::unique_ptr<kernels::Program> HipQueue::load(const Code& code, const Source&) const {
  hipModule_t module = nullptr;
  const hipError_t status = api_->hipModuleLoadData(&module, code.data());
  // Code of another card or version is refused with these.
  if (status == hipErrorInvalidImage || status == hipErrorNoBinaryForGpu) return nullptr;
  check().allocated(status, "hipModuleLoadData", code.size());
  return std::make_unique<HipProgram>(api_, check(), ModuleHandle(api_, module));
}

HipQueue::Built HipQueue::build(const Source& source, bool) const {
  const auto expect = [&](hiprtcResult status, const char* function) {
    if (status == HIPRTC_SUCCESS) return;
    if (status == HIPRTC_ERROR_OUT_OF_MEMORY)
      check().outOfMemory(0, compilerStatus(function, status));
    check().buildFailed(source.name + ", " + compilerStatus(function, status), {});
  };
  Compilation program(*api_);
  expect(api_->hiprtcCreateProgram(program.address(), source.text.c_str(), source.name.c_str(), 0,
                                   nullptr, nullptr),
         "hiprtcCreateProgram");
  std::vector<const char*> arguments;
  arguments.reserve(source.options.size());
  for (const std::string& option : source.options) arguments.push_back(option.c_str());
  const hiprtcResult status = api_->hiprtcCompileProgram(
      program.get(), static_cast<int>(arguments.size()), arguments.data());
  if (status != HIPRTC_SUCCESS) {
    check().buildFailed(source.name + ", " + compilerStatus("hiprtcCompileProgram", status) +
                            ", options " + source.optionsText(),
                        buildLog(program.get()));
  }
  std::size_t size = 0;
  expect(api_->hiprtcGetCodeSize(program.get(), &size), "hiprtcGetCodeSize");
  Code code(size);
  expect(api_->hiprtcGetCode(program.get(), reinterpret_cast<char*>(code.data())), "hiprtcGetCode");
  auto loaded = load(code, source);
  if (!loaded) check().buildFailed(source.name + ", hipModuleLoadData", {});
  return {std::move(loaded), std::move(code)};
}

std::string HipQueue::buildLog(hiprtcProgram program) const {
  std::size_t size = 0;
  if (api_->hiprtcGetProgramLogSize(program, &size) != HIPRTC_SUCCESS) return {};
  std::string log(size, '\0');
  if (api_->hiprtcGetProgramLog(program, log.data()) != HIPRTC_SUCCESS) return {};
  while (!log.empty() && log.back() == '\0') log.pop_back();
  return log;
}

void HipQueue::launch(const kernels::Kernel& kernel, std::uint64_t groups, std::uint32_t groupSize,
                      std::initializer_list<const kernels::Buffer*> buffers,
                      std::span<const std::byte> arguments) {
  // The runtime copies each argument by the size that the compiled kernel says it has.
  std::array<void*, mostBuffers> pointers{};
  std::array<void*, mostBuffers + 1> addresses{};
  if (buffers.size() > mostBuffers) {
    check().buildFailed("a kernel of " + std::to_string(buffers.size()) + " buffers", {});
  }
  std::size_t count = 0;
  for (const kernels::Buffer* buffer : buffers) {
    pointers[count] = memoryOf(*buffer);
    addresses[count] = &pointers[count];
    ++count;
  }
  // HIP takes them as void*, and only reads.
  addresses[count] = const_cast<std::byte*>(arguments.data());
  const hipError_t status = api_->hipModuleLaunchKernel(
      static_cast<const HipKernel&>(kernel).get(), static_cast<unsigned int>(groups), 1, 1,
      groupSize, 1, 1, 0, stream_.get(), addresses.data(), nullptr);
  if (!recording_) {
    check().done(status, "hipModuleLaunchKernel");
  } else if (recordingStatus_ == hipSuccess) {
    recordingStatus_ = status;
  }
}

std::unique_ptr<kernels::Fence> HipQueue::fence() {
  hipEvent_t handle = nullptr;
  check().done(api_->hipEventCreateWithFlags(&handle, hipEventBlockingSync | hipEventDisableTiming),
               "hipEventCreateWithFlags");
  EventHandle event(api_, handle);
  check().done(api_->hipEventRecord(event.get(), stream_.get()), "hipEventRecord");
  return std::make_unique<HipFence>(api_, check(), std::move(event));
}

std::unique_ptr<kernels::Recording> HipQueue::record(const std::function<void()>& launches) {
  // Whatever fails here has run nothing: a device that is lost says so at the next launch.
  if (api_->hipStreamBeginCapture(stream_.get(), hipStreamCaptureModeThreadLocal) != hipSuccess)
    return nullptr;
  recording_ = true;
  recordingStatus_ = hipSuccess;
  hipGraph_t captured = nullptr;
  const auto end = [&] {
    recording_ = false;
    return api_->hipStreamEndCapture(stream_.get(), &captured);
  };
  try {
    launches();
  } catch (...) {
    static_cast<void>(end());
    const GraphHandle unused(api_, captured);
    throw;
  }
  const hipError_t status = end();
  const GraphHandle graph(api_, captured);
  if (status != hipSuccess || recordingStatus_ != hipSuccess || captured == nullptr) return nullptr;
  hipGraphExec_t executable = nullptr;
  if (api_->hipGraphInstantiate(&executable, captured, nullptr, nullptr, 0) != hipSuccess)
    return nullptr;
  return std::make_unique<HipRecording>(api_, check(), GraphExecHandle(api_, executable),
                                        stream_.get());
}

void HipQueue::finish() {
  check().done(api_->hipStreamSynchronize(stream_.get()), "hipStreamSynchronize");
}

}  // namespace thalweg::hip
