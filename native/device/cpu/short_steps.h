#pragma once

#include "rows_ahead.h"
#include "step_group.h"

// Stochastic steps over rows of a few vectors: how many is known at compile time, so that θ stays
// in registers from step to step.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostStochasticPacks = 8;

template <std::size_t packs, typename T, typename ResidualOf>
class ShortSteps {
 public:
  ShortSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
             const Steps<T>& steps) noexcept
      : ahead_(rows),
        residualOf_(residualOf),
        shrinkage_(shrinkageOf(objective, steps.learningRate)),
        group_(objective, residualOf, steps.learningRate),
        inRow_(firstLanes<T>(rows.columns - (packs - 1) * lanes<T>)),
        rate_(steps.learningRate),
        interceptRate_(objective.fitIntercept ? rate_ : T(0)),
        intercept_(broadcast(*steps.intercept)) {
    for (std::size_t p = 0; p < packs; ++p) theta_[p] = load(steps.theta + p * lanes<T>);
  }

  [[nodiscard]] bool canGroup() const noexcept { return LaneMath<T>::step_is_linear(shrinkage_); }

  /// The steps over rows i to i + groupSteps<T> − 1.
  [[gnu::always_inline]] void group(std::size_t i) noexcept {
    constexpr std::size_t count = groupSteps<T>;
    const T* row[count];
    for (std::size_t k = 0; k < count; ++k) row[k] = ahead_.row(i + k);
    GroupProducts<T> products;
    // Not unrolled, the sums would not stay in registers.
#pragma GCC unroll 8
    for (std::size_t p = 0; p < packs; ++p) {
      Pack<T> x[count];
      for (std::size_t k = 0; k < count; ++k) {
        if (beginsLine(p)) ahead_.fetchAfter(i + k, p * lanes<T>);
        x[k] = vector(row[k], p);
      }
      products.add(x, theta_[p]);
    }
    Pack<T> shares[count];
    group_.take(
        products, [&](std::size_t k) { return ahead_.target(i + k); }, intercept_, shares);
#pragma GCC unroll 8
    for (std::size_t p = 0; p < packs; ++p) {
      theta_[p] *= group_.thetaFactor();
      for (std::size_t k = 0; k < count; ++k) theta_[p] -= shares[k] * vector(row[k], p);
    }
  }

  /// The step over row i.
  [[gnu::always_inline]] void one(std::size_t i) noexcept {
    const T* row = ahead_.row(i);
    Pack<T> x[packs];
    for (std::size_t p = 0; p < packs; ++p) {
      if (beginsLine(p)) ahead_.fetchAfter(i, p * lanes<T>);
      x[p] = vector(row, p);
    }
    Pack<T> products[2] = {x[0] * theta_[0], {}};
    for (std::size_t p = 1; p < packs; ++p) products[p % 2] += x[p] * theta_[p];
    const Pack<T> z = sumEverywhere<T>(products[0] + products[1]) + intercept_;
    const Pack<T> delta = residualOf_(z, broadcast(ahead_.target(i))).residual;
    for (std::size_t p = 0; p < packs; ++p)
      theta_[p] = LaneMath<T>::step_weight(theta_[p], x[p], delta * rate_, shrinkage_);
    intercept_ = LaneMath<T>::step_intercept(intercept_, delta, broadcast(interceptRate_));
  }

  void finish(const Steps<T>& steps) const noexcept {
    for (std::size_t p = 0; p < packs; ++p) store(steps.theta + p * lanes<T>, theta_[p]);
    *steps.intercept = intercept_[0];
  }

 private:
  [[nodiscard]] static constexpr bool beginsLine(std::size_t p) noexcept {
    return p * lanes<T> % RowsAhead<T>::line == 0;
  }

  /// What the last vector reads past the row must reach neither other rows' products nor θ's
  /// padding.
  [[nodiscard]] Pack<T> vector(const T* row, std::size_t p) const noexcept {
    const Pack<T> x = load(row + p * lanes<T>);
    return p + 1 < packs ? x : masked<T>(inRow_, x);
  }

  RowsAhead<T> ahead_;
  const ResidualOf& residualOf_;
  typename LaneMath<T>::Shrinkage shrinkage_;
  StepGroup<T, ResidualOf> group_;
  Whole<T> inRow_;
  T rate_;
  T interceptRate_;
  Pack<T> intercept_;
  Pack<T> theta_[packs];
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
