#pragma once

#include "scored_rows.h"

// How well outputs meet targets that are numbers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Targets are taken off their mean once that is known: squares of what is far from 0 would cancel.
template <bool weighted>
void addValueScores(const ScoredRows& rows, ValueScores& found) noexcept {
  const auto placed = [&](std::size_t i, Whole<double> present) {
    return masked<double>(present,
                          loadScored(rows.targets, i, rows.count) * rows.unit - rows.origin);
  };
  Pack<double> counted = {};
  Pack<double> odd = {};
  Pack<double> weights = {};
  Pack<double> sum = {};
  Pack<double> largest = {};
  Pack<double> notFinite = {};
  Pack<double> squares = {};
  Pack<double> unitSquares = {};
  Pack<double> distances = {};
  overScoredRows<weighted>(rows, [&](std::size_t i, Pack<double> weight, Whole<double> present) {
    const Pack<double> y = masked<double>(present, loadScored(rows.targets, i, rows.count));
    const Pack<double> output = masked<double>(present, loadScored(rows.values, i, rows.count));
    const Pack<double> off = output - y;
    const Pack<double> offInUnits = output * rows.unit - y * rows.unit;
    counted += onesWhere(present);
    odd += onesWhere(output - output != 0);
    weights += weight;
    sum += weight * placed(i, present);
    largest = larger<double>(magnitude<double>(y), largest);
    notFinite += y - y;
    squares += weight * (off * off);
    unitSquares += weight * (offInUnits * offInUnits);
    distances += weight * magnitude<double>(off);
  });
  found.rows = sumInDouble<double>(counted);
  found.overflowed = sumInDouble<double>(odd);
  found.weight = sumInDouble<double>(weights);
  found.mean = sumInDouble<double>(sum) / found.weight;
  found.unitSquares = sumInDouble<double>(unitSquares);
  found.squares = sumInDouble<double>(squares);
  found.distances = sumInDouble<double>(distances);
  found.largest = 0;
  for (std::size_t lane = 0; lane < lanes<double>; ++lane)
    found.largest = largest[lane] > found.largest ? largest[lane] : found.largest;
  found.largest += sumInDouble<double>(notFinite);
  Pack<double> spread = {};
  overScoredRows<weighted>(rows, [&](std::size_t i, Pack<double> weight, Whole<double> present) {
    const Pack<double> off = placed(i, present) - found.mean;
    spread += weight * (off * off);
  });
  found.spread = sumInDouble<double>(spread);
}

inline void valueScores(const ScoredRows& rows, ValueScores& found) noexcept {
  if (rows.weights != nullptr) return addValueScores<true>(rows, found);
  addValueScores<false>(rows, found);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
