#pragma once

#include <cstdint>

#include "device.h"

namespace thalweg {

/// Decides from the losses, one after another, when a run halts, by kernels/math/halting.h.
class HaltRule {
 public:
  /// `tolerance` below 0 never converges.
  explicit HaltRule(double tolerance) : tolerance_(tolerance) {}

  [[nodiscard]] RunStatus status() const noexcept { return status_; }
  [[nodiscard]] bool halted() const noexcept { return status_.halt != Halt::none; }

  /// The loss before the first one.
  void setPrevious(double loss) noexcept {
    previous_ = loss;
    hasPrevious_ = true;
  }

  void see(double loss) noexcept {
    status_.halt = static_cast<Halt>(HostMath::halt_at(loss, previous_, hasPrevious_, tolerance_));
    setPrevious(loss);
    ++status_.losses;
  }

 private:
  double tolerance_;
  double previous_ = 0;
  bool hasPrevious_ = false;
  RunStatus status_;
};

}  // namespace thalweg
