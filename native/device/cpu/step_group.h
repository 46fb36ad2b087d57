#pragma once

#include "../step_options.h"
#include "residuals.h"

// What steps over a few rows, linear ones (see kernels/math/step.h), do to each other's residuals.
// With θ and b from before the first of them and f = 1 − rate·l2, putting one step into the next
// gives
//
//   zₖ = fᵏ·xₖᵀθ + b − rate·Σ_{j<k} δⱼ·(fᵏ⁻¹⁻ʲ·xⱼᵀxₖ + 1)    (the 1 where an intercept is fitted)
//
// so that all products with rows, which take a while to be added up over the lanes, are formed side
// by side; from one residual to the next only a multiplication and an addition are left. The steps
// are the same but for rounding.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
typename LaneMath<T>::Shrinkage shrinkageOf(const Objective& objective, T rate) noexcept {
  return LaneMath<T>::shrinkage(stepOptions<LaneMath<T>>(objective, rate));
}

/// So many steps make a group.
template <typename T>
inline constexpr std::size_t groupSteps = lanes<T> < 4 ? lanes<T> : 4;

/// What the rows of a group are multiplied with, lane by lane, as their vectors come in.
template <typename T>
struct GroupProducts {
  static constexpr std::size_t steps = groupSteps<T>;

  Pack<T> withTheta[steps] = {};
  Pack<T> between[steps][steps] = {};  ///< of rows j < k

  /// `x` are vectors of all rows at the same columns.
  [[gnu::always_inline]] void add(const Pack<T> (&x)[steps], Pack<T> theta) noexcept {
#pragma GCC unroll 4
    for (std::size_t k = 0; k < steps; ++k) {
#pragma GCC unroll 4
      for (std::size_t j = 0; j < k; ++j) between[j][k] += x[j] * x[k];
      withTheta[k] += x[k] * theta;
    }
  }
};

/// Values of a group stand in blocks of a pack, step k in lane k of every block.
template <typename T, typename ResidualOf>
class StepGroup {
 public:
  static constexpr std::size_t steps = groupSteps<T>;

  StepGroup(const Objective& objective, const ResidualOf& residualOf, T rate) noexcept
      : residualOf_(residualOf), interceptRate_(broadcast(objective.fitIntercept ? rate : T(0))) {
    const T factor = shrinkageOf(objective, rate).decay;
    T power = 1;
    for (std::size_t k = 0; k < steps; ++k) {
      setLane(decay_, k, power);
      rates_[steps - 1 - k] = rate * power;
      for (std::size_t j = 0; j + k + 1 < steps; ++j) {
        setLane(reach_[j], j + k + 1, slope * rate * power);
        setLane(interceptReach_[j], j + k + 1, slope * interceptRate_[0]);
      }
      power *= factor;
    }
    thetaFactor_ = broadcast(power);
  }

  /// What θ is multiplied with by the steps of a group.
  [[nodiscard]] Pack<T> thetaFactor() const noexcept { return thetaFactor_; }

  /// Takes the steps of b, and returns what is to be taken from θ: shares[k] times row k.
  /// `pick(k, label)` puts that of step k in lane k.
  template <typename Pick>
  [[gnu::always_inline]] void take(GroupProducts<T>& products, const Pick& pick, Pack<T>& intercept,
                                   Pack<T> (&shares)[steps]) const noexcept {
    LabelOf<T, ResidualOf> label = {};
    for (std::size_t k = 0; k < steps; ++k) pick(k, label);
    label = everywhere(label);
    Pack<T> effect[steps] = {};
    for (std::size_t j = 0; j + 1 < steps; ++j) {
      effect[j] = sumsInBlocks<steps, T>(products.between[j]) * reach_[j] + interceptReach_[j];
    }
    const Pack<T> z = sumsInBlocks<steps, T>(products.withTheta) * decay_ + intercept;
    follow<0>(linear ? linearResidual(z, label) : z, label, effect, shares);
    for (std::size_t k = 0; k < steps; ++k) {
      intercept -= shares[k] * interceptRate_;
      shares[k] *= rates_[k];
    }
  }

 private:
  static constexpr bool linear = isLinear<T, ResidualOf>;
  /// By how much δ of a linear neuron with squared loss grows with z.
  static constexpr T slope = linear ? 2 : 1;

  static void setLane(Pack<T>& pack, std::size_t step, T value) noexcept {
    for (std::size_t lane = step; lane < lanes<T>; lane += steps) pack[lane] = value;
  }

  [[nodiscard]] static Pack<T> everywhere(Pack<T> label) noexcept {
    return firstBlockEverywhere<steps, T>(label);
  }
  [[nodiscard]] static WeightedTarget<T> everywhere(WeightedTarget<T> label) noexcept {
    return {everywhere(label.y), everywhere(label.weight)};
  }

  /// Of a linear neuron with squared loss: without the weight, and with it.
  [[nodiscard]] static Pack<T> linearResidual(Pack<T> z, Pack<T> y) noexcept {
    return LinearResidual<T>{}(z, y).residual;
  }
  [[nodiscard]] static Pack<T> linearResidual(Pack<T> z, WeightedTarget<T> label) noexcept {
    return linearResidual(z, label.y);
  }
  [[nodiscard]] static Pack<T> weighed(Pack<T> delta, Pack<T> /*y*/) noexcept { return delta; }
  [[nodiscard]] static Pack<T> weighed(Pack<T> delta, WeightedTarget<T> label) noexcept {
    return delta * label.weight;
  }

  /// Residual k, and what it does to those after it. `state` is δ, without the weight, where that
  /// is linear in z, else z.
  template <std::size_t k>
  [[gnu::always_inline]] void follow(Pack<T> state, LabelOf<T, ResidualOf> label,
                                     const Pack<T> (&effect)[steps],
                                     Pack<T> (&delta)[steps]) const noexcept {
    delta[k] = laneOfBlocks<k, steps, T>(linear ? weighed(state, label)
                                                : residualOf_(state, label).residual);
    if constexpr (k + 1 < steps) follow<k + 1>(state - delta[k] * effect[k], label, effect, delta);
  }

  const ResidualOf& residualOf_;
  Pack<T> decay_ = {};         ///< fᵏ, what is left of θ's part in zₖ
  Pack<T> reach_[steps] = {};  ///< [j]: what δⱼ·xⱼᵀxₖ takes from zₖ, or from δₖ
  Pack<T> interceptReach_[steps] = {};  ///< the same of δⱼ alone
  T rates_[steps];                      ///< what is left of step k's part in θ after the last
  Pack<T> interceptRate_;
  Pack<T> thetaFactor_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
