#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../kernels/code_cache.h"
#include "../kernels/queue.h"
#include "discovery.h"
#include "handles.h"
#include "status.h"

namespace thalweg::hip {

/// A stream of one HIP device.
class HipQueue final : public kernels::KernelQueue {
 public:
  HipQueue(std::shared_ptr<const Api> api, const FoundDevice& device,
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
  [[nodiscard]] bool records() const noexcept override { return api_->hasGraphs(); }
  [[nodiscard]] std::unique_ptr<kernels::Recording> record(
      const std::function<void()>& launches) override;

 private:
  using Code = std::vector<std::byte>;

  [[nodiscard]] std::unique_ptr<kernels::Program> load(const Code& code) const;
  [[nodiscard]] Code build(const std::string& source, const std::string& name,
                           const std::vector<std::string>& options) const;
  [[nodiscard]] std::string buildLog(hiprtcProgram program) const;

  std::shared_ptr<const Api> api_;
  Check check_;
  kernels::QueueLimits limits_;
  kernels::CodeCache cache_;
  std::string target_;
  std::string driver_;
  StreamHandle stream_;
  bool recording_ = false;
  hipError_t recordingStatus_ = hipSuccess;  ///< of the first launch that was not recorded
};

}  // namespace thalweg::hip
