#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "../error.h"
#include "descent.h"

namespace thalweg {

/// Cuts a descent into chunks of a few milliseconds, between which it looks for a cancel and
/// reports progress. What a chunk holds never changes the result: runs halt by themselves.
class Pace {
 public:
  explicit Pace(Control control) : control_(std::move(control)) {}

  [[nodiscard]] double seconds() const { return secondsSince(start_); }

  /// How many steps the next chunk should take: more after a short chunk, fewer after a long one.
  [[nodiscard]] std::uint64_t chunk(std::uint64_t stepsLeft, std::uint64_t most) {
    const double last = secondsSince(chunkStart_);
    if (chunkSteps_ > 0 && last < chunkSeconds / 2) chunkSteps_ *= 2;
    if (last > chunkSeconds * 2) chunkSteps_ /= 2;
    chunkSteps_ = std::clamp<std::uint64_t>(chunkSteps_, 1, most);
    chunkStart_ = Clock::now();
    return std::min(chunkSteps_, stepsLeft);
  }

  /// Whether anyone watches.
  [[nodiscard]] bool reports() const noexcept { return static_cast<bool>(control_.report); }

  /// Whether states of the run are kept on the way, and whether it is time for one.
  [[nodiscard]] bool keepsStates() const noexcept { return static_cast<bool>(control_.checkpoint); }
  [[nodiscard]] bool isStateDue() const {
    return keepsStates() && secondsSince(lastState_) >= control_.checkpointSeconds;
  }
  void keep(DescentState state) {
    control_.checkpoint(std::move(state));
    lastState_ = Clock::now();
  }

  void throwIfCancelled() const {
    if (control_.cancelled.load(std::memory_order_relaxed)) throw Cancelled();
  }

  /// Throws Cancelled, or reports if the last report is long enough ago.
  void report(std::uint64_t passes, double loss) {
    throwIfCancelled();
    if (!control_.report || secondsSince(lastReport_) < reportSeconds) return;
    lastReport_ = Clock::now();
    control_.report({passes, loss, seconds()});
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double chunkSeconds = 0.005;
  static constexpr double reportSeconds = 0.05;

  static double secondsSince(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }

  Control control_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point chunkStart_ = start_;
  Clock::time_point lastReport_ = start_;
  Clock::time_point lastState_ = start_;
  std::uint64_t chunkSteps_ = 0;
};

}  // namespace thalweg
