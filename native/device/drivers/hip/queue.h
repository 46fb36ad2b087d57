#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../handle.h"
#include "../queue.h"
#include "discovery.h"

namespace thalweg::hip {

using StreamHandle = drivers::Handle<Api, hipStream_t, &Api::hipStreamDestroy>;
using MemoryHandle = drivers::Handle<Api, void*, &Api::hipFree>;
using ModuleHandle = drivers::Handle<Api, hipModule_t, &Api::hipModuleUnload>;
using EventHandle = drivers::Handle<Api, hipEvent_t, &Api::hipEventDestroy>;
using GraphHandle = drivers::Handle<Api, hipGraph_t, &Api::hipGraphDestroy>;
using GraphExecHandle = drivers::Handle<Api, hipGraphExec_t, &Api::hipGraphExecDestroy>;

/// A stream of one HIP device.
class HipQueue final : public drivers::DriverQueue {
 public:
  HipQueue(const HipDevice& device, const kernels::QueueLimits& limits,
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
  [[nodiscard]] bool records() const noexcept override {
    return api_->hasGraphs() && limits().recordings != kernels::Recordings::never;
  }
  [[nodiscard]] std::unique_ptr<kernels::Recording> record(
      const std::function<void()>& launches) override;

 private:
  [[nodiscard]] Built build(const Source& source, bool wantsCode) const override;
  [[nodiscard]] std::unique_ptr<kernels::Program> load(const Code& code,
                                                       const Source& source) const override;
  [[nodiscard]] std::string buildLog(hiprtcProgram program) const;

  std::shared_ptr<const Api> api_;
  StreamHandle stream_;
  StreamHandle aside_;  ///< made when it is wanted
  bool recording_ = false;
  hipError_t recordingStatus_ = hipSuccess;  ///< of the first launch that was not recorded
};

}  // namespace thalweg::hip
