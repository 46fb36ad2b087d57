#pragma once

#include "short_steps.h"
#include "wide_steps.h"

// Steps of one row each. A step needs θ of the step before it, so what counts is how soon a row's
// residual is known: the rows are fetched ahead, a few steps are taken at once, and θ of short rows
// stays in registers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename Kind, typename T>
void takeSteps(Kind kind, const Rows<T>& rows, const Steps<T>& steps) {
  std::size_t i = 0;
  if (kind.canGroup()) {
    for (; i + groupSteps<T> <= rows.count; i += groupSteps<T>) kind.group(i);
  }
  for (; i < rows.count; ++i) kind.one(i);
  kind.finish(steps);
}

/// Finds the instance for the count of columns, from `packs` up.
template <std::size_t packs, typename T, typename ResidualOf>
void stochasticSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
                     const Steps<T>& steps) {
  if (rows.columns <= packs * lanes<T>) {
    return takeSteps(ShortSteps<packs, T, ResidualOf>(rows, objective, residualOf, steps), rows,
                     steps);
  }
  if constexpr (packs < mostStochasticPacks) {
    stochasticSteps<packs + 1>(rows, objective, residualOf, steps);
  } else {
    takeSteps(WideSteps<T, ResidualOf>(rows, objective, residualOf, steps), rows, steps);
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
