#include "tiling.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "../../../counts.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t packBytes = 16;  // the widest load there is
constexpr std::uint64_t mostRows = 8;
constexpr std::uint64_t mostOutputsOfRows = 5;  // by 4 rows: sums in 20 registers of AVX-512
/// Of a work-item in the wide shape.
constexpr std::uint32_t mostOutputs(Dtype dtype) { return dtype == Dtype::float32 ? 4 : 2; }
constexpr std::uint32_t mostOutputsOfSparse = 4;
constexpr std::uint32_t mostChunks = 4;

/// The most columns that one load brings and that divide n.
std::uint64_t packOf(std::uint64_t n, Dtype dtype) {
  std::uint64_t pack = packBytes / sizeOf(dtype);
  while (n % pack != 0) pack /= 2;
  return pack;
}

/// As packOf, or 1, so that there are fewer programs.
std::uint64_t wholePackOf(std::uint64_t n, Dtype dtype) {
  return n % (packBytes / sizeOf(dtype)) == 0 ? packOf(n, dtype) : 1;
}

std::uint64_t registersOf(Dtype dtype) { return sizeOf(dtype) / sizeof(float); }

/// Rows of `columns` columns that share a work-item's registers: a power of two.
std::uint64_t rowsAtOnce(const GradientSizes& gradient, std::uint64_t columns, Dtype dtype) {
  const std::uint64_t rows = gradient.tileRegisters / (columns * registersOf(dtype));
  return std::bit_floor(std::clamp<std::uint64_t>(rows, 1, mostRows));
}

Tiling tiling(std::uint64_t rowLanes, std::uint64_t columns, std::uint64_t rows, std::uint64_t pack,
              std::uint64_t rowsAtOnce = 0) {
  return {static_cast<std::uint32_t>(rowLanes), static_cast<std::uint32_t>(columns),
          static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(rowsAtOnce),
          static_cast<std::uint32_t>(pack)};
}

/// Columns of a row of n that each of its work-items takes. Even, so that there are fewer programs.
std::uint64_t columnsPerLane(std::uint64_t n, std::uint64_t lanes, std::uint64_t pack) {
  return roundUp(divideUp(n, lanes), std::max<std::uint64_t>(pack, std::uint64_t{2}));
}

/// A row in the registers of a group larger than the usual one, of whose work-items a unit has
/// fewer for each: three quarters of the usual ones hold a row.
std::optional<ProgramKey> largeGroupGradient(const GradientSizes& gradient, Dtype dtype,
                                             std::uint64_t n, std::uint64_t usual,
                                             std::uint64_t pack) {
  for (std::uint64_t lanes = 2 * usual; lanes <= gradient.mostLanes; lanes *= 2) {
    const std::uint64_t columns = columnsPerLane(n, lanes, pack);
    if (columns * registersOf(dtype) > gradient.mostRowRegisters * 3 / 4) continue;
    const std::uint64_t rows = std::max<std::uint64_t>(rowsAtOnce(gradient, columns, dtype) / 2, 1);
    return ProgramKey{Unit::gradient, dtype, tiling(lanes, columns, rows, pack, 1)};
  }
  return std::nullopt;
}

bool readsLabels(Unit unit) {
  return unit != Unit::update && unit != Unit::gather && unit != Unit::written &&
         unit != Unit::read;
}

/// Of a unit's programs the one that needs most registers, as far as its tiling tells.
std::tuple<std::uint64_t, std::uint32_t, int> demandOf(const Tiling& tiling) {
  const std::uint64_t columns = std::max(tiling.columns, 1U);
  return {columns * tiling.rows, tiling.rowLanes, -static_cast<int>(tiling.pack)};
}

/// For each unit that reads labels, the weighted form of the most demanding of these programs.
std::map<std::pair<Unit, Dtype>, ProgramKey> weightedOf(const std::set<ProgramKey>& programs) {
  std::map<std::pair<Unit, Dtype>, ProgramKey> most;
  for (ProgramKey key : programs) {
    if (!readsLabels(key.unit)) continue;
    key.weighted = true;
    ProgramKey& kept = most.try_emplace({key.unit, key.dtype}, key).first->second;
    if (demandOf(kept.tiling) < demandOf(key.tiling)) kept = key;
  }
  return most;
}

}  // namespace

ProgramKey wideGradient(const KernelSizes& sizes, Dtype dtype, std::uint64_t n) {
  const GradientSizes& gradient = sizes.gradient;
  const std::uint64_t group = sizes.pass.groupSize;
  const std::uint64_t pack = packOf(n, dtype);
  if (n <= (dtype == Dtype::float32 ? gradient.narrowFloats : gradient.narrowDoubles)) {
    return {Unit::gradientNarrow, dtype, tiling(1, n, rowsAtOnce(gradient, n, dtype), pack)};
  }
  const std::uint64_t perLane = gradient.rowRegisters / registersOf(dtype);
  const std::uint64_t lanes = std::min(std::bit_ceil(divideUp(n, perLane)), group);
  const std::uint64_t columns = columnsPerLane(n, lanes, pack);
  if (columns <= gradient.mostRowRegisters / registersOf(dtype)) {
    const std::uint64_t rows = std::min(rowsAtOnce(gradient, columns, dtype), lanes);
    return {Unit::gradient, dtype, tiling(lanes, columns, rows, pack)};
  }
  return largeGroupGradient(gradient, dtype, n, group, pack)
      .value_or(
          ProgramKey{Unit::gradientSweep, dtype,
                     tiling(group, 0, std::min<std::uint64_t>(gradient.sweepRows, group), pack)});
}

ProgramKey wideForward(const KernelSizes& sizes, Dtype dtype, std::uint64_t n) {
  const Tiling like = wideGradient(sizes, dtype, n).tiling;
  const std::uint32_t lanes = std::min(like.rowLanes, sizes.pass.groupSize);
  const std::uint64_t rows = lanes == 1 ? sizes.tile.rows : std::min(sizes.tile.rows, lanes);
  return {Unit::forward, dtype, tiling(lanes, 0, rows, wholePackOf(n, dtype))};
}

ProgramKey wideSteps(const KernelSizes& sizes, Dtype dtype, std::uint64_t n,
                     std::uint64_t batchSize) {
  const std::uint64_t group = sizes.pass.groupSize;
  const std::uint64_t pack = wholePackOf(n, dtype);
  const std::uint64_t lanes = std::min(std::bit_ceil(divideUp(n, pack)), group);
  // Single rows take a group of their own size, so that a step waits for no others.
  const std::uint64_t atOnce = batchSize == 1 ? 1 : group / lanes;
  const std::uint64_t rows =
      std::clamp<std::uint64_t>(std::bit_ceil(batchSize) / atOnce, 1, std::min(mostRows, lanes));
  return {Unit::steps, dtype, tiling(lanes, 0, rows, pack, atOnce)};
}

OutputsTile outputsTile(const KernelSizes& sizes, Dtype dtype) noexcept {
  const std::uint32_t columns = dtype == Dtype::float32 ? 64 : 32;
  return {std::min(sizes.pass.groupSize, 64U), std::min(sizes.pass.groupSize, columns)};
}

ProgramKey outputsProgram(const KernelSizes& sizes, const OutputsProblem& problem) {
  const auto [dtype, n, outputs, softmax] = problem;
  Tiling tiling;
  if (sizes.shape == Shape::rows) {
    // Blocks of nearly one size.
    const std::uint64_t blocks = divideUp(outputs, mostOutputsOfRows);
    tiling.outputs = static_cast<std::uint32_t>(divideUp(outputs, blocks));
    return {.unit = Unit::outputs, .dtype = dtype, .tiling = tiling, .softmax = softmax};
  }
  tiling.pack = static_cast<std::uint32_t>(wholePackOf(n, dtype));
  if (sizes.pass.groupSize < tiling.pack) tiling.pack = 1;
  const OutputsTile tile = outputsTile(sizes, dtype);
  tiling.outputs = 1;
  while (tiling.outputs < mostOutputs(dtype) && tile.sweep(sizes, tiling.outputs) < outputs)
    tiling.outputs *= 2;
  return {.unit = Unit::outputs, .dtype = dtype, .tiling = tiling, .softmax = softmax};
}

ProgramKey outputsGradientProgram(const KernelSizes& sizes, const OutputsProblem& problem) {
  ProgramKey key = outputsProgram(sizes, problem);
  if (sizes.shape == Shape::rows) return key;
  const OutputsTile tile = outputsTile(sizes, problem.dtype);
  const std::uint64_t chunks = divideUp(problem.columns, tile.columns);
  if (chunks > mostChunks || tile.sweep(sizes, key.tiling.outputs) < problem.outputs) return key;
  key.unit = Unit::gradientOutputs;
  key.tiling.chunks = chunks == 1 ? 1 : mostChunks;
  return key;
}

ProgramKey sparseProgram(Dtype dtype, std::uint64_t outputs, bool softmax) {
  Tiling tiling;
  tiling.outputs = outputs == 1 ? 1 : mostOutputsOfSparse;
  return {.unit = Unit::sparse, .dtype = dtype, .tiling = tiling, .softmax = softmax};
}

std::uint32_t groupSizeOf(const ProgramKey& key, const KernelSizes& sizes) {
  if (key.unit == Unit::gram) return sizes.gram.groupSize;
  if (key.tiling.rowsAtOnce > 0) return key.tiling.rowLanes * key.tiling.rowsAtOnce;
  return sizes.pass.groupSize;
}

std::vector<ProgramKey> everyProgram(const KernelSizes& sizes, bool float64) {
  std::vector<Unit> units{Unit::update, Unit::gather, Unit::written, Unit::gram, Unit::read};
  if (sizes.shape == Shape::rows)
    units.insert(units.end(), {Unit::gradient, Unit::forward, Unit::steps, Unit::outputs});
  std::set<ProgramKey> keys;
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    if (dtype == Dtype::float64 && !float64) continue;
    for (const Unit unit : units) keys.insert({unit, dtype, {}});
    keys.insert(sparseProgram(dtype, 1, false));
    for (const bool softmax : {false, true}) keys.insert(sparseProgram(dtype, 2, softmax));
    if (sizes.shape == Shape::rows) {
      for (std::uint32_t n = 1; n <= sizes.gradient.narrowColumns; ++n) {
        keys.insert({Unit::gradientNarrow, dtype, {.columns = n}});
      }
      continue;
    }
    // Those with most registers: the others differ in OUTPUTS and CHUNKS alone.
    const OutputsTile tile = outputsTile(sizes, dtype);
    const std::uint64_t outputs = tile.sweep(sizes, mostOutputs(dtype));
    const std::uint64_t widest = std::uint64_t{tile.columns} * mostChunks;
    for (const std::uint64_t n : {widest, widest - 1}) {
      for (const bool softmax : {false, true}) {
        keys.insert(outputsProgram(sizes, {dtype, n, outputs, softmax}));
        keys.insert(outputsGradientProgram(sizes, {dtype, n, outputs, softmax}));
      }
    }
    // A few more columns than registers hold: gradientSweep and gradientSlices in every pack.
    const std::uint64_t group = sizes.pass.groupSize;
    const std::uint64_t most =
        std::max<std::uint64_t>(group, sizes.gradient.mostLanes) * sizes.gradient.mostRowRegisters +
        packBytes;
    for (std::uint64_t n = 1; n <= most; ++n) {
      ProgramKey key = wideGradient(sizes, dtype, n);
      keys.insert(key);
      keys.insert(wideForward(sizes, dtype, n));
      for (std::uint64_t batchSize = 1; batchSize <= group; batchSize *= 2)
        keys.insert(wideSteps(sizes, dtype, n, batchSize));
      if (key.unit != Unit::gradientSweep) continue;
      key.unit = Unit::gradientSlices;
      keys.insert(key);
    }
  }
  const std::set<ProgramKey> plain = keys;
  for (ProgramKey key : plain) {
    const bool steps = key.unit == Unit::steps &&
                       (sizes.shape == Shape::rows || key.tiling.rowLanes == sizes.pass.groupSize);
    if (!steps && key.unit != Unit::update) continue;
    for (const OptimizerEntry& entry : optimizerTable) {
      key.optimizer = entry.value;
      keys.insert(key);
    }
  }
  for (const auto& [unit, key] : weightedOf(plain)) keys.insert(key);
  return {keys.begin(), keys.end()};
}

}  // namespace thalweg::kernels
