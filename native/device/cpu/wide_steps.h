#pragma once

#include "rows_ahead.h"
#include "step_group.h"

// Stochastic steps over rows of any length. The lines of a row that is due later are asked for all
// through the steps, half of them while dots are formed and half while θ moves: asked for at once
// they would keep each other waiting.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T, typename ResidualOf>
class WideSteps {
 public:
  WideSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
            const Steps<T>& steps) noexcept
      : ahead_(rows),
        residualOf_(residualOf),
        shrinkage_(shrinkageOf(objective, steps.learningRate)),
        group_(objective, residualOf, steps.learningRate),
        columns_(rows.columns),
        lastPack_((rows.columns - 1) / lanes<T> * lanes<T>),
        inRow_(firstLanes<T>(rows.columns - lastPack_)),
        rate_(steps.learningRate),
        interceptRate_(objective.fitIntercept ? rate_ : T(0)),
        intercept_(broadcast(*steps.intercept)),
        theta_(steps.theta) {}

  [[nodiscard]] bool canGroup() const noexcept { return LaneMath<T>::step_is_linear(shrinkage_); }

  /// The steps over rows i to i + groupSteps<T> − 1.
  [[gnu::always_inline]] void group(std::size_t i) noexcept {
    constexpr std::size_t count = groupSteps<T>;
    const T* row[count];
    for (std::size_t k = 0; k < count; ++k) row[k] = ahead_.row(i + k);
    Pack<T> x[count];
    GroupProducts<T> products;
    for (std::size_t j = 0; j < lastPack_; j += lanes<T>) {
      for (std::size_t k = 0; k < count; ++k) {
        if (j % perFetch == 0) ahead_.fetchAfter(i + k, j / 2);
        x[k] = load(row[k] + j);
      }
      products.add(x, load(theta_ + j));
    }
    for (std::size_t k = 0; k < count; ++k) x[k] = lastVector(row[k]);
    products.add(x, load(theta_ + lastPack_));
    Pack<T> shares[count];
    group_.take(
        products, [&](std::size_t k) { return ahead_.target(i + k); }, intercept_, shares);
    move(lastPack_, x, shares);
    for (std::size_t j = 0; j < lastPack_; j += lanes<T>) {
      for (std::size_t k = 0; k < count; ++k) {
        if (j % perFetch == 0) ahead_.fetchAfter(i + k, (columns_ + j) / 2);
        x[k] = load(row[k] + j);
      }
      move(j, x, shares);
    }
  }

  /// The step over row i.
  [[gnu::always_inline]] void one(std::size_t i) noexcept {
    constexpr std::size_t together = 4;
    const T* row = ahead_.row(i);
    Pack<T> products[together] = {};
    std::size_t j = 0;
    for (; j + together * lanes<T> <= columns_; j += together * lanes<T>) {
      for (std::size_t p = 0; p < together; ++p) {
        if (p * lanes<T> % perFetch == 0) ahead_.fetchAfter(i, (j + p * lanes<T>) / 2);
        products[p] += load(row + j + p * lanes<T>) * load(theta_ + j + p * lanes<T>);
      }
    }
    // The last vector may reach past the row: θ's padding of zeros takes that out of the sum.
    for (; j < columns_; j += lanes<T>) products[0] += load(row + j) * load(theta_ + j);
    const Pack<T> z =
        sumEverywhere<T>((products[0] + products[1]) + (products[2] + products[3])) + intercept_;
    const Pack<T> delta = residualOf_(z, broadcast(ahead_.target(i))).residual;
    for (std::size_t from = 0; from < lastPack_; from += perFetch) {
      ahead_.fetchAfter(i, (columns_ + from) / 2);
      for (j = from; j < from + perFetch && j < lastPack_; j += lanes<T>)
        step(j, load(row + j), delta);
    }
    step(lastPack_, lastVector(row), delta);
    intercept_ = LaneMath<T>::step_intercept(intercept_, delta, broadcast(interceptRate_));
  }

  void finish(const Steps<T>& steps) const noexcept { *steps.intercept = intercept_[0]; }

 private:
  /// A line of the row that is due later for so many columns of this one, in either loop.
  static constexpr std::size_t perFetch = 2 * RowsAhead<T>::line;

  /// What it reads past the row must reach neither other rows' products nor θ's padding.
  [[nodiscard]] Pack<T> lastVector(const T* row) const noexcept {
    return masked<T>(inRow_, load(row + lastPack_));
  }

  [[gnu::always_inline]] void step(std::size_t j, Pack<T> x, Pack<T> delta) noexcept {
    store(theta_ + j, LaneMath<T>::step_weight(load(theta_ + j), x, delta * rate_, shrinkage_));
  }

  [[gnu::always_inline]] void move(std::size_t j, const Pack<T> (&x)[groupSteps<T>],
                                   const Pack<T> (&shares)[groupSteps<T>]) noexcept {
    Pack<T> theta = load(theta_ + j) * group_.thetaFactor();
    for (std::size_t k = 0; k < groupSteps<T>; ++k) theta -= shares[k] * x[k];
    store(theta_ + j, theta);
  }

  RowsAhead<T> ahead_;
  const ResidualOf& residualOf_;
  typename LaneMath<T>::Shrinkage shrinkage_;
  StepGroup<T, ResidualOf> group_;
  std::size_t columns_;
  std::size_t lastPack_;
  Whole<T> inRow_;
  T rate_;
  T interceptRate_;
  Pack<T> intercept_;
  T* theta_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
