#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "step_options.h"

namespace thalweg {

/// The steps of a descent in float64 on the host, and what the optimiser keeps between them.
/// Weights step each by itself: in which order those of several outputs lie is the caller's.
class HostStep {
 public:
  HostStep(const Objective& objective, const OptimizerConstants& optimizer, std::size_t columns)
      : objective_(objective),
        optimizer_(optimizer),
        width_((columns + 1) * objective.outputs),
        moments_(HostMath::moments_of(optimizerOf<HostMath>(optimizer)) * width_) {
    if (moments_.size() > width_)
      std::fill_n(moments_.begin() + static_cast<std::ptrdiff_t>(width_), width_,
                  optimizer.initialSquare);
  }

  [[nodiscard]] const OptimizerConstants& optimizer() const noexcept { return optimizer_; }

  /// How many moments are kept of a weight.
  [[nodiscard]] std::size_t count() const noexcept { return moments_.size() / width_; }
  /// What is kept of each weight and of the intercepts after them: all first moments, then all
  /// second ones, then all third ones.
  [[nodiscard]] std::span<double> moments() noexcept { return moments_; }
  [[nodiscard]] std::span<const double> moments() const noexcept { return moments_; }
  /// Steps since the descent began.
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
  void take(std::uint64_t steps) noexcept { taken_ += steps; }
  /// Goes on from where another left off.
  void restore(std::span<const double> moments, std::uint64_t taken) {
    std::copy(moments.begin(), moments.end(), moments_.begin());
    taken_ = taken;
  }

  /// Moves θ and b along the sums of the gradient over so many rows, and tells `moved(j, θⱼ)`.
  template <typename Moved>
  void step(std::span<const double> gradient, std::span<const double> interceptGradient,
            double rows, double learningRate, std::span<double> theta, std::span<double> intercepts,
            const Moved& moved) {
    if (optimizer_.isPlain()) {
      plainStep(gradient, interceptGradient, learningRate / rows, learningRate, theta, intercepts,
                moved);
    } else {
      optimizedStep(gradient, interceptGradient, rows, learningRate, theta, intercepts, moved);
    }
    ++taken_;
  }

 private:
  template <typename Moved>
  void plainStep(std::span<const double> gradient, std::span<const double> interceptGradient,
                 double scale, double learningRate, std::span<double> theta,
                 std::span<double> intercepts, const Moved& moved) const {
    const auto shrinkage = HostMath::shrinkage(stepOptions<HostMath>(objective_, learningRate));
    for (std::size_t j = 0; j < theta.size(); ++j) {
      theta[j] = HostMath::step_weight(theta[j], gradient[j], scale, shrinkage);
      moved(j, theta[j]);
    }
    if (!objective_.fitIntercept) return;
    for (std::size_t k = 0; k < intercepts.size(); ++k)
      intercepts[k] = HostMath::step_intercept(intercepts[k], interceptGradient[k], scale);
  }

  template <typename Moved>
  void optimizedStep(std::span<const double> gradient, std::span<const double> interceptGradient,
                     double rows, double learningRate, std::span<double> theta,
                     std::span<double> intercepts, const Moved& moved) {
    const auto options = stepOptions<HostMath>(objective_, learningRate, optimizer_);
    const auto tempo = HostMath::tempo_of(options.optimizer, options.rate, taken_);
    for (std::size_t j = 0; j < theta.size(); ++j) {
      HostMath::Moments kept = at(j);
      theta[j] = HostMath::step_weight_by(theta[j], gradient[j] / rows, &kept, options, tempo);
      keep(j, kept);
      moved(j, theta[j]);
    }
    if (!objective_.fitIntercept) return;
    for (std::size_t k = 0; k < intercepts.size(); ++k) {
      HostMath::Moments kept = at(theta.size() + k);
      intercepts[k] = HostMath::step_intercept_by(intercepts[k], interceptGradient[k] / rows, &kept,
                                                  options, tempo);
      keep(theta.size() + k, kept);
    }
  }

  [[nodiscard]] HostMath::Moments at(std::size_t j) const noexcept {
    const auto number = [&](std::size_t k) { return k < count() ? moments_[k * width_ + j] : 0; };
    return {number(0), number(1), number(2)};
  }
  void keep(std::size_t j, const HostMath::Moments& kept) noexcept {
    const std::array values{kept.velocity, kept.square, kept.third};
    for (std::size_t k = 0; k < count(); ++k) moments_[k * width_ + j] = values[k];
  }
  Objective objective_;
  OptimizerConstants optimizer_;
  std::size_t width_;
  std::vector<double> moments_;
  std::uint64_t taken_ = 0;
};

}  // namespace thalweg
