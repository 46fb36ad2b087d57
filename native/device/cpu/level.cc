#include "level.h"

#include <algorithm>
#include <type_traits>

#include "clean_registers.h"
#include "gram.h"
#include "narrow.h"
#include "residuals.h"
#include "run_of_indices.h"
#include "short.h"
#include "stochastic.h"
#include "wide.h"

// The loops behind level.h, for the one level named by THALWEG_CPU_LEVEL.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// After so many rows the sums of T move to float64, which keeps a float32 gradient of millions of
/// rows accurate.
constexpr std::size_t flushRows = 1024;

static_assert(maxTileRows <= mostUnsettled * lanes<double>);

/// Calls `use` with the kind of rows that so many columns make, as a type: short ones have at most
/// mostPacks. Who works with one makes it there, since a copy of its sums would go through memory.
template <std::size_t mostPacks = mostShortPacks, std::size_t packs = 1, typename T, typename Use>
auto withRows(const Rows<T>& rows, const Use& use) {
  if (rows.columns <= packs * lanes<T>) return use(std::type_identity<ShortRows<packs, T>>{});
  if constexpr (packs < mostPacks) {
    return withRows<mostPacks, packs + 1>(rows, use);
  } else {
    return use(std::type_identity<WideRows<T>>{});
  }
}

template <typename Kind, typename T>
double gradientOf(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                  T* scratch, double* gradient, double* interceptGradient) {
  Kind kind(at, rows, scratch);
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
    if (k + 1 < tiles.count()) tiles.find(k + 1, found[(k + 1) % 2]);
    kind.dots(tile, z);
    residualsOfTile(objective, z, tile.targets, tile.count, delta, sums);
    kind.accumulate(tile, delta);
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

/// The same in so many runs of so many rows. By itself, so that the sums stay in registers.
template <typename Run, typename Kind, typename ResidualOf, typename T>
[[gnu::noinline]] double gradientOfRuns(const Rows<T>& rows, std::size_t runRows, std::size_t runs,
                                        const Parameters<T>& at, const ResidualOf& residualOf,
                                        T* scratch, double* gradient, double* interceptGradient) {
  Kind kind(at, rows, scratch);
  Run run(rows, runRows);
  constexpr std::size_t mostPacks = maxTileRows / lanes<T>;
  T z[maxTileRows + lanes<T>];  // a vector may begin at the last row
  T delta[maxTileRows];
  SumsOf<T, ResidualOf> sums;
  double loss = 0;
  std::size_t unsettled = 0;
  std::size_t unflushed = 0;
  for (std::size_t k = 0; k < runs; ++k) {
    if (k + 1 < runs) run.findNext();
    kind.dots(run, z);
    residualsOf(residualOf, z, run.targets(), run.count, delta, sums);
    kind.accumulate(run, delta);
    unsettled += (run.count + lanes<T> - 1) / lanes<T>;
    unflushed += run.count;
    run.advance();
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
  return loss;
}

template <typename ResidualOf, typename T>
constexpr bool takeLong = !std::is_same_v<ResidualOf, LinearResidual<T>>;

/// Neighbours that do not fill a run, or whose kind takes none, go in tiles.
template <typename Kind, typename ResidualOf, typename T>
double gradientOfNeighbours(const Rows<T>& rows, const Parameters<T>& at,
                            const Objective& objective, const ResidualOf& residualOf, T* scratch,
                            double* gradient, double* interceptGradient) {
  using Run = RunOfRows<T>;
  const std::size_t runRows = Kind::template runRows<Run, takeLong<ResidualOf, T>>(rows.columns);
  const std::size_t runs = runRows == 0 ? 0 : rows.count / runRows;
  double loss = 0;
  if (runs > 0) {
    loss += gradientOfRuns<Run, Kind>(rows, runRows, runs, at, residualOf, scratch, gradient,
                                      interceptGradient);
  }
  Rows<T> rest = rows;
  rest.first += runs * runRows;
  rest.count -= runs * runRows;
  if (rest.count > 0) {
    loss += gradientOf<Kind>(rest, at, objective, scratch, gradient, interceptGradient);
  }
  return loss;
}

template <typename Kind, typename ResidualOf, typename T>
double gradientOfIndices(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf,
                         T* scratch, double* gradient, double* interceptGradient) {
  using Run = RunOfIndices<T>;
  const std::size_t runRows = Kind::template runRows<Run, takeLong<ResidualOf, T>>(rows.columns);
  const std::size_t runs = (rows.count + runRows - 1) / runRows;
  if (runs == 0) return 0;
  return gradientOfRuns<Run, Kind>(rows, runRows, runs, at, residualOf, scratch, gradient,
                                   interceptGradient);
}

template <typename T>
bool areNarrow(const Rows<T>& rows) noexcept {
  return rows.columns <= (rows.indices ? mostNarrowGatheredColumns : mostNarrowColumns);
}

template <typename T>
double gradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                T* scratch, double* total, double* interceptTotal) {
  if (areNarrow(rows)) return narrowGradient<1>(rows, at, objective, total, interceptTotal);
  return withResidual<T>(objective, [&](const auto& residualOf) {
    if (rows.indices) {
      return withRows(rows, [&]<typename Kind>(std::type_identity<Kind>) {
        return gradientOfIndices<Kind>(rows, at, residualOf, scratch, total, interceptTotal);
      });
    }
    return withRows<mostShortPacksInRuns>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
      return gradientOfNeighbours<Kind>(rows, at, objective, residualOf, scratch, total,
                                        interceptTotal);
    });
  });
}

template <typename Kind, typename T>
double lossOf(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  const Kind kind(at, rows, nullptr);
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
}

template <typename Run, typename Kind, typename ResidualOf, typename T>
[[gnu::noinline]] double lossOfRuns(const Rows<T>& rows, std::size_t runRows, std::size_t runs,
                                    const Parameters<T>& at, const ResidualOf& residualOf) {
  const Kind kind(at, rows, nullptr);
  Run run(rows, runRows);
  T z[maxTileRows + lanes<T>];
  T delta[maxTileRows];
  double loss = 0;
  for (std::size_t k = 0; k < runs; ++k) {
    if (k + 1 < runs) run.findNext();
    kind.dots(run, z);
    SumsOf<T, ResidualOf> sums;
    residualsOf(residualOf, z, run.targets(), run.count, delta, sums);
    sums.settle();
    loss += sums.totalLoss();
    run.advance();
  }
  return loss;
}

template <typename T>
double loss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  if (areNarrow(rows)) {
    // The gradient of so few columns takes no longer.
    double gradient[mostNarrowColumns] = {};
    double interceptGradient = 0;
    return narrowGradient<1>(rows, at, objective, gradient, &interceptGradient);
  }
  return withResidual<T>(objective, [&](const auto& residualOf) {
    if (rows.indices) {
      return withRows(rows, [&]<typename Kind>(std::type_identity<Kind>) {
        using Run = RunOfIndices<T, Reading::dotsOnly>;
        const std::size_t runRows = Kind::template runRows<Run, false>(rows.columns);
        const std::size_t runs = (rows.count + runRows - 1) / runRows;
        return runs == 0 ? 0.0 : lossOfRuns<Run, Kind>(rows, runRows, runs, at, residualOf);
      });
    }
    return withRows<mostShortPacksInRuns>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
      using Run = RunOfRows<T, Reading::dotsOnly>;
      const std::size_t runRows = Kind::template runRows<Run, false>(rows.columns);
      const std::size_t runs = runRows == 0 ? 0 : rows.count / runRows;
      double loss = 0;
      if (runs > 0) loss += lossOfRuns<Run, Kind>(rows, runRows, runs, at, residualOf);
      Rows<T> rest = rows;
      rest.first += runs * runRows;
      rest.count -= runs * runRows;
      return loss + lossOf<Kind>(rest, at, objective);
    });
  });
}

template <typename T>
void outputs(const Rows<T>& rows, const Parameters<T>& at, Activation activation, double* results) {
  withRows(rows, [&]<typename Kind>(std::type_identity<Kind>) {
    const Kind kind(at, rows, nullptr);
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
constexpr Kernels<T> kernels{Clean<gradient<T>>::call, Clean<loss<T>>::call,
                             Clean<outputs<T>>::call, Clean<stochastic<T>>::call,
                             Clean<gram<T>>::call};

#define THALWEG_STRING_OF(name) #name
#define THALWEG_STRING(name) THALWEG_STRING_OF(name)
constexpr Level thisLevel{THALWEG_STRING(THALWEG_CPU_LEVEL), kernels<float>, kernels<double>};

}  // namespace

const Level& level() noexcept { return thisLevel; }

}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
