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

  void see(double loss) noexcept {
    status_.halt =
        static_cast<Halt>(HostMath::halt_at(loss, previous_, status_.losses > 0, tolerance_));
    previous_ = loss;
    ++status_.losses;
  }

 private:
  double tolerance_;
  double previous_ = 0;
  RunStatus status_;
};

}  // namespace thalweg
