#pragma once

#include <algorithm>
#include <type_traits>

#include "residuals.h"
#include "transpose.h"

// Rows of a few columns: the lanes go across rows, n is known at compile time, and the gradient
// stays in registers, a vector of lanes for each column.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostNarrowColumns = 10;

/// The same for rows in an order of their own: they are picked value by value.
inline constexpr std::size_t mostNarrowGatheredColumns = 5;

/// After so many packs the lanes' sums move to float64.
inline constexpr std::size_t narrowFlushPacks = 4 * mostUnsettled;

/// So many rows ahead are asked of memory, a page or more: processors fetch by themselves what
/// follows, but not across pages, and late where rows take long.
template <std::size_t n, typename T>
inline constexpr std::size_t narrowRowsAhead = std::max<std::size_t>(128, 4096 / (n * sizeof(T)));

/// So many packs of rows go through one step after another together, see addNarrowRowsInStages.
inline constexpr std::size_t stagedPacks = 8;
static_assert(mostUnsettled % stagedPacks == 0);

template <typename T, std::size_t n, typename RowSums>
struct NarrowSums {
  Pack<T> gradient[n] = {};
  RowSums rows;

  /// Moves the sums to float64; returns the loss.
  double flush(double* total, double* interceptTotal) noexcept {
    for (std::size_t j = 0; j < n; ++j) total[j] += sumInDouble<T>(gradient[j]);
    *interceptTotal += sumInDouble<T>(rows.delta);
    const double loss = rows.totalLoss();
    *this = NarrowSums{};
    return loss;
  }
};

/// Asks for a vector of rows and their targets, which may lie beyond the last: they are not read.
template <std::size_t n, typename T>
[[gnu::always_inline]] inline void fetchNarrowRows(const T* rows, const T* targets) noexcept {
  constexpr std::size_t line = 64 / sizeof(T);
  for (std::size_t i = 0; i < n * lanes<T>; i += line) __builtin_prefetch(rows + i);
  __builtin_prefetch(targets);
}

/// The columns and the targets of a vector of rows with these indices.
template <std::size_t n, typename T>
inline void pickColumns(const Rows<T>& rows, const std::uint32_t* indices, Pack<T>* x,
                        Pack<T>& y) noexcept {
  Pack<T> columns[n] = {};
  Pack<T> targets = {};
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) {
    const T* row = rows.data + indices[lane] * n;
    for (std::size_t j = 0; j < n; ++j) columns[j][lane] = row[j];
    targets[lane] = rows.targets[indices[lane]];
  }
  std::copy_n(columns, n, x);
  y = targets;
}

/// The columns and the targets of a vector of rows.
template <std::size_t n, typename T>
inline void narrowColumnsOf(const Rows<T>& rows, std::size_t from, Pack<T>* x,
                            Pack<T>& y) noexcept {
  if (rows.indices == nullptr) {
    const T* row = rows.data + (rows.first + from) * n;
    const T* target = rows.targets + rows.first + from;
    constexpr std::size_t ahead = narrowRowsAhead<n, T>;
    fetchNarrowRows<n>(row + ahead * n, target + ahead);
    transpose<n>(row, x);
    y = load(target);
    return;
  }
  pickColumns<n>(rows, rows.indices + rows.first + from, x, y);
}

template <std::size_t n, typename T>
inline Pack<T> narrowDots(const Pack<T>* x, const Parameters<T>& at) noexcept {
  Pack<T> z = x[0] * at.theta[0] + at.intercept;
  for (std::size_t j = 1; j < n; ++j) z += x[j] * at.theta[j];
  return z;
}

/// The rows from `from` on, too few for a vector. By itself, so that the sums of the others stay in
/// registers.
template <std::size_t n, typename T, typename ResidualOf>
[[gnu::noinline]] double lastNarrowRows(const Rows<T>& rows, std::size_t from,
                                        const Parameters<T>& at, const ResidualOf& residualOf,
                                        double* gradient, double* interceptGradient) noexcept {
  const std::size_t count = rows.count - from;
  Pack<T> x[n] = {};
  Pack<T> y = {};
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t place = rows.first + from + lane;
    const std::size_t row = rows.indices ? rows.indices[place] : place;
    for (std::size_t j = 0; j < n; ++j) x[j][lane] = rows.data[row * n + j];
    y[lane] = rows.targets[row];
  }
  NarrowSums<T, n, SumsOf<T, ResidualOf>> sums;
  auto r = residualOf(narrowDots<n>(x, at), y);
  sums.rows.add(firstLanes<T>(count), r);
  for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * r.residual;
  return sums.flush(gradient, interceptGradient);
}

/// Adds so many packs of rows, one after another.
template <std::size_t n, typename T, typename ResidualOf, typename Sums>
inline void addNarrowRows(const Rows<T>& rows, std::size_t from, std::size_t packs,
                          const Parameters<T>& at, const ResidualOf& residualOf,
                          Sums& sums) noexcept {
  for (std::size_t k = 0; k < packs; ++k) {
    Pack<T> x[n];
    Pack<T> y;
    narrowColumnsOf<n>(rows, from + k * lanes<T>, x, y);
    const auto r = residualOf(narrowDots<n>(x, at), y);
    sums.rows.add(r);
    for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * r.residual;
  }
}

/// The same, of at most stagedPacks packs: dots of all, residuals of all, δ·x of all. A residual
/// with an exponential is a long chain of instructions that wait for each other; the processor
/// works on those of several packs at once only as far as they stand close together.
template <std::size_t n, typename T, typename ResidualOf, typename Sums>
inline void addNarrowRowsInStages(const Rows<T>& rows, std::size_t from, std::size_t packs,
                                  const Parameters<T>& at, const ResidualOf& residualOf,
                                  Sums& sums) noexcept {
  Pack<T> x[stagedPacks][n];
  Pack<T> y[stagedPacks];
  Pack<T> z[stagedPacks];
  for (std::size_t k = 0; k < packs; ++k) {
    narrowColumnsOf<n>(rows, from + k * lanes<T>, x[k], y[k]);
    z[k] = narrowDots<n>(x[k], at);
  }
  for (std::size_t k = 0; k < packs; ++k) {
    const auto r = residualOf(z[k], y[k]);
    sums.rows.add(r);
    z[k] = r.residual;
  }
  for (std::size_t k = 0; k < packs; ++k) {
    for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[k][j] * z[k];
  }
}

template <std::size_t n, typename T, typename ResidualOf>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf,
                      double* gradient, double* interceptGradient) noexcept {
  // The shortest rows stand close enough as they are.
  constexpr bool staged = !std::is_same_v<ResidualOf, LinearResidual<T>> && n > 2;
  NarrowSums<T, n, SumsOf<T, ResidualOf>> sums;
  double loss = 0;
  const std::size_t whole = rows.count / lanes<T>;
  for (std::size_t k = 0; k < whole;) {
    const std::size_t end = std::min(whole, k + mostUnsettled);
    while (k < end) {
      const std::size_t packs = std::min(end - k, staged ? stagedPacks : mostUnsettled);
      if constexpr (staged) {
        addNarrowRowsInStages<n>(rows, k * lanes<T>, packs, at, residualOf, sums);
      } else {
        addNarrowRows<n>(rows, k * lanes<T>, packs, at, residualOf, sums);
      }
      k += packs;
    }
    sums.rows.settle();
    if (k % narrowFlushPacks == 0) loss += sums.flush(gradient, interceptGradient);
  }
  loss += sums.flush(gradient, interceptGradient);
  if (whole * lanes<T> < rows.count) {
    loss += lastNarrowRows<n>(rows, whole * lanes<T>, at, residualOf, gradient, interceptGradient);
  }
  return loss;
}

/// Finds the instance for the count of columns, from n up.
template <std::size_t n, typename T>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                      double* gradient, double* interceptGradient) noexcept {
  if constexpr (n < mostNarrowColumns) {
    if (rows.columns > n)
      return narrowGradient<n + 1>(rows, at, objective, gradient, interceptGradient);
  }
  return withResidual<T>(objective, [&](const auto& residualOf) {
    return narrowGradient<n>(rows, at, residualOf, gradient, interceptGradient);
  });
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
