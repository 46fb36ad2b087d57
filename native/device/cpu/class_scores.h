#pragma once

#include "residuals.h"

// How well sigmoids meet their targets, over rows whose sums are at hand.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// 1 in the lanes where `mask` is set, and 0 elsewhere.
inline Pack<double> onesWhere(Whole<double> mask) noexcept {
  return masked<double>(mask, broadcast(1.0));
}

/// The losses of unweighted rows share logarithms, as those of a pass do.
inline void addLosses(ResidualSums<double, LogResidual<double>>& sums, Whole<double> present,
                      LogResidual<double> r, Pack<double> /*weight*/) noexcept {
  sums.add(present, r);
}
inline void addLosses(ResidualSums<double, Residual<double>>& sums, Whole<double> present,
                      const LogResidual<double>& r, Pack<double> weight) noexcept {
  using Math = LaneMath<double>;
  Residual<double> whole =
      Math::weighted_outcome(Math::outcome(r.loss + Math::log1p(r.odds), r.residual), weight);
  sums.add(present, whole);
}

template <bool weighted>
void addClassScores(const ClassRows& rows, ClassScores& found) noexcept {
  using Math = LaneMath<double>;
  using Outcome = std::conditional_t<weighted, Residual<double>, LogResidual<double>>;
  ResidualSums<double, Outcome> losses;
  Pack<double> right = {};
  Pack<double> weights = {};
  Pack<double> counted = {};
  Pack<double> odd = {};
  for (std::size_t i = 0; i < rows.count; i += lanes<double>) {
    const Pack<double> z = load(rows.sums + i);
    const Pack<double> y = load(rows.targets + i);
    Pack<double> weight = broadcast(1.0);
    Whole<double> present = firstLanes<double>(rows.count - i);
    if constexpr (weighted) {
      weight = load(rows.weights + i);
      present &= weight != 0;
    }
    const LogResidual<double> r = Math::sigmoid_log_outcome(z, y);
    // Where the odds round to 1, σ(z) does to ½, which is of the upper side.
    const Whole<double> isUpper = (z >= 0) | (r.odds == 1);
    const Whole<double> isRight = ~(isUpper ^ (y >= 0.5));
    right += masked<double>(isRight & present, weight);
    weights += masked<double>(present, weight);
    counted += onesWhere(present);
    odd += onesWhere((r.odds != r.odds) & present);
    addLosses(losses, present, r, weight);
    if (i / lanes<double> % mostUnsettled == mostUnsettled - 1) losses.settle();
  }
  found.rows += sumInDouble<double>(counted);
  found.overflowed += sumInDouble<double>(odd);
  found.weight += sumInDouble<double>(weights);
  found.right += sumInDouble<double>(right);
  found.loss += losses.totalLoss();
}

inline void classScores(const ClassRows& rows, ClassScores& found) noexcept {
  if (rows.weights != nullptr) return addClassScores<true>(rows, found);
  addClassScores<false>(rows, found);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
