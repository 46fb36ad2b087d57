#include "level.h"

#include <algorithm>
#include <type_traits>

#include "gram.h"
#include "narrow.h"
#include "residuals.h"
#include "short.h"
#include "stochastic.h"
#include "wide.h"

// The loops behind level.h, for the one level named by THALWEG_CPU_LEVEL.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// After so many rows the sums of T move to float64, which keeps a float32 gradient of millions of
/// rows accurate.
constexpr std::size_t flushRows = 1024;

/// Nearer than that, what is asked for of memory comes too late.
constexpr std::size_t leastAheadBytes = 4096;

static_assert(maxTileRows <= mostUnsettled * lanes<double>);

/// Calls `use` with the kind of rows that so many columns make: short ones have at most mostPacks.
template <std::size_t mostPacks = mostShortPacks, std::size_t packs = 1, typename T, typename Use>
auto withRows(const Rows<T>& rows, const Parameters<T>& at, T* scratch, const Use& use) {
  if (rows.columns <= packs * lanes<T>) return use(ShortRows<packs, T>(at, rows));
  if constexpr (packs < mostPacks) {
    return withRows<mostPacks, packs + 1>(rows, at, scratch, use);
  } else {
    return use(WideRows<T>(at, rows, scratch));
  }
}

template <typename Kind, typename T>
double gradientOf(Kind kind, const Rows<T>& rows, const Objective& objective, double* gradient,
                  double* interceptGradient) {
  const Tiles<T> tiles(rows, kind.tileRows(), streams);
  Tile<T> found[2];
  T z[maxTileRows] = {};
  T delta[maxTileRows];
  TileSums<T> sums;
  double loss = 0;
  std::size_t unflushed = 0;
  if (tiles.count() > 0) tiles.find(0, found[0]);
  for (std::size_t k = 0; k < tiles.count(); ++k) {
    const Tile<T>& tile = found[k % 2];
    Tile<T>& next = found[(k + 1) % 2];
    if (k + 1 < tiles.count()) {
      tiles.find(k + 1, next);
    } else {
      tiles.findFollowing(next);
    }
    kind.dots(tile, z);
    residualsOfTile(objective, z, tile.targets, tile.count, delta, sums);
    kind.accumulate(tile, delta, next);
    unflushed += tile.count;
    if (unflushed >= flushRows || k + 1 == tiles.count()) {
      kind.flush(gradient);
      *interceptGradient += sumInDouble<T>(sums.delta);
      loss += sumInDouble<T>(sums.loss);
      sums = {};
      unflushed = 0;
    }
  }
  return loss;
}

/// The same of rows that follow each other in memory, for kinds that take them in runs; what is
/// left goes the other way. By itself, so that the sums stay in registers.
template <typename Kind, typename ResidualOf, typename T>
[[gnu::noinline]] double gradientOfRuns(Kind kind, const Rows<T>& rows, const Objective& objective,
                                        const ResidualOf& residualOf, double* gradient,
                                        double* interceptGradient) {
  constexpr bool areLong = !std::is_same_v<ResidualOf, LinearResidual<T>>;
  constexpr std::size_t mostPacks = maxTileRows / lanes<T>;
  const std::size_t runRows = kind.template runRows<areLong>();
  const std::size_t runs = runRows == 0 ? 0 : rows.count / runRows;
  const std::size_t ahead = std::max(runRows, leastAheadBytes / (rows.columns * sizeof(T)));
  RunOfRows<T> run{rows.data + rows.first * rows.columns, rows.columns, runRows, ahead};
  const T* targets = rows.targets + rows.first;
  T z[maxTileRows];
  T delta[maxTileRows];
  SumsOf<T, ResidualOf> sums;
  double loss = 0;
  std::size_t unsettled = 0;
  std::size_t unflushed = 0;
  for (std::size_t k = 0; k < runs; ++k) {
    kind.dots(run, z);
    residualsOf(residualOf, z, targets, runRows, delta, sums);
    kind.accumulate(run, delta);
    run.first += runRows * rows.columns;
    targets += runRows;
    unsettled += (runRows + lanes<T> - 1) / lanes<T>;
    unflushed += runRows;
    if (unsettled + mostPacks > mostUnsettled) {
      sums.settle();
      unsettled = 0;
    }
    if (unflushed >= flushRows || k + 1 == runs) {
      kind.flush(gradient);
      *interceptGradient += sumInDouble<T>(sums.delta);
      loss += sums.totalLoss();
      sums = {};
      unsettled = 0;
      unflushed = 0;
    }
  }
  Rows<T> rest = rows;
  rest.first += runs * runRows;
  rest.count -= runs * runRows;
  if (rest.count > 0) loss += gradientOf(kind, rest, objective, gradient, interceptGradient);
  return loss;
}

template <typename T>
bool areNarrow(const Rows<T>& rows) noexcept {
  return rows.columns <= (rows.indices ? mostNarrowGatheredColumns : mostNarrowColumns);
}

template <typename T>
double gradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                T* scratch, double* total, double* interceptTotal) {
  if (areNarrow(rows)) return narrowGradient<1>(rows, at, objective, total, interceptTotal);
  if (rows.indices) {
    return withRows(rows, at, scratch, [&](auto kind) {
      return gradientOf(kind, rows, objective, total, interceptTotal);
    });
  }
  return withRows<mostShortPacksInRuns>(rows, at, scratch, [&](auto kind) {
    return withResidual<T>(objective, [&](const auto& residualOf) {
      return gradientOfRuns(kind, rows, objective, residualOf, total, interceptTotal);
    });
  });
}

template <typename T>
double loss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  if (areNarrow(rows)) {
    // The gradient of so few columns takes no longer.
    double gradient[mostNarrowColumns] = {};
    double interceptGradient = 0;
    return narrowGradient<1>(rows, at, objective, gradient, &interceptGradient);
  }
  return withRows(rows, at, static_cast<T*>(nullptr), [&](const auto& kind) {
    const Tiles<T> tiles(rows, maxTileRows, streams);
    Tile<T> tile;
    T z[maxTileRows] = {};
    T delta[maxTileRows];
    double total = 0;
    for (std::size_t k = 0; k < tiles.count(); ++k) {
      tiles.find(k, tile);
      kind.dots(tile, z);
      TileSums<T> sums;
      residualsOfTile(objective, z, tile.targets, tile.count, delta, sums);
      total += sumInDouble<T>(sums.loss);
    }
    return total;
  });
}

template <typename T>
void outputs(const Rows<T>& rows, const Parameters<T>& at, Activation activation, double* results) {
  withRows(rows, at, static_cast<T*>(nullptr), [&](const auto& kind) {
    const Tiles<T> tiles(rows, maxTileRows, 1);
    Tile<T> tile;
    T z[maxTileRows] = {};
    for (std::size_t k = 0; k < tiles.count(); ++k) {
      tiles.find(k, tile);
      kind.dots(tile, z);
      outputsOfTile(activation, z, tile.count, results + k * maxTileRows);
    }
  });
}

template <typename T>
void stochastic(const Rows<T>& rows, const Objective& objective, const Steps<T>& steps) {
  withResidual<T>(objective, [&](const auto& residualOf) {
    stochasticSteps<1>(rows, objective, residualOf, steps);
  });
}

template <typename T>
constexpr Kernels<T> kernels{gradient<T>, loss<T>, outputs<T>, stochastic<T>, gram<T>};

#define THALWEG_STRING_OF(name) #name
#define THALWEG_STRING(name) THALWEG_STRING_OF(name)
constexpr Level thisLevel{THALWEG_STRING(THALWEG_CPU_LEVEL), kernels<float>, kernels<double>};

}  // namespace

const Level& level() noexcept { return thisLevel; }

}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
