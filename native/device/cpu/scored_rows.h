#pragma once

#include "pack.h"

// Rows that are scored, several at a time.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Those of `count` values from i on, and zeros behind them.
inline Pack<double> loadScored(const double* values, std::size_t i, std::size_t count) noexcept {
  if (count - i >= lanes<double>) return load(values + i);
  Pack<double> last = {};
  for (std::size_t lane = 0; lane < count - i; ++lane) last[lane] = values[i + lane];
  return last;
}

/// Calls add(i, weight, present) for rows i, i + 1, …: what each counts, and which of them do.
template <bool weighted, typename Add>
inline void overScoredRows(const ScoredRows& rows, const Add& add) noexcept {
  for (std::size_t i = 0; i < rows.count; i += lanes<double>) {
    Whole<double> present = firstLanes<double>(rows.count - i);
    Pack<double> weight = broadcast(1.0);
    if constexpr (weighted) {
      weight = loadScored(rows.weights, i, rows.count);
      present &= weight != 0;
    }
    add(i, masked<double>(present, weight), present);
  }
}

/// 1 in the lanes where `mask` is set, and 0 elsewhere.
inline Pack<double> onesWhere(Whole<double> mask) noexcept {
  return masked<double>(mask, broadcast(1.0));
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
