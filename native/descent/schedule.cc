#include "schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace thalweg {

double LearningRates::at(const Stage& stage) const noexcept {
  const auto t = static_cast<double>(schedule_.perStep ? stage.steps : stage.passes);
  const double after = t - schedule_.warmUp;
  switch (schedule_.kind) {
    case ScheduleKind::constant: break;
    case ScheduleKind::inverseScaling: return initial_ / std::pow(t + 1, schedule_.power);
    case ScheduleKind::step:
      return initial_ * std::pow(schedule_.gamma, std::floor(t / schedule_.stepSize));
    case ScheduleKind::exponential: return initial_ * std::pow(schedule_.gamma, t);
    case ScheduleKind::cosine:
      if (after < 0) {
        const double start = schedule_.startFactor;
        return initial_ * (start + (1 - start) * t / schedule_.warmUp);
      }
      return schedule_.least + (initial_ - schedule_.least) *
                                   (1 + std::cos(std::numbers::pi * after / schedule_.period)) / 2;
  }
  return initial_;
}

StepRates LearningRates::of(const Stage& stage, std::uint64_t count) {
  if (schedule_.kind == ScheduleKind::constant || !schedule_.perStep) return StepRates(at(stage));
  each_.resize(count);
  for (std::uint64_t k = 0; k < count; ++k)
    each_[k] = at({.passes = stage.passes, .steps = stage.steps + k});
  const bool equal =
      std::all_of(each_.begin(), each_.end(), [&](double rate) { return rate == each_.front(); });
  if (equal) return StepRates(each_.front());
  return StepRates(std::span<const double>(each_));
}

}  // namespace thalweg
