#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "../handle.h"
#include "../queue.h"
#include "discovery.h"

namespace thalweg::opencl {

using ContextHandle = drivers::Handle<Api, cl_context, &Api::clReleaseContext>;
using QueueHandle = drivers::Handle<Api, cl_command_queue, &Api::clReleaseCommandQueue>;
using MemoryHandle = drivers::Handle<Api, cl_mem, &Api::clReleaseMemObject>;
using ProgramHandle = drivers::Handle<Api, cl_program, &Api::clReleaseProgram>;
using KernelHandle = drivers::Handle<Api, cl_kernel, &Api::clReleaseKernel>;
using EventHandle = drivers::Handle<Api, cl_event, &Api::clReleaseEvent>;

/// The in-order queue of one OpenCL device, with a context of its own.
class OpenclQueue final : public drivers::DriverQueue {
 public:
  OpenclQueue(const OpenclDevice& device, const kernels::QueueLimits& limits,
              const std::string& cacheFolder);

  void expectRoom(std::uint64_t bytes) const override;
  [[nodiscard]] std::unique_ptr<kernels::Buffer> allocate(std::uint64_t bytes) override;
  void write(const kernels::Buffer& to, std::uint64_t offset,
             std::span<const std::byte> bytes) override;
  void writeAside(const kernels::Buffer& to, std::uint64_t offset,
                  std::span<const std::byte> bytes) override;
  void read(const kernels::Buffer& from, std::uint64_t offset, std::span<std::byte> bytes) override;
  void launch(const kernels::Kernel& kernel, std::uint64_t groups, std::uint32_t groupSize,
              std::initializer_list<const kernels::Buffer*> buffers,
              std::span<const std::byte> arguments) override;
  [[nodiscard]] std::unique_ptr<kernels::Fence> fence() override;
  void finish() override;

 private:
  [[nodiscard]] Built build(const Source& source, bool wantsCode) const override;
  [[nodiscard]] std::unique_ptr<kernels::Program> load(const Code& code,
                                                       const Source& source) const override;
  void clear(cl_mem memory, std::uint64_t bytes) const;
  [[nodiscard]] Code codeOf(cl_program program) const;
  [[nodiscard]] std::string buildLog(cl_program program) const;

  std::shared_ptr<const Api> api_;
  cl_device_id device_;
  std::string id_;
  bool onHost_;
  std::uint64_t memoryBytes_;
  std::uint64_t largestBuffer_;
  // Buffers may be released on other threads and after the queue.
  std::shared_ptr<std::atomic<std::uint64_t>> allocated_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  // The queue goes before its context.
  ContextHandle context_;
  QueueHandle queue_;
  QueueHandle aside_;  ///< made when it is wanted
};

}  // namespace thalweg::opencl
