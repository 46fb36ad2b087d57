#pragma once

#include "residuals.h"
#include "transpose.h"

// Rows of a few columns: the lanes go across rows, n is known at compile time, and the gradient
// stays in registers, a vector of lanes for each column.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostNarrowColumns = 6;

/// After so many packs the lanes' sums move to float64.
inline constexpr std::size_t narrowFlushPacks = 4 * mostUnsettled;

/// So many rows ahead are asked of memory. Processors fetch by themselves what follows, but not
/// across pages, and late where rows take long.
inline constexpr std::size_t narrowRowsAhead = 128;

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

/// The columns and the targets of a vector of rows.
template <std::size_t n, typename T>
inline void narrowColumnsOf(const Rows<T>& rows, std::size_t from, Pack<T>* x,
                            Pack<T>& y) noexcept {
  if (rows.indices == nullptr) {
    const T* row = rows.data + (rows.first + from) * n;
    const T* target = rows.targets + rows.first + from;
    fetchNarrowRows<n>(row + narrowRowsAhead * n, target + narrowRowsAhead);
    transpose<n>(row, x);
    y = load(target);
    return;
  }
  const std::uint32_t* indices = rows.indices + rows.first + from;
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) {
    const T* row = rows.data + indices[lane] * n;
    for (std::size_t j = 0; j < n; ++j) x[j][lane] = row[j];
    y[lane] = rows.targets[indices[lane]];
  }
}

template <std::size_t n, typename T, typename ResidualOf>
inline auto narrowResidual(const Pack<T>* x, Pack<T> y, const Parameters<T>& at,
                           const ResidualOf& residualOf) noexcept {
  Pack<T> z = x[0] * at.theta[0] + at.intercept;
  for (std::size_t j = 1; j < n; ++j) z += x[j] * at.theta[j];
  return residualOf(z, y);
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
  auto r = narrowResidual<n>(x, y, at, residualOf);
  sums.rows.add(firstLanes<T>(count), r);
  for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * r.delta;
  return sums.flush(gradient, interceptGradient);
}

template <std::size_t n, typename T, typename ResidualOf>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf,
                      double* gradient, double* interceptGradient) noexcept {
  NarrowSums<T, n, SumsOf<T, ResidualOf>> sums;
  double loss = 0;
  const std::size_t whole = rows.count / lanes<T>;
  for (std::size_t k = 0; k < whole;) {
    const std::size_t end = whole - k < mostUnsettled ? whole : k + mostUnsettled;
    for (; k < end; ++k) {
      Pack<T> x[n] = {};
      Pack<T> y = {};
      narrowColumnsOf<n>(rows, k * lanes<T>, x, y);
      const auto r = narrowResidual<n>(x, y, at, residualOf);
      sums.rows.add(r);
      for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * r.delta;
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
