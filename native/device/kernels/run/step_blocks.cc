#include "step_blocks.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace thalweg::kernels {
namespace {

/// Steps that take longer gain nothing from a recording.
constexpr double longestStep = 0.001;
/// Of each way: the shortest counts, since what else the machine does only adds to it.
constexpr int timingsEach = 3;

}  // namespace

bool StepBlocks::enqueue() {
  switch (next_) {
    case Next::compile:
      // Whatever a step needs is there after it: nothing is allocated while it is recorded.
      launch();
      timings_ = 0;
      shortest_ = noTime;
      next_ = isAlwaysRecorded() ? Next::record : Next::timeLaunches;
      return false;
    case Next::timeLaunches:
      if (!timed([this] { launch(); })) return false;
      launchSeconds_ = std::exchange(shortest_, noTime);
      next_ =
          launchSeconds_ < longestStep * static_cast<double>(steps) ? Next::record : Next::launch;
      return false;
    case Next::record:
      recording_ = recorded();
      next_ = !recording_ ? Next::launch : isAlwaysRecorded() ? Next::replay : Next::timeRecording;
      // Drivers bring a recording to the device when it is first enqueued: that time does not
      // count.
      return enqueueEither();
    case Next::timeRecording:
      if (!timed([this] { recording_->enqueue(); })) return true;
      next_ = shortest_ < launchSeconds_ ? Next::replay : Next::launch;
      if (next_ == Next::launch) recording_.reset();
      return true;
    case Next::replay:
    case Next::launch: break;
  }
  return enqueueEither();
}

bool StepBlocks::isAlwaysRecorded() const noexcept {
  return queue_.limits().recordings == Recordings::always;
}

void StepBlocks::forget() {
  recording_.reset();
  next_ = Next::compile;
}

bool StepBlocks::enqueueEither() {
  if (recording_) {
    recording_->enqueue();
  } else {
    launch();
  }
  return recording_ != nullptr;
}

void StepBlocks::launch() {
  for (std::uint64_t step = 0; step < steps; ++step) launchStep_();
}

std::unique_ptr<Recording> StepBlocks::recorded() {
  isRecording_ = true;
  auto recording = queue_.record([this] { launch(); });
  isRecording_ = false;
  return recording;
}

bool StepBlocks::timed(const std::function<void()>& enqueue) {
  using Clock = std::chrono::steady_clock;
  queue_.finish();
  const auto start = Clock::now();
  enqueue();
  queue_.finish();
  shortest_ = std::min(shortest_, std::chrono::duration<double>(Clock::now() - start).count());
  timings_ = (timings_ + 1) % timingsEach;
  return timings_ == 0;
}

}  // namespace thalweg::kernels
