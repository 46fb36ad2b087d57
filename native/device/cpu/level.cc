#include "level.h"

#include "narrow.h"
#include "pack.h"
#include "residuals.h"
#include "tile.h"

// The loops behind level.h, for the one level named by THALWEG_CPU_LEVEL.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// After so many rows the sums of T move to float64, which keeps a float32 gradient of millions of
/// rows accurate.
constexpr std::size_t flushRows = 1024;

template <typename T>
void flush(T* scratch, std::size_t columns, double* gradient) noexcept {
  for (std::size_t j = 0; j < columns; ++j) {
    gradient[j] += static_cast<double>(scratch[j]);
    scratch[j] = 0;
  }
}

template <typename T>
double gradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                T* scratch, double* total, double* interceptTotal) {
  if (rows.columns < narrowColumns)
    return narrowGradient<1>(rows, at, objective, total, interceptTotal);
  const Residuals<T> residualsOfTile = residualsOf<T>(objective);
  const std::size_t step = tileRows<T>(rows.columns);
  Tile<T> tile;
  T z[maxTileRows];
  T delta[maxTileRows];
  double loss = 0;
  std::size_t unflushed = 0;
  for (std::size_t j = 0; j < rows.columns; ++j) scratch[j] = 0;
  for (std::size_t i = 0; i < rows.count; i += step) {
    fill(tile, rows, i, rows.count - i < step ? rows.count - i : step);
    dots(tile, at, rows.columns, z);
    loss += residualsOfTile(z, tile.targets, tile.count, delta);
    accumulate(tile, delta, rows.columns, scratch);
    for (std::size_t r = 0; r < tile.count; ++r) *interceptTotal += static_cast<double>(delta[r]);
    unflushed += tile.count;
    if (unflushed >= flushRows) {
      flush(scratch, rows.columns, total);
      unflushed = 0;
    }
  }
  flush(scratch, rows.columns, total);
  return loss;
}

template <typename T>
double loss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  const Residuals<T> residualsOfTile = residualsOf<T>(objective);
  Tile<T> tile;
  T z[maxTileRows];
  T delta[maxTileRows];
  double total = 0;
  for (std::size_t i = 0; i < rows.count; i += maxTileRows) {
    fill(tile, rows, i, rows.count - i < maxTileRows ? rows.count - i : maxTileRows);
    dots(tile, at, rows.columns, z);
    total += residualsOfTile(z, tile.targets, tile.count, delta);
  }
  return total;
}

template <typename T>
void outputs(const Rows<T>& rows, const Parameters<T>& at, Activation activation, double* results) {
  const Outputs<T> outputsOfTile = outputsOf<T>(activation);
  Tile<T> tile;
  T z[maxTileRows];
  for (std::size_t i = 0; i < rows.count; i += maxTileRows) {
    tile.count = rows.count - i < maxTileRows ? rows.count - i : maxTileRows;
    for (std::size_t r = 0; r < tile.count; ++r) tile.rows[r] = rowAt(rows, i + r);
    dots(tile, at, rows.columns, z);
    outputsOfTile(z, tile.count, results + i);
  }
}

/// The sequence of rows is known, so the next rows can be on their way while this one is used. 8
/// KiB ahead covers the latency of memory at narrow rows and fits beside θ in the first-level
/// cache.
template <typename T>
std::size_t prefetchDistance(std::size_t columns) noexcept {
  const std::size_t rowsAhead = 8192 / (columns * sizeof(T));
  return rowsAhead < 1 ? 1 : rowsAhead > 16 ? 16 : rowsAhead;
}

template <typename T>
inline void prefetchRow(const Rows<T>& rows, std::size_t i) noexcept {
  if (i >= rows.count) return;
  const char* row = reinterpret_cast<const char*>(rowAt(rows, i));
  const std::size_t bytes = rows.columns * sizeof(T);
  for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 0, 3);
}

/// θ ← θ − rate·δ·x. The mask keeps θ's padding at zero.
template <typename T>
inline void step(const T* row, T scaledDelta, std::size_t columns, const Pack<T>& lastMask,
                 T* theta) noexcept {
  std::size_t j = 0;
  for (; j + lanes<T> < columns; j += lanes<T>)
    store(theta + j, load(theta + j) - load(row + j) * scaledDelta);
  store(theta + j, load(theta + j) - load(row + j) * lastMask * scaledDelta);
}

/// The proximal map of threshold·Σ|θⱼ|, which sets small weights to exactly zero.
template <typename T>
inline void softThreshold(T threshold, std::size_t columns, T* theta) noexcept {
  for (std::size_t j = 0; j < columns; ++j) {
    const T size = magnitude(theta[j]) - threshold;
    theta[j] = size <= 0 ? T(0) : (theta[j] < 0 ? -size : size);  // NaN stays NaN
  }
}

template <typename T>
void stochastic(const Rows<T>& rows, const Objective& objective, const Steps<T>& steps) {
  const Residuals<T> residualOfRow = residualsOf<T>(objective);
  const std::size_t n = rows.columns;
  const std::size_t ahead = prefetchDistance<T>(n);
  const T shrink = 1 - steps.learningRate * static_cast<T>(objective.l2);
  const T threshold = steps.learningRate * static_cast<T>(objective.l1);
  Pack<T> lastMask = {};
  for (std::size_t lane = 0; lane <= (n - 1) % lanes<T>; ++lane) lastMask[lane] = 1;
  for (std::size_t i = 0; i < ahead; ++i) prefetchRow(rows, i);
  for (std::size_t i = 0; i < rows.count; ++i) {
    prefetchRow(rows, i + ahead);
    const T* row = rowAt(rows, i);
    const T y = rows.targets[rows.indices[rows.first + i]];
    T z;
    dots<1>(&row, {steps.theta, *steps.intercept}, n, &z);
    T delta;
    residualOfRow(&z, &y, 1, &delta);
    const T scaledDelta = steps.learningRate * delta;
    if (objective.l2 != 0) {
      for (std::size_t j = 0; j < n; ++j) steps.theta[j] *= shrink;
    }
    step(row, scaledDelta, n, lastMask, steps.theta);
    if (objective.l1 != 0) softThreshold(threshold, n, steps.theta);
    if (objective.fitIntercept) *steps.intercept -= scaledDelta;
  }
}

template <typename T>
void gram(const Rows<T>& rows, double* scratch, double* total) {
  const std::size_t n = rows.columns;
  const std::size_t width = n + 2;
  for (std::size_t i = 0; i < rows.count; i += gramTileRows) {
    const std::size_t count = rows.count - i < gramTileRows ? rows.count - i : gramTileRows;
    for (std::size_t r = 0; r < gramTileRows; ++r) {
      double* a = scratch + r * width;
      const bool present = r < count;
      const T* row = rowAt(rows, present ? i + r : i);
      for (std::size_t j = 0; j < n; ++j) a[j] = present ? static_cast<double>(row[j]) : 0;
      a[n] = present ? 1 : 0;
      a[n + 1] = present ? static_cast<double>(rows.targets[rows.first + i + r]) : 0;
    }
    for (std::size_t p = 0; p < width; ++p) {
      double* out = total + p * width;
      for (std::size_t q = p; q < width; ++q) {
        double sum = out[q];
        for (std::size_t r = 0; r < gramTileRows; ++r)
          sum += scratch[r * width + p] * scratch[r * width + q];
        out[q] = sum;
      }
    }
  }
}

template <typename T>
constexpr Kernels<T> kernels{gradient<T>, loss<T>, outputs<T>, stochastic<T>, gram<T>};

#define THALWEG_STRING_OF(name) #name
#define THALWEG_STRING(name) THALWEG_STRING_OF(name)
constexpr Level thisLevel{THALWEG_STRING(THALWEG_CPU_LEVEL), kernels<float>, kernels<double>};

}  // namespace

const Level& level() noexcept { return thisLevel; }

}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
