#pragma once

#include "labels.h"
#include "lane_math.h"

// Σδ and Σℓ of packs of rows. They are to be settled after mostUnsettled packs, of which the odds
// multiply to no more than the format holds, and the roundings stay those of the losses themselves.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostUnsettled = 120;

template <typename T, typename Outcome>
struct ResidualSums;

template <typename T>
struct ResidualSums<T, Residual<T>> {
  Pack<T> delta = {};
  Pack<T> loss = {};

  void add(const Residual<T>& r) noexcept {
    delta += r.residual;
    loss += r.loss;
  }

  /// Adds only the lanes where `present` is set, and clears δ elsewhere.
  void add(Whole<T> present, Residual<T>& r) noexcept {
    r = {masked<T>(present, r.loss), masked<T>(present, r.residual)};
    add(r);
  }

  void settle() noexcept {}

  [[nodiscard]] double totalLoss() const noexcept { return sumInDouble<T>(loss); }
};

/// Σ log(1 + odds) = log Π(1 + odds). The product is kept less 1, so that odds far below 1 are not
/// rounded away: (1 + p)(1 + o) − 1 = p + o·(1 + p), all of one sign.
template <typename T>
struct ResidualSums<T, LogResidual<T>> {
  Pack<T> delta = {};
  Pack<T> loss = {};
  Pack<T> productLess1 = {};

  void add(const LogResidual<T>& r) noexcept {
    delta += r.residual;
    loss += r.loss;
    productLess1 += r.odds * (T(1) + productLess1);
  }

  void add(Whole<T> present, LogResidual<T>& r) noexcept {
    r = {masked<T>(present, r.loss), masked<T>(present, r.residual), masked<T>(present, r.odds)};
    add(r);
  }

  void settle() noexcept {
    loss += logarithmAbove1<T>(productLess1);
    productLess1 = Pack<T>{};
  }

  [[nodiscard]] double totalLoss() noexcept {
    settle();
    return sumInDouble<T>(loss);
  }
};

/// Those of weighted rows: residualOf's, times the weights.
template <typename T, typename ResidualOf>
struct WeightedResidual {
  ResidualOf residualOf;

  Residual<T> operator()(Pack<T> z, WeightedTarget<T> label) const noexcept {
    return LaneMath<T>::weighted_outcome(residualOf(z, label.y), label.weight);
  }
};

template <typename ResidualOf>
inline constexpr bool isWeighted = false;
template <typename T, typename ResidualOf>
inline constexpr bool isWeighted<WeightedResidual<T, ResidualOf>> = true;

/// What residualOf takes besides z.
template <typename T, typename ResidualOf>
using LabelOf = Label<T, isWeighted<std::remove_cvref_t<ResidualOf>>>;

/// The sums for residuals as residualOf gives them.
template <typename T, typename ResidualOf>
using SumsOf =
    ResidualSums<T, decltype(std::declval<ResidualOf>()(Pack<T>{}, LabelOf<T, ResidualOf>{}))>;

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
