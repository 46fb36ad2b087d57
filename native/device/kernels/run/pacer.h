#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>

#include "../../device.h"
#include "../queue.h"

namespace thalweg::kernels {

/// Keeps the host a few milliseconds ahead of the device, and reads the cancel flag there. It
/// learns how much work lasts that long; only when the host waits depends on it, never a result.
class Pacer {
 public:
  Pacer(KernelQueue& queue, const CancelFlag& cancelled) : queue_(queue), cancelled_(cancelled) {}

  /// Call after each launch, with about the bytes it moves. Throws Cancelled.
  void launched(std::uint64_t bytes);

  /// Call where the queue is known to be empty.
  void drained();

 private:
  using Clock = std::chrono::steady_clock;

  KernelQueue& queue_;
  const CancelFlag& cancelled_;
  std::deque<std::unique_ptr<Fence>> fences_;
  std::uint64_t work_ = 0;
  std::uint64_t workPerFence_ = std::uint64_t{8} << 20;
  Clock::time_point lastFence_{};
};

}  // namespace thalweg::kernels
