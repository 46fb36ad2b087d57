#pragma once

#include "residuals.h"
#include "tile.h"

// Rows of fewer than 16 columns: one row fills no vector, so the lanes go across rows, n is known
// at compile time, and the gradient stays in registers, a vector of lanes for each column.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t narrowColumns = 16;

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

template <std::size_t n, bool linearSquared, typename T>
inline double narrowPack(const Rows<T>& rows, std::size_t from, const Parameters<T>& at,
                         Residuals<T> residualsOfPack, NarrowSums<T, n>& sums) noexcept {
  Pack<T> x[n] = {};
  Pack<T> y = {};
  narrowColumnsOf<n>(rows, from, x, y);
  Pack<T> z = x[0] * at.theta[0] + at.intercept;
  for (std::size_t j = 1; j < n; ++j) z += x[j] * at.theta[j];
  Pack<T> delta = {};
  double loss = 0;
  if constexpr (linearSquared) {
    const Pack<T> r = z - y;
    delta = r + r;
    sums.loss += r * r;
  } else {
    T zs[lanes<T>];
    T ys[lanes<T>];
    T deltas[lanes<T>];
    store(zs, z);
    store(ys, y);
    loss = residualsOfPack(zs, ys, lanes<T>, deltas);
    delta = load(deltas);
  }
  for (std::size_t j = 0; j < n; ++j) sums.gradient[j] += x[j] * delta;
  sums.intercept += delta;
  return loss;
}

template <std::size_t n, bool linearSquared, typename T>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, Residuals<T> residualsOfPack,
                      double* gradient, double* interceptGradient) noexcept {
  NarrowSums<T, n> sums;
  double loss = 0;
  std::size_t i = 0;
  std::size_t unflushed = 0;
  for (; i + lanes<T> <= rows.count; i += lanes<T>) {
    loss += narrowPack<n, linearSquared>(rows, i, at, residualsOfPack, sums);
    unflushed += lanes<T>;
    if (unflushed == narrowFlushRows) {
      loss += sums.flush(gradient, interceptGradient);
      unflushed = 0;
    }
  }
  loss += sums.flush(gradient, interceptGradient);
  for (; i < rows.count; ++i) {
    const T* row = rowAt(rows, i);
    const T y = rows.targets[rows.indices ? rows.indices[rows.first + i] : rows.first + i];
    T z = at.intercept;
    for (std::size_t j = 0; j < n; ++j) z += row[j] * at.theta[j];
    T delta;
    loss += residualsOfPack(&z, &y, 1, &delta);
    for (std::size_t j = 0; j < n; ++j)
      gradient[j] += static_cast<double>(row[j]) * static_cast<double>(delta);
    *interceptGradient += static_cast<double>(delta);
  }
  return loss;
}

/// Finds the instance for the count of columns, from n up.
template <std::size_t n, typename T>
double narrowGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                      double* gradient, double* interceptGradient) noexcept {
  if constexpr (n < narrowColumns) {
    if (rows.columns > n)
      return narrowGradient<n + 1>(rows, at, objective, gradient, interceptGradient);
    const Residuals<T> residualsOfPack = residualsOf<T>(objective);
    const bool linearSquared =
        objective.activation == Activation::linear && objective.loss == Loss::squared;
    return linearSquared
               ? narrowGradient<n, true>(rows, at, residualsOfPack, gradient, interceptGradient)
               : narrowGradient<n, false>(rows, at, residualsOfPack, gradient, interceptGradient);
  } else {
    return 0;
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
