#pragma once

#include <algorithm>
#include <type_traits>

#include "../residuals.h"
#include "../rows/ahead.h"
#include "../transpose.h"
#include "short.h"

// Rows of a few columns: the lanes go across rows, n is known at compile time, and the gradient
// stays in registers, a vector of lanes for each column.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// After so many packs the lanes' sums move to float64.
inline constexpr std::size_t narrowFlushPacks = 4 * mostUnsettled;

/// Rows are asked for a page ahead, and so many at least: they take long.
inline constexpr std::size_t leastNarrowAhead = 128;

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
  for (std::size_t i = 0; i < n * lanes<T>; i += lineColumns<T>) __builtin_prefetch(rows + i);
  __builtin_prefetch(targets);
}

/// The columns and the labels of a vector of rows with these indices.
template <std::size_t n, typename T, typename Label>
inline void pickColumns(const Rows<T>& rows, const std::uint32_t* indices, Pack<T>* x,
                        Label& label) noexcept {
  Pack<T> columns[n] = {};
  Label labels = {};
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) {
    const T* row = rows.row(indices[lane], n);
    for (std::size_t j = 0; j < n; ++j) columns[j][lane] = row[j];
    pickLabel(rows, indices[lane], lane, labels);
  }
  std::copy_n(columns, n, x);
  label = labels;
}

/// The columns and the labels of a vector of rows.
template <std::size_t n, typename T, typename Label>
inline void narrowColumnsOf(const Rows<T>& rows, std::size_t from, Pack<T>* x,
                            Label& label) noexcept {
  if (rows.indices == nullptr) {
    const T* row = rows.row(rows.first + from, n);
    const T* target = rows.targets + rows.first + from;
    constexpr std::size_t ahead = neighboursAhead<T>(n, leastNarrowAhead);
    fetchNarrowRows<n>(row + ahead * n, target + ahead);
    transpose<n>(row, x);
    loadLabel(rows, rows.first + from, label);
    return;
  }
  pickColumns<n>(rows, rows.indices + rows.first + from, x, label);
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
  LabelOf<T, ResidualOf> label = {};
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t number = rows.number(from + lane);
    const T* row = rows.row(number, n);
    for (std::size_t j = 0; j < n; ++j) x[j][lane] = row[j];
    pickLabel(rows, number, lane, label);
  }
  NarrowSums<T, n, SumsOf<T, ResidualOf>> sums;
  auto r = residualOf(narrowDots<n>(x, at), label);
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
    LabelOf<T, ResidualOf> label;
    narrowColumnsOf<n>(rows, from + k * lanes<T>, x, label);
    const auto r = residualOf(narrowDots<n>(x, at), label);
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
  LabelOf<T, ResidualOf> labels[stagedPacks];
  Pack<T> z[stagedPacks];
  for (std::size_t k = 0; k < packs; ++k) {
    narrowColumnsOf<n>(rows, from + k * lanes<T>, x[k], labels[k]);
    z[k] = narrowDots<n>(x[k], at);
  }
  for (std::size_t k = 0; k < packs; ++k) {
    const auto r = residualOf(z[k], labels[k]);
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
  constexpr bool staged = !isLinear<T, ResidualOf> && n > 2;
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

template <typename T>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                      T* /*scratch*/, double* gradient, double* interceptGradient) {
  return withConstant<mostNarrowColumns>(rows.columns, [&](auto columns) {
    return withResidualOf<T, LogLoss::inlined>(rows, objective, [&](const auto& residualOf) {
      return narrowGradient<columns()>(rows, at, residualOf, gradient, interceptGradient);
    });
  });
}

/// The gradient of so few columns takes no longer.
template <typename T>
double narrowLoss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  double gradient[mostNarrowColumns] = {};
  double interceptGradient = 0;
  return narrowGradient<T>(rows, at, objective, nullptr, gradient, &interceptGradient);
}

template <typename T>
constexpr Pass<T> narrowPass{"narrow", areNarrow<T>, narrowGradient<T>, narrowLoss<T>,
                             shortPass<T>.outputs};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
