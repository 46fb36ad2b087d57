#pragma once

#include "long.h"

// Stochastic steps by an optimiser that keeps moments of each weight: θ and they are read and
// written in memory, step by step, since no such step is linear in θ and the gradient alone.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
class OptimizedTheta : private ThetaInMemory<T> {
 public:
  using ThetaInMemory<T>::dot;
  using Math = LaneMath<T>;

  OptimizedTheta(std::size_t columns, const Objective& objective, const Steps<T>& steps) noexcept
      : ThetaInMemory<T>(steps.theta, columns),
        steps_(steps),
        options_(stepOptions<Math>(objective, steps.learningRate, *steps.optimizer)),
        count_(Math::moments_of(options_.optimizer)) {}

  void setRate(double rate) noexcept { options_.rate = static_cast<T>(rate); }

  /// Step number `taken` from 0, with the residual of a row and whether b moves.
  void step(const T* row, const auto& rows, std::size_t i, Pack<T> residual, std::uint64_t taken,
            bool fitIntercept) noexcept {
    const auto tempo = Math::tempo_of(options_.optimizer, options_.rate, taken);
    for (std::size_t j = 0; j < lastPack_; j += lanes<T>) {
      fetchWhileMoving(rows, i, j);
      stepAt(j, load(row + j) * residual, tempo, ~Whole<T>{});
    }
    stepAt(lastPack_, lastVector(row) * residual, tempo, inRow_);
    if (!fitIntercept) return;
    T* intercept = steps_.moments.intercept;
    typename Math::Moments kept = {broadcast(intercept[0]), broadcast(intercept[1]),
                                   broadcast(intercept[2])};
    *steps_.intercept =
        Math::step_intercept_by(broadcast(*steps_.intercept), residual, &kept, options_, tempo)[0];
    intercept[0] = kept.velocity[0];
    intercept[1] = kept.square[0];
    intercept[2] = kept.third[0];
  }

 private:
  using ThetaInMemory<T>::fetchWhileMoving;
  using ThetaInMemory<T>::inRow_;
  using ThetaInMemory<T>::lastPack_;
  using ThetaInMemory<T>::lastVector;

  /// θ's padding and that of the moments stay zeros, whatever the constants.
  [[gnu::always_inline]] void stepAt(std::size_t j, Pack<T> g, typename Math::Tempo tempo,
                                     Whole<T> mask) noexcept {
    T* values = steps_.moments.values;
    const std::size_t stride = steps_.moments.stride;
    const auto at = [&](std::size_t k) {
      return k < count_ ? load(values + k * stride + j) : Pack<T>{};
    };
    typename Math::Moments kept = {at(0), at(1), at(2)};
    const Pack<T> weight = Math::step_weight_by(load(steps_.theta + j), g, &kept, options_, tempo);
    store(steps_.theta + j, masked<T>(mask, weight));
    if (count_ > 0) store(values + j, masked<T>(mask, kept.velocity));
    if (count_ > 1) store(values + stride + j, masked<T>(mask, kept.square));
    if (count_ > 2) store(values + 2 * stride + j, masked<T>(mask, kept.third));
  }

  const Steps<T>& steps_;
  typename Math::StepOptions options_;
  std::size_t count_;
};

template <typename T>
void takeOptimizedSteps(const Rows<T>& given, const Objective& objective, const Steps<T>& steps) {
  withResidualOf<T>(given, objective, [&]<typename ResidualOf>(const ResidualOf& residualOf) {
    const OneByOne<T, isWeighted<ResidualOf>> rows(given, steps.weightScale);
    OptimizedTheta<T> theta(given.columns, objective, steps);
    for (std::size_t i = 0; i < given.count; ++i) {
      if (steps.rates != nullptr) theta.setRate(steps.rates[i]);
      const T* row = rows.row(i);
      const Pack<T> z = sumEverywhere<T>(theta.dot(row, rows, i)) + broadcast(*steps.intercept);
      const Pack<T> delta = residualOf(z, rows.label(i)).residual;
      theta.step(row, rows, i, delta, steps.moments.taken + i, objective.fitIntercept);
    }
  });
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
