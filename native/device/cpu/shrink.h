#pragma once

#include "../objective.h"
#include "pack.h"

// One stochastic step of θ, with the penalties.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// How θ shrinks besides the gradient's part of a step.
template <typename T>
struct Shrink {
  T factor;     ///< 1 − rate·l2
  T threshold;  ///< rate·l1

  /// Whether a step is linear in θ and δ.
  [[nodiscard]] bool isLinear() const noexcept { return threshold == 0; }

  Shrink(const Objective& objective, T rate) noexcept
      : factor(1 - rate * static_cast<T>(objective.l2)),
        threshold(rate * static_cast<T>(objective.l1)) {}

  /// θ − rate·δ·x with both penalties: the proximal map of threshold·Σ|θⱼ| sets small weights to
  /// exactly zero.
  [[nodiscard]] Pack<T> step(Pack<T> theta, Pack<T> x, Pack<T> rateTimesDelta) const noexcept {
    const Pack<T> moved = theta * factor - x * rateTimesDelta;
    if (isLinear()) return moved;
    const Pack<T> size = magnitude<T>(moved) - threshold;
    return size <= 0 ? Pack<T>{} : (moved < 0 ? -size : size);  // NaN stays NaN
  }
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
