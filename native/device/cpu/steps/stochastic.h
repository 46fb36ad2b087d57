#pragma once

#include "../residuals.h"
#include "../row_lengths.h"
#include "../rows/one_by_one.h"
#include "../step_group.h"

// Steps of one row each. A step needs θ of the step before it, so what counts is how soon a row's
// residual is known: the rows are asked for ahead, a few steps are taken at once, and θ of short
// rows stays in registers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// A way to take steps over rows that fit it.
template <typename T>
struct StochasticSteps {
  const char* name;
  bool (*fits)(const Rows<T>&) noexcept;
  decltype(Kernels<T>::stochastic) take;
};

/// θ after the step of one row, of some columns, with rate·δ. Two products are added there: that
/// with x is the one that is rounded by itself, wherever the compiler would have come by it first.
template <typename T>
[[gnu::always_inline]] inline Pack<T> stepped(
    Pack<T> theta, Pack<T> x, Pack<T> rate,
    const typename LaneMath<T>::Shrinkage& shrinkage) noexcept {
  return LaneMath<T>::step_weight(opaque<T>(theta), opaque<T>(rate * x), broadcast(T(1)),
                                  shrinkage);
}

/// One chunk of steps. `Theta` is where θ is kept meanwhile: it forms products of rows with it and
/// moves it, and has the rows that come next asked for as it reads.
template <typename Theta, typename T, typename ResidualOf>
class Stepper {
 public:
  Stepper(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
          const Steps<T>& steps) noexcept
      : rows_(rows, steps.weightScale),
        objective_(objective),
        residualOf_(residualOf),
        rate_(static_cast<T>(steps.learningRate)),
        shrinkage_(shrinkageOf(objective, rate_)),
        group_(objective, residualOf, rate_),
        interceptRate_(objective.fitIntercept ? rate_ : T(0)),
        intercept_(broadcast(*steps.intercept)),
        theta_(steps.theta, rows.columns) {}

  [[nodiscard]] bool canGroup() const noexcept { return LaneMath<T>::step_is_linear(shrinkage_); }

  /// The steps over rows i to i + groupSteps<T> − 1.
  [[gnu::always_inline]] void group(std::size_t i) noexcept {
    constexpr std::size_t count = groupSteps<T>;
    const T* row[count];
    for (std::size_t k = 0; k < count; ++k) row[k] = rows_.row(i + k);
    GroupProducts<T> products;
    theta_.multiply(row, rows_, i, products);
    Pack<T> shares[count];
    group_.take(
        products, [&](std::size_t k, auto& label) { rows_.pickLabel(i + k, k, label); }, intercept_,
        shares);
    theta_.move(row, rows_, i, group_.thetaFactor(), shares);
  }

  /// What the steps over one row multiply with from now on.
  [[gnu::always_inline]] void setRate(double rate) noexcept {
    rate_ = static_cast<T>(rate);
    shrinkage_ = shrinkageOf(objective_, rate_);
    interceptRate_ = objective_.fitIntercept ? rate_ : T(0);
  }

  /// The step over row i.
  [[gnu::always_inline]] void one(std::size_t i) noexcept {
    const typename Theta::Row row = theta_.read(rows_.row(i), rows_, i);
    const Pack<T> z = sumEverywhere<T>(theta_.dot(row, rows_, i)) + intercept_;
    const Pack<T> delta = residualOf_(z, rows_.label(i)).residual;
    theta_.step(row, rows_, i, delta * rate_, shrinkage_);
    intercept_ = LaneMath<T>::step_intercept(intercept_, delta, broadcast(interceptRate_));
  }

  void finish(const Steps<T>& steps) const noexcept {
    theta_.finish(steps.theta);
    *steps.intercept = intercept_[0];
  }

 private:
  OneByOne<T, isWeighted<ResidualOf>> rows_;
  const Objective& objective_;
  const ResidualOf& residualOf_;
  T rate_;
  typename LaneMath<T>::Shrinkage shrinkage_;
  StepGroup<T, ResidualOf> group_;
  T interceptRate_;
  Pack<T> intercept_;
  Theta theta_;
};

template <typename Theta, typename T, typename ResidualOf>
void takeSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
               const Steps<T>& steps) {
  Stepper<Theta, T, ResidualOf> stepper(rows, objective, residualOf, steps);
  std::size_t i = 0;
  if (steps.rates == nullptr && stepper.canGroup()) {
    for (; i + groupSteps<T> <= rows.count; i += groupSteps<T>) stepper.group(i);
  }
  for (; i < rows.count; ++i) {
    if (steps.rates != nullptr) stepper.setRate(steps.rates[i]);
    stepper.one(i);
  }
  stepper.finish(steps);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
