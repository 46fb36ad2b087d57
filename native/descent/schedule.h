#pragma once

#include <cstdint>
#include <vector>

#include "../device/step_rates.h"

namespace thalweg {

enum class ScheduleKind { constant, inverseScaling, step, exponential, cosine };

/// How the rate r₀ of a descent changes with t, the steps or the epochs before:
///
///   inverseScaling  r₀/(t + 1)^power          (scikit-learn's SGDRegressor, whose t begins at 1)
///   step            r₀·γ^⌊t/stepSize⌋         (torch.optim.lr_scheduler.StepLR)
///   exponential     r₀·γᵗ                     (ExponentialLR)
///   cosine          rₘ + (r₀ − rₘ)·(1 + cos(π·(t − w)/period))/2 from t = w on, and before that
///                   r₀·(f + (1 − f)·t/w)      (CosineAnnealingLR after LinearLR; Loshchilov,
///                                             Hutter, "SGDR", 2017)
struct Schedule {
  ScheduleKind kind = ScheduleKind::constant;
  bool perStep = false;  ///< else t counts epochs; of batch both are the same
  double power = 0;
  double gamma = 1;
  double stepSize = 1;
  double least = 0;        ///< rₘ
  double period = 0;       ///< 0: what is left of the descent after the warm-up
  double warmUp = 0;       ///< w
  double startFactor = 1;  ///< f
};

/// Where in a descent steps are taken, counted from its very first: also of one that was resumed.
struct Stage {
  std::uint64_t passes = 0;  ///< iterations, or whole epochs, before
  std::uint64_t steps = 0;   ///< steps before
};

/// The rates of the steps of a descent.
class LearningRates {
 public:
  LearningRates(const Schedule& schedule, double initial) noexcept
      : schedule_(schedule), initial_(initial) {}

  [[nodiscard]] double initial() const noexcept { return initial_; }
  [[nodiscard]] double at(const Stage& stage) const noexcept;
  /// Of the `count` steps that come then, of one epoch; valid until the next call.
  [[nodiscard]] StepRates of(const Stage& stage, std::uint64_t count);

 private:
  Schedule schedule_;
  double initial_;
  std::vector<double> each_;
};

}  // namespace thalweg
