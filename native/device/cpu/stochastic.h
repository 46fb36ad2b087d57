#pragma once

#include "residuals.h"

// Steps of one row each. A step needs θ of the step before it, so what counts is how soon a row's
// residual is known: the rows are fetched ahead, and θ of short rows stays in registers.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostStochasticPacks = 8;

/// How θ shrinks besides the gradient's part of a step.
template <typename T>
struct Shrink {
  T factor;     ///< 1 − rate·l2
  T threshold;  ///< rate·l1

  Shrink(const Objective& objective, T rate) noexcept
      : factor(1 - rate * static_cast<T>(objective.l2)),
        threshold(rate * static_cast<T>(objective.l1)) {}

  /// θ − rate·δ·x with both penalties: the proximal map of threshold·Σ|θⱼ| sets small weights to
  /// exactly zero.
  [[nodiscard]] Pack<T> step(Pack<T> theta, Pack<T> x, Pack<T> rateTimesDelta) const noexcept {
    const Pack<T> moved = theta * factor - x * rateTimesDelta;
    if (threshold == 0) return moved;
    const Pack<T> size = magnitude<T>(moved) - threshold;
    return size <= 0 ? Pack<T>{} : (moved < 0 ? -size : size);  // NaN stays NaN
  }
};

/// Finds rows and has the next ones fetched.
template <typename T>
class RowsAhead {
 public:
  explicit RowsAhead(const Rows<T>& rows) noexcept : rows_(rows) {
    // 8 KiB cover the latency of memory and fit beside θ in the first-level cache.
    const std::size_t ahead = 8192 / (rows.columns * sizeof(T));
    ahead_ = ahead < 1 ? 1 : ahead > 16 ? 16 : ahead;
    for (std::size_t i = 0; i < ahead_; ++i) {
      for (std::size_t j = 0; j < rows.columns; j += line) fetch(i, j);
    }
  }

  [[nodiscard]] const T* row(std::size_t i) const noexcept {
    return rows_.data + index(i) * rows_.columns;
  }
  [[nodiscard]] T target(std::size_t i) const noexcept { return rows_.targets[index(i)]; }

  /// Fetches columns [j, j + line) of the row that is due some steps after i.
  [[gnu::always_inline]] void fetchAfter(std::size_t i, std::size_t j) const noexcept {
    fetch(i + ahead_, j);
  }

  static constexpr std::size_t line = 64 / sizeof(T);

 private:
  [[nodiscard]] std::size_t index(std::size_t i) const noexcept {
    return rows_.indices[rows_.first + i];
  }
  /// Always inlined: GCC takes a function that only prefetches for one without effect, and drops
  /// its calls.
  [[gnu::always_inline]] void fetch(std::size_t i, std::size_t j) const noexcept {
    if (i >= rows_.count + rows_.following) return;
    __builtin_prefetch(row(i) + j);
    if (j == 0) __builtin_prefetch(rows_.targets + index(i));
  }

  const Rows<T>& rows_;
  std::size_t ahead_;
};

/// Rows of `packs` vectors: θ stays in registers.
template <std::size_t packs, typename T, typename ResidualOf>
void shortSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
                const Steps<T>& steps) {
  const RowsAhead<T> ahead(rows);
  const Shrink<T> shrink(objective, steps.learningRate);
  // What the last vector reads past the row must not reach θ's padding.
  const Whole<T> inRow = firstLanes<T>(rows.columns - (packs - 1) * lanes<T>);
  Pack<T> intercept = broadcast(*steps.intercept);
  const Pack<T> interceptRate = broadcast(objective.fitIntercept ? steps.learningRate : T(0));
  Pack<T> theta[packs];
  for (std::size_t p = 0; p < packs; ++p) theta[p] = load(steps.theta + p * lanes<T>);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const T* row = ahead.row(i);
    Pack<T> x[packs];
    for (std::size_t p = 0; p < packs; ++p) {
      if (p * lanes<T> % ahead.line == 0) ahead.fetchAfter(i, p * lanes<T>);
      x[p] = load(row + p * lanes<T>);
    }
    x[packs - 1] = masked<T>(inRow, x[packs - 1]);
    Pack<T> products[2] = {x[0] * theta[0], {}};
    for (std::size_t p = 1; p < packs; ++p) products[p % 2] += x[p] * theta[p];
    const Pack<T> z = sumEverywhere<T>(products[0] + products[1]) + intercept;
    const Pack<T> delta = residualOf(z, broadcast(ahead.target(i))).delta;
    const Pack<T> rateTimesDelta = delta * steps.learningRate;
    for (std::size_t p = 0; p < packs; ++p) theta[p] = shrink.step(theta[p], x[p], rateTimesDelta);
    intercept -= delta * interceptRate;
  }
  for (std::size_t p = 0; p < packs; ++p) store(steps.theta + p * lanes<T>, theta[p]);
  *steps.intercept = intercept[0];
}

/// Rows of any length. The lines of a row that is due later are asked for all through the step,
/// half of them in either loop: asked for at once they would keep each other waiting.
template <typename T, typename ResidualOf>
void wideSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
               const Steps<T>& steps) {
  const RowsAhead<T> ahead(rows);
  const Shrink<T> shrink(objective, steps.learningRate);
  const std::size_t n = rows.columns;
  const std::size_t lastPack = (n - 1) / lanes<T> * lanes<T>;
  const Whole<T> inRow = firstLanes<T>(n - lastPack);
  constexpr std::size_t together = 4;
  constexpr std::size_t perFetch = 2 * RowsAhead<T>::line;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const T* row = ahead.row(i);
    Pack<T> products[together] = {};
    std::size_t j = 0;
    for (; j + together * lanes<T> <= n; j += together * lanes<T>) {
      for (std::size_t p = 0; p < together; ++p) {
        if (p * lanes<T> % perFetch == 0) ahead.fetchAfter(i, (j + p * lanes<T>) / 2);
        products[p] += load(row + j + p * lanes<T>) * load(steps.theta + j + p * lanes<T>);
      }
    }
    // The last vector may reach past the row: θ's padding of zeros takes that out of the sum.
    for (; j < n; j += lanes<T>) products[0] += load(row + j) * load(steps.theta + j);
    const Pack<T> z = sumEverywhere<T>((products[0] + products[1]) + (products[2] + products[3])) +
                      *steps.intercept;
    const Pack<T> delta = residualOf(z, broadcast(ahead.target(i))).delta;
    const Pack<T> rateTimesDelta = delta * steps.learningRate;
    for (std::size_t from = 0; from < lastPack; from += perFetch) {
      ahead.fetchAfter(i, (n + from) / 2);
      for (j = from; j < from + perFetch && j < lastPack; j += lanes<T>)
        store(steps.theta + j, shrink.step(load(steps.theta + j), load(row + j), rateTimesDelta));
    }
    store(steps.theta + lastPack,
          shrink.step(load(steps.theta + lastPack), masked<T>(inRow, load(row + lastPack)),
                      rateTimesDelta));
    if (objective.fitIntercept) *steps.intercept -= rateTimesDelta[0];
  }
}

/// Finds the instance for the count of columns, from `packs` up.
template <std::size_t packs, typename T, typename ResidualOf>
void stochasticSteps(const Rows<T>& rows, const Objective& objective, const ResidualOf& residualOf,
                     const Steps<T>& steps) {
  if (rows.columns <= packs * lanes<T>)
    return shortSteps<packs>(rows, objective, residualOf, steps);
  if constexpr (packs < mostStochasticPacks) {
    stochasticSteps<packs + 1>(rows, objective, residualOf, steps);
  } else {
    wideSteps(rows, objective, residualOf, steps);
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
