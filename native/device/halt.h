#pragma once

#include <cmath>
#include <cstdint>

#include "device.h"

namespace thalweg {

/// Decides from the losses, one after another, when a run halts; kernels/ has the same rule for
/// devices.
class HaltRule {
 public:
  /// `tolerance` below 0 never converges.
  explicit HaltRule(double tolerance) : tolerance_(tolerance) {}

  [[nodiscard]] RunStatus status() const noexcept { return status_; }
  [[nodiscard]] bool halted() const noexcept { return status_.halt != Halt::none; }

  void see(double loss) noexcept {
    if (!std::isfinite(loss)) {
      status_.halt = Halt::diverged;
    } else if (status_.losses > 0 &&
               std::abs(previous_ - loss) < tolerance_ * std::abs(previous_)) {
      status_.halt = Halt::converged;
    }
    previous_ = loss;
    ++status_.losses;
  }

 private:
  double tolerance_;
  double previous_ = 0;
  RunStatus status_;
};

}  // namespace thalweg
