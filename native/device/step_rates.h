#pragma once

#include <cstddef>
#include <span>

namespace thalweg {

/// The learning rates of steps that follow one another: one for all of them, or one each.
class StepRates {
 public:
  explicit StepRates(double all) noexcept : all_(all) {}
  /// One a step; they outlive it.
  explicit StepRates(std::span<const double> each) noexcept : each_(each) {}

  [[nodiscard]] bool areEqual() const noexcept { return each_.empty(); }
  [[nodiscard]] double at(std::size_t step) const noexcept {
    return each_.empty() ? all_ : each_[step];
  }
  /// Of the steps from this one on.
  [[nodiscard]] StepRates from(std::size_t step) const noexcept {
    return each_.empty() ? *this : StepRates(each_.subspan(step));
  }
  /// One a step, or nothing where they are equal.
  [[nodiscard]] std::span<const double> each() const noexcept { return each_; }

 private:
  double all_ = 0;
  std::span<const double> each_;
};

}  // namespace thalweg
