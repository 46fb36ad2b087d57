#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "../queue.h"

namespace thalweg::kernels {

/// Enqueues many equal steps a block at a time: launch by launch, or as a recording where the queue
/// makes one and the device gets through it in less time. That is found out on the first blocks,
/// unless the queue is to record always; the steps are the same either way.
class StepBlocks {
 public:
  static constexpr std::uint64_t steps = 16;  ///< of a block

  /// `launchStep` launches one step, the same each time.
  StepBlocks(KernelQueue& queue, std::function<void()> launchStep)
      : queue_(queue), launchStep_(std::move(launchStep)) {}

  /// Enqueues one block. Returns whether it went as a recording.
  bool enqueue();

  /// Drops what was recorded, and finds out anew: a step is to be launched with other buffers.
  void forget();

  /// Whether `launchStep` is called to be recorded: nothing of it is on its way to the device.
  [[nodiscard]] bool isRecording() const noexcept { return isRecording_; }

 private:
  static constexpr double noTime = std::numeric_limits<double>::infinity();

  /// What the next block is for.
  enum class Next { compile, timeLaunches, record, timeRecording, replay, launch };

  [[nodiscard]] bool isAlwaysRecorded() const noexcept;
  void launch();
  bool enqueueEither();
  [[nodiscard]] std::unique_ptr<Recording> recorded();
  /// Times a block; returns whether that was the last one of its kind.
  [[nodiscard]] bool timed(const std::function<void()>& enqueue);

  KernelQueue& queue_;
  std::function<void()> launchStep_;
  Next next_ = Next::compile;
  int timings_ = 0;
  double shortest_ = noTime;
  double launchSeconds_ = noTime;
  bool isRecording_ = false;
  std::unique_ptr<Recording> recording_;
};

}  // namespace thalweg::kernels
