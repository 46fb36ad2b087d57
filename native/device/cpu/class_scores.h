#pragma once

#include "residuals.h"
#include "scored_rows.h"

// How well sigmoids meet their targets.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// The losses of unweighted rows share logarithms, as those of a pass do.
inline void addLosses(ResidualSums<double, LogResidual<double>>& sums, Whole<double> present,
                      LogResidual<double> r, Pack<double> /*weight*/) noexcept {
  sums.add(present, r);
}
inline void addLosses(ResidualSums<double, Residual<double>>& sums, Whole<double> present,
                      const LogResidual<double>& r, Pack<double> weight) noexcept {
  using Math = LaneMath<double>;
  const Residual<double> whole = Math::outcome(r.loss + Math::log1p(r.odds), r.residual);
  Residual<double> counted = Math::weighted_outcome(whole, weight);
  sums.add(present, counted);
}

template <bool weighted>
void addClassScores(const ScoredRows& rows, ClassScores& found) noexcept {
  using Outcome = std::conditional_t<weighted, Residual<double>, LogResidual<double>>;
  ResidualSums<double, Outcome> losses;
  Pack<double> counted = {};
  Pack<double> odd = {};
  Pack<double> weights = {};
  Pack<double> right = {};
  overScoredRows<weighted>(rows, [&](std::size_t i, Pack<double> weight, Whole<double> present) {
    const Pack<double> z = loadScored(rows.values, i, rows.count);
    const Pack<double> y = loadScored(rows.targets, i, rows.count);
    const LogResidual<double> r = LaneMath<double>::sigmoid_log_outcome(z, y);
    // Where the odds round to 1, σ(z) does to ½, which is of the upper side.
    const Whole<double> isUpper = (z >= 0) | (r.odds == 1);
    counted += onesWhere(present);
    odd += onesWhere((r.odds != r.odds) & present);
    weights += weight;
    right += masked<double>(~(isUpper ^ (y >= 0.5)), weight);
    addLosses(losses, present, r, weight);
    if (i / lanes<double> % mostUnsettled == mostUnsettled - 1) losses.settle();
  });
  found = {sumInDouble<double>(counted), sumInDouble<double>(odd), sumInDouble<double>(weights),
           sumInDouble<double>(right), losses.totalLoss()};
}

inline void classScores(const ScoredRows& rows, ClassScores& found) noexcept {
  if (rows.weights != nullptr) return addClassScores<true>(rows, found);
  addClassScores<false>(rows, found);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
