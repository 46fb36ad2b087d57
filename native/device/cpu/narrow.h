#pragma once

#include "residuals.h"

// Rows of a few columns: the lanes go across rows, n is known at compile time, and the gradient
// stays in registers, a vector of lanes for each column.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostNarrowColumns = 6;

/// After so many rows the lanes' sums move to float64.
inline constexpr std::size_t narrowFlushRows = 4096;

template <typename T, std::size_t n>
struct NarrowSums {
  Pack<T> gradient[n] = {};
  Pack<T> intercept = {};
  Pack<T> loss = {};

  /// Moves the sums to float64; returns the loss.
  double flush(double* total, double* interceptTotal) noexcept {
    for (std::size_t j = 0; j < n; ++j) total[j] += sumInDouble<T>(gradient[j]);
    *interceptTotal += sumInDouble<T>(intercept);
    const double lossTotal = sumInDouble<T>(loss);
    *this = NarrowSums{};
    return lossTotal;
  }
};

template <std::size_t n, typename T>
inline void narrowColumnsOf(const Rows<T>& rows, std::size_t from, Pack<T>* x,
                            Pack<T>& y) noexcept {
  if (rows.indices == nullptr) {
    const T* block = rows.data + (rows.first + from) * n;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t lane = 0; lane < lanes<T>; ++lane) x[j][lane] = block[lane * n + j];
    }
    y = load(rows.targets + rows.first + from);
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
inline void narrowPack(const Rows<T>& rows, std::size_t from, const Parameters<T>& at,
                       const ResidualOf& residualOf, NarrowSums<T, n>& sums) noexcept {
  Pack<T> x[n] = {};
  Pack<T> y = {};
  narrowColumnsOf<n>(rows, from, x, y);
  Pack<T> z = x[0] * at.theta[0] + at.intercept;
  for (std::size_t j = 1; j < n; ++j) z += x[j] * at.theta[j];
  const Residual<T> r = residualOf(z, y);
  for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * r.delta;
  sums.intercept += r.delta;
  sums.loss += r.loss;
}

template <std::size_t n, typename T, typename ResidualOf>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf,
                      double* gradient, double* interceptGradient) noexcept {
  NarrowSums<T, n> sums;
  double loss = 0;
  std::size_t i = 0;
  std::size_t unflushed = 0;
  for (; i + lanes<T> <= rows.count; i += lanes<T>) {
    narrowPack<n>(rows, i, at, residualOf, sums);
    unflushed += lanes<T>;
    if (unflushed == narrowFlushRows) {
      loss += sums.flush(gradient, interceptGradient);
      unflushed = 0;
    }
  }
  loss += sums.flush(gradient, interceptGradient);
  for (; i < rows.count; ++i) {
    const std::size_t index = rows.indices ? rows.indices[rows.first + i] : rows.first + i;
    const T* row = rows.data + index * n;
    T z = at.intercept;
    for (std::size_t j = 0; j < n; ++j) z += row[j] * at.theta[j];
    const Residual<T> r = residualOf(broadcast(z), broadcast(rows.targets[index]));
    const auto delta = static_cast<double>(r.delta[0]);
    for (std::size_t j = 0; j < n; ++j) gradient[j] += static_cast<double>(row[j]) * delta;
    *interceptGradient += delta;
    loss += static_cast<double>(r.loss[0]);
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
