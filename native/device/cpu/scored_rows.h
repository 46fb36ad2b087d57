#pragma once

#include "pack.h"

// Rows that are scored, several at a time.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Calls add(i, weight, present) for rows i, i + 1, …: what each counts, and which of them do.
template <bool weighted, typename Add>
inline void overScoredRows(const ScoredRows& rows, const Add& add) noexcept {
  for (std::size_t i = 0; i < rows.count; i += lanes<double>) {
    Whole<double> present = firstLanes<double>(rows.count - i);
    Pack<double> weight = broadcast(1.0);
    if constexpr (weighted) {
      weight = load(rows.weights + i);
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
