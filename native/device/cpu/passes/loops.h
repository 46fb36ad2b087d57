#pragma once

#include <type_traits>

#include "../residuals.h"
#include "../rows/indexed.h"
#include "../rows/neighbours.h"
#include "../rows/tiles.h"

// What the passes over short and over long rows share. `Kind` works on the rows that a stream has
// at hand: dots, δ·x, and the gradient's way to float64. Who passes makes it and the sums where
// they are added to, since a copy of them would go through memory.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// After so many rows the sums of T move to float64, which keeps a float32 gradient of millions of
/// rows accurate.
constexpr std::size_t flushRows = 1024;

static_assert(mostRowsAtHand <= mostUnsettled * lanes<double>);

template <typename Kind, bool weighted, typename T>
double gradientInTiles(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                       T* scratch, double* gradient, double* interceptGradient) {
  Kind kind(at, rows, scratch);
  const std::size_t tiles = turnsOf(rows.count, kind.tileRows());
  Tiles<T, weighted> tile(rows, kind.tileRows(), placesOfTiles);
  T z[mostRowsAtHand] = {};
  T delta[mostRowsAtHand];
  TileSums<T> sums;
  double loss = 0;
  std::size_t unflushed = 0;
  for (std::size_t k = 0; k < tiles; ++k) {
    if (k + 1 < tiles) tile.findNext();
    kind.dots(tile, z);
    residualsOfTile(objective, z, tile.labels(), tile.count, delta, sums);
    kind.accumulate(tile, delta);
    unflushed += tile.count;
    tile.advance();
    if (unflushed >= flushRows || k + 1 == tiles) {
      kind.flush(gradient);
      *interceptGradient += sumInDouble<T>(sums.delta);
      loss += sumInDouble<T>(sums.loss);
      sums = {};
      unflushed = 0;
    }
  }
  return loss;
}

/// The same in runs: so many times so many rows of a stream that asks ahead. By itself, so that the
/// sums stay in registers.
template <typename Stream, typename Kind, typename ResidualOf, typename T>
[[gnu::noinline]] double gradientInRuns(const Rows<T>& rows, std::size_t runRows, std::size_t runs,
                                        const Parameters<T>& at, const ResidualOf& residualOf,
                                        T* scratch, double* gradient, double* interceptGradient) {
  Kind kind(at, rows, scratch);
  Stream run(rows, runRows);
  constexpr std::size_t mostPacks = mostRowsAtHand / lanes<T>;
  T z[mostRowsAtHand + lanes<T>];  // a vector may begin at the last row
  T delta[mostRowsAtHand];
  SumsOf<T, ResidualOf> sums;
  double loss = 0;
  std::size_t unsettled = 0;
  std::size_t unflushed = 0;
  for (std::size_t k = 0; k < runs; ++k) {
    if (k + 1 < runs) run.findNext();
    kind.dots(run, z);
    residualsOf(residualOf, z, run.labels(), run.count, delta, sums);
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

template <typename Kind, bool weighted, typename T>
double lossInTiles(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  const Kind kind(at, rows, nullptr);
  const std::size_t tiles = turnsOf(rows.count, mostRowsAtHand);
  Tiles<T, weighted> tile(rows, mostRowsAtHand, placesOfTiles);
  T z[mostRowsAtHand] = {};
  T delta[mostRowsAtHand];
  double total = 0;
  for (std::size_t k = 0; k < tiles; ++k) {
    if (k + 1 < tiles) tile.findNext();
    kind.dots(tile, z);
    TileSums<T> sums;
    residualsOfTile(objective, z, tile.labels(), tile.count, delta, sums);
    total += sumInDouble<T>(sums.loss);
    tile.advance();
  }
  return total;
}

template <typename Stream, typename Kind, typename ResidualOf, typename T>
[[gnu::noinline]] double lossInRuns(const Rows<T>& rows, std::size_t runRows, std::size_t runs,
                                    const Parameters<T>& at, const ResidualOf& residualOf) {
  const Kind kind(at, rows, nullptr);
  Stream run(rows, runRows);
  T z[mostRowsAtHand + lanes<T>];
  T delta[mostRowsAtHand];
  double loss = 0;
  for (std::size_t k = 0; k < runs; ++k) {
    if (k + 1 < runs) run.findNext();
    kind.dots(run, z);
    SumsOf<T, ResidualOf> sums;
    residualsOf(residualOf, z, run.labels(), run.count, delta, sums);
    sums.settle();
    loss += sums.totalLoss();
    run.advance();
  }
  return loss;
}

template <typename ResidualOf, typename T>
constexpr bool takeLong = !isLinear<T, ResidualOf>;

// How many rows make a run is a constant of short rows, and is handed on as one: no lambdas here.

/// Neighbours that do not fill a run, or whose kind takes none, go in tiles.
template <typename Kind, typename ResidualOf, typename T>
double gradientOfNeighbours(const Rows<T>& rows, const Parameters<T>& at,
                            const Objective& objective, const ResidualOf& residualOf, T* scratch,
                            double* gradient, double* interceptGradient) {
  using Stream = Neighbours<T, isWeighted<ResidualOf>>;
  const std::size_t runRows = Kind::template runRows<Stream, takeLong<ResidualOf, T>>(rows.columns);
  const std::size_t runs = runRows == 0 ? 0 : rows.count / runRows;
  double loss = 0;
  if (runs > 0) {
    loss += gradientInRuns<Stream, Kind>(rows, runRows, runs, at, residualOf, scratch, gradient,
                                         interceptGradient);
  }
  const Rows<T> rest = rows.part(runs * runRows, rows.count);
  if (rest.count > 0) {
    loss += gradientInTiles<Kind, isWeighted<ResidualOf>>(rest, at, objective, scratch, gradient,
                                                          interceptGradient);
  }
  return loss;
}

template <typename Kind, typename ResidualOf, typename T>
double gradientOfIndexed(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf,
                         T* scratch, double* gradient, double* interceptGradient) {
  using Stream = Indexed<T, isWeighted<ResidualOf>>;
  const std::size_t runRows = Kind::template runRows<Stream, takeLong<ResidualOf, T>>(rows.columns);
  const std::size_t runs = turnsOf(rows.count, runRows);
  if (runs == 0) return 0;
  return gradientInRuns<Stream, Kind>(rows, runRows, runs, at, residualOf, scratch, gradient,
                                      interceptGradient);
}

template <typename Kind, typename ResidualOf, typename T>
double lossOfNeighbours(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                        const ResidualOf& residualOf) {
  using Stream = Neighbours<T, isWeighted<ResidualOf>, Reading::dotsOnly>;
  const std::size_t runRows = Kind::template runRows<Stream, false>(rows.columns);
  const std::size_t runs = runRows == 0 ? 0 : rows.count / runRows;
  double loss = 0;
  if (runs > 0) loss += lossInRuns<Stream, Kind>(rows, runRows, runs, at, residualOf);
  const Rows<T> rest = rows.part(runs * runRows, rows.count);
  return loss + lossInTiles<Kind, isWeighted<ResidualOf>>(rest, at, objective);
}

template <typename Kind, typename ResidualOf, typename T>
double lossOfIndexed(const Rows<T>& rows, const Parameters<T>& at, const ResidualOf& residualOf) {
  using Stream = Indexed<T, isWeighted<ResidualOf>, Reading::dotsOnly>;
  const std::size_t runRows = Kind::template runRows<Stream, false>(rows.columns);
  const std::size_t runs = turnsOf(rows.count, runRows);
  return runs == 0 ? 0 : lossInRuns<Stream, Kind>(rows, runRows, runs, at, residualOf);
}

template <typename Kind, typename T>
void outputsOfNeighbours(const Rows<T>& rows, const Parameters<T>& at, Activation activation,
                         double* outputs) {
  const Kind kind(at, rows, nullptr);
  const std::size_t tiles = turnsOf(rows.count, mostRowsAtHand);
  Tiles<T, false> tile(rows, mostRowsAtHand, 1);
  T z[mostRowsAtHand] = {};
  for (std::size_t k = 0; k < tiles; ++k) {
    if (k + 1 < tiles) tile.findNext();
    kind.dots(tile, z);
    outputsOfTile(activation, z, tile.count, outputs + k * mostRowsAtHand);
    tile.advance();
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
