#include "queue.h"

#include <array>
#include <map>
#include <vector>

#include "../../host_memory.h"
#include "statuses.h"

namespace thalweg::opencl {
namespace {

constexpr std::uint64_t smallBytes = std::uint64_t{64} << 10;

class OpenclBuffer final : public kernels::Buffer {
 public:
  OpenclBuffer(std::uint64_t bytes, MemoryHandle memory,
               std::shared_ptr<std::atomic<std::uint64_t>> allocated)
      : Buffer(bytes), memory_(std::move(memory)), allocated_(std::move(allocated)) {
    *allocated_ += bytes;
  }
  ~OpenclBuffer() override { *allocated_ -= bytes(); }
  OpenclBuffer(const OpenclBuffer&) = delete;
  OpenclBuffer& operator=(const OpenclBuffer&) = delete;

  [[nodiscard]] cl_mem get() const noexcept { return memory_.get(); }

 private:
  MemoryHandle memory_;
  std::shared_ptr<std::atomic<std::uint64_t>> allocated_;
};

cl_mem memoryOf(const kernels::Buffer& buffer) {
  return static_cast<const OpenclBuffer&>(buffer).get();
}

class OpenclKernel final : public kernels::Kernel {
 public:
  explicit OpenclKernel(KernelHandle handle) : handle_(std::move(handle)) {}
  [[nodiscard]] cl_kernel get() const noexcept { return handle_.get(); }

 private:
  KernelHandle handle_;
};

class OpenclProgram final : public kernels::Program {
 public:
  OpenclProgram(std::shared_ptr<const Api> api, drivers::Check check, ProgramHandle handle)
      : api_(std::move(api)), check_(std::move(check)), handle_(std::move(handle)) {}

  [[nodiscard]] const kernels::Kernel& kernel(const std::string& name) override {
    auto& kernel = kernels_[name];
    if (kernel) return *kernel;
    cl_int status = CL_SUCCESS;
    KernelHandle handle(api_, api_->clCreateKernel(handle_.get(), name.c_str(), &status));
    if (check_.concernsKernel(status, "clCreateKernel"))
      check_.buildFailed("clCreateKernel " + name + ": " + statuses.describe(status), {});
    kernel = std::make_unique<OpenclKernel>(std::move(handle));
    return *kernel;
  }

 private:
  std::shared_ptr<const Api> api_;
  drivers::Check check_;
  // The kernels go before their program.
  ProgramHandle handle_;
  std::map<std::string, std::unique_ptr<OpenclKernel>> kernels_;
};

class OpenclFence final : public kernels::Fence {
 public:
  OpenclFence(std::shared_ptr<const Api> api, const drivers::Check& check, EventHandle event)
      : api_(std::move(api)), check_(check), event_(std::move(event)) {}

  void wait() override {
    cl_event event = event_.get();
    check_.done(api_->clWaitForEvents(1, &event), "clWaitForEvents");
  }

 private:
  std::shared_ptr<const Api> api_;
  const drivers::Check& check_;
  EventHandle event_;
};

}  // namespace

OpenclQueue::OpenclQueue(const OpenclDevice& device, const kernels::QueueLimits& limits,
                         const std::string& cacheFolder)
    : DriverQueue(drivers::Check(statuses, device.info.id, device.info.name), limits, cacheFolder,
                  {.prelude = "math/prelude.opencl.h",
                   .identity = "opencl\n" + device.platform + "\n" + device.info.name + "\n" +
                               device.target + "\n" + device.info.driver,
                   .options = {"-cl-std=CL1.2", "-w"}}),
      api_(device.api),
      device_(device.id),
      id_(device.info.id),
      onHost_(device.info.type == DeviceType::cpu),
      memoryBytes_(device.info.memoryBytes),
      largestBuffer_(device.limits.allocationBytes) {
  cl_int status = CL_SUCCESS;
  context_ =
      ContextHandle(api_, api_->clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &status));
  check().allocated(status, "clCreateContext", 0);
  queue_ = QueueHandle(api_, api_->clCreateCommandQueue(context_.get(), device_, 0, &status));
  check().allocated(status, "clCreateCommandQueue", 0);
}

void OpenclQueue::expectRoom(std::uint64_t bytes) const {
  // Some drivers give out more than there is, and page it in and out.
  const std::uint64_t used = *allocated_;
  if (bytes > memoryBytes_ - std::min(used, memoryBytes_)) {
    check().outOfMemory(
        bytes, std::to_string(used) + " of its " + std::to_string(memoryBytes_) + " are in use");
  }
  // Its memory is the machine's, which others use as well.
  if (onHost_) checkHostMemory(bytes, id_);
}

std::unique_ptr<kernels::Buffer> OpenclQueue::allocate(std::uint64_t bytes) {
  if (bytes > largestBuffer_) {
    check().outOfMemory(bytes,
                        "its largest buffer has " + std::to_string(largestBuffer_) + " bytes");
  }
  expectRoom(bytes);
  cl_int status = CL_SUCCESS;
  MemoryHandle memory(
      api_, api_->clCreateBuffer(context_.get(), CL_MEM_READ_WRITE, bytes, nullptr, &status));
  check().allocated(status, "clCreateBuffer", bytes);
  clear(memory.get(), bytes);
  return std::make_unique<OpenclBuffer>(bytes, std::move(memory), allocated_);
}

void OpenclQueue::clear(cl_mem memory, std::uint64_t bytes) const {
  // Drivers may compile a kernel to fill, which small buffers need not wait for.
  if (bytes <= smallBytes) {
    const std::vector<std::byte> zeros(bytes);
    check().allocated(api_->clEnqueueWriteBuffer(queue_.get(), memory, CL_TRUE, 0, bytes,
                                                 zeros.data(), 0, nullptr, nullptr),
                      "clEnqueueWriteBuffer", bytes);
    return;
  }
  const cl_uint zero = 0;
  const std::size_t pattern = bytes % sizeof zero == 0 ? sizeof zero : 1;
  check().allocated(api_->clEnqueueFillBuffer(queue_.get(), memory, &zero, pattern, 0, bytes, 0,
                                              nullptr, nullptr),
                    "clEnqueueFillBuffer", bytes);
  check().allocated(api_->clFinish(queue_.get()), "clFinish", bytes);
}

void OpenclQueue::write(const kernels::Buffer& to, std::uint64_t offset,
                        std::span<const std::byte> bytes) {
  check().done(api_->clEnqueueWriteBuffer(queue_.get(), memoryOf(to), CL_TRUE, offset, bytes.size(),
                                          bytes.data(), 0, nullptr, nullptr),
               "clEnqueueWriteBuffer");
}

void OpenclQueue::writeAside(const kernels::Buffer& to, std::uint64_t offset,
                             std::span<const std::byte> bytes) {
  if (aside_.get() == nullptr) {
    cl_int status = CL_SUCCESS;
    aside_ = QueueHandle(api_, api_->clCreateCommandQueue(context_.get(), device_, 0, &status));
    check().allocated(status, "clCreateCommandQueue", 0);
  }
  check().done(api_->clEnqueueWriteBuffer(aside_.get(), memoryOf(to), CL_TRUE, offset, bytes.size(),
                                          bytes.data(), 0, nullptr, nullptr),
               "clEnqueueWriteBuffer");
}

void OpenclQueue::read(const kernels::Buffer& from, std::uint64_t offset,
                       std::span<std::byte> bytes) {
  check().done(api_->clEnqueueReadBuffer(queue_.get(), memoryOf(from), CL_TRUE, offset,
                                         bytes.size(), bytes.data(), 0, nullptr, nullptr),
               "clEnqueueReadBuffer");
}

OpenclQueue::Built OpenclQueue::build(const Source& source, bool wantsCode) const {
  const char* text = source.text.data();
  const std::size_t length = source.text.size();
  cl_int status = CL_SUCCESS;
  ProgramHandle program(
      api_, api_->clCreateProgramWithSource(context_.get(), 1, &text, &length, &status));
  check().allocated(status, "clCreateProgramWithSource", 0);
  const std::string options = source.optionsText();
  status = api_->clBuildProgram(program.get(), 1, &device_, options.c_str(), nullptr, nullptr);
  if (check().concernsKernel(status, "clBuildProgram")) {
    check().buildFailed(source.name + ", " + statuses.describe(status) + ", options " + options,
                        buildLog(program.get()));
  }
  Code code = wantsCode ? codeOf(program.get()) : Code();
  return {std::make_unique<OpenclProgram>(api_, check(), std::move(program)), std::move(code)};
}

std::unique_ptr<kernels::Program> OpenclQueue::load(const Code& code, const Source& source) const {
  const std::size_t size = code.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(code.data());
  cl_int ofBinary = CL_SUCCESS;
  cl_int status = CL_SUCCESS;
  ProgramHandle program(api_, api_->clCreateProgramWithBinary(context_.get(), 1, &device_, &size,
                                                              &bytes, &ofBinary, &status));
  if (check().concernsKernel(status, "clCreateProgramWithBinary") || ofBinary != CL_SUCCESS)
    return nullptr;
  status = api_->clBuildProgram(program.get(), 1, &device_, source.optionsText().c_str(), nullptr,
                                nullptr);
  if (check().concernsKernel(status, "clBuildProgram")) return nullptr;
  return std::make_unique<OpenclProgram>(api_, check(), std::move(program));
}

OpenclQueue::Code OpenclQueue::codeOf(cl_program program) const {
  std::size_t size = 0;
  if (api_->clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr) !=
      CL_SUCCESS) {
    return {};
  }
  Code code(size);
  void* bytes = code.data();
  if (api_->clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof bytes, static_cast<void*>(&bytes),
                             nullptr) != CL_SUCCESS) {
    return {};
  }
  return code;
}

std::string OpenclQueue::buildLog(cl_program program) const {
  std::size_t size = 0;
  if (api_->clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size) !=
      CL_SUCCESS)
    return {};
  std::string log(size, '\0');
  if (api_->clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, size, log.data(),
                                  nullptr) != CL_SUCCESS) {
    return {};
  }
  while (!log.empty() && log.back() == '\0') log.pop_back();
  return log;
}

void OpenclQueue::launch(const kernels::Kernel& kernel, std::uint64_t groups,
                         std::uint32_t groupSize,
                         std::initializer_list<const kernels::Buffer*> buffers,
                         std::span<const std::byte> arguments) {
  cl_kernel handle = static_cast<const OpenclKernel&>(kernel).get();
  cl_uint index = 0;
  const auto set = [&](std::size_t size, const void* value) {
    check().done(api_->clSetKernelArg(handle, index++, size, value), "clSetKernelArg");
  };
  for (const kernels::Buffer* buffer : buffers) {
    cl_mem memory = memoryOf(*buffer);
    set(sizeof(void*), &memory);
  }
  set(arguments.size(), arguments.data());
  const std::size_t local = groupSize;
  const std::size_t global = groups * local;
  check().done(api_->clEnqueueNDRangeKernel(queue_.get(), handle, 1, nullptr, &global, &local, 0,
                                            nullptr, nullptr),
               "clEnqueueNDRangeKernel");
}

std::unique_ptr<kernels::Fence> OpenclQueue::fence() {
  cl_event event = nullptr;
  check().done(api_->clEnqueueMarkerWithWaitList(queue_.get(), 0, nullptr, &event),
               "clEnqueueMarkerWithWaitList");
  auto fence = std::make_unique<OpenclFence>(api_, check(), EventHandle(api_, event));
  check().done(api_->clFlush(queue_.get()), "clFlush");
  return fence;
}

void OpenclQueue::finish() { check().done(api_->clFinish(queue_.get()), "clFinish"); }

}  // namespace thalweg::opencl
