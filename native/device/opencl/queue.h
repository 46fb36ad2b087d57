#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "../kernels/code_cache.h"
#include "../kernels/queue.h"
#include "discovery.h"
#include "handles.h"
#include "status.h"

namespace thalweg::opencl {

/// The in-order queue of one OpenCL device, with a context of its own.
class OpenclQueue final : public kernels::KernelQueue {
 public:
  OpenclQueue(std::shared_ptr<const Api> api, const FoundDevice& device,
              const kernels::QueueLimits& limits, const std::string& cacheFolder);

  [[nodiscard]] const kernels::QueueLimits& limits() const noexcept override { return limits_; }
  void expectRoom(std::uint64_t bytes) const override;
  [[nodiscard]] std::unique_ptr<kernels::Buffer> allocate(std::uint64_t bytes) override;
  void write(const kernels::Buffer& to, std::uint64_t offset,
             std::span<const std::byte> bytes) override;
  void read(const kernels::Buffer& from, std::uint64_t offset, std::span<std::byte> bytes) override;
  [[nodiscard]] std::unique_ptr<kernels::Program> compile(
      std::span<const std::string_view> files, std::span<const std::string> defines) override;
  void launch(const kernels::Kernel& kernel, std::uint64_t groups, std::uint32_t groupSize,
              std::span<const kernels::Argument> arguments) override;
  [[nodiscard]] std::unique_ptr<kernels::Fence> fence() override;
  void finish() override;

 private:
  using Code = std::vector<std::byte>;

  void clear(cl_mem memory, std::uint64_t bytes) const;
  [[nodiscard]] ProgramHandle build(std::span<const std::string_view> files,
                                    const std::string& options) const;
  /// A program from what `codeOf` gave; without a handle where the driver refuses it.
  [[nodiscard]] ProgramHandle load(const Code& code, const std::string& options) const;
  [[nodiscard]] Code codeOf(cl_program program) const;
  [[nodiscard]] std::string buildLog(cl_program program) const;

  std::shared_ptr<const Api> api_;
  Check check_;
  kernels::QueueLimits limits_;
  kernels::CodeCache cache_;
  cl_device_id device_;
  std::string driver_;  ///< what compiles, with its version
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
};

}  // namespace thalweg::opencl
