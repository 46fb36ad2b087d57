#include "pass.h"

#include <algorithm>
#include <bit>

#include "counts.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t partialsBytes = std::uint64_t{64} << 20;

constexpr std::uint64_t mostSlices = 512;
constexpr std::uint64_t residentGroups = 2;  // a compute unit, of a sweep and of few rows a group

std::uint64_t wantedGroups(const Parameters& parameters, const QueueLimits& limits) {
  return std::uint64_t{limits.computeUnits} * parameters.pass.groupsPerUnit;
}

/// Groups of a pass in tiles of `tileRows` rows.
std::uint64_t groupsOf(const Parameters& parameters, const QueueLimits& limits, std::uint64_t rows,
                       std::uint64_t columns, std::uint64_t tileRows) {
  const std::uint64_t mostBytes = std::min(partialsBytes, limits.allocationBytes);
  const std::uint64_t tall = std::max(rows / parameters.pass.rowsPerGroup,
                                      std::uint64_t{limits.computeUnits} * residentGroups);
  const std::uint64_t most =
      std::min({divideUp(rows, tileRows), wantedGroups(parameters, limits), tall,
                mostBytes / (partialStride(columns) * sizeof(double))});
  const std::uint64_t worth = rows * columns / parameters.pass.elementsPerGroup;
  return std::clamp<std::uint64_t>(worth, 1, std::max<std::uint64_t>(most, 1));
}

/// Rows of a tile of a wide program.
std::uint64_t tileRows(const Parameters& parameters, const ProgramKey& program) {
  return std::uint64_t{parameters.pass.groupSize} / program.tiling.rowLanes * program.tiling.rows;
}

/// Whether a group a few rows leaves compute units idle, or finds too little of its rows in the
/// cache.
bool wantsSlices(const Parameters& parameters, const QueueLimits& limits, std::uint64_t rows,
                 std::uint64_t rowBytes) {
  const std::uint64_t groups = std::uint64_t{limits.computeUnits} * residentGroups;
  const std::uint64_t tiles = divideUp(rows, parameters.gradient.sweepRows);
  return tiles < groups ||
         groups * parameters.gradient.sweepRows * rowBytes > parameters.gradient.cacheBytes;
}

/// As many slices as the device is to have groups, each with columns enough, a whole number of
/// packs; then as many blocks of rows.
GradientShape inSlices(const Parameters& parameters, const QueueLimits& limits, ProgramKey program,
                       std::uint64_t rows, std::uint64_t columns) {
  const std::uint64_t rowBytes = columns * sizeOf(program.dtype);
  GradientShape shape{program};
  shape.program.unit = Unit::gradientSlices;
  shape.rows = std::clamp<std::uint64_t>(parameters.gradient.cacheBytes / rowBytes, 1, rows);
  const std::uint64_t tiles = divideUp(shape.rows, program.tiling.rows);
  const std::uint64_t wanted = wantedGroups(parameters, limits);
  const std::uint64_t slices = std::clamp<std::uint64_t>(
      divideUp(wanted, tiles), 1,
      std::min(mostSlices, divideUp(columns, parameters.gradient.sliceColumns)));
  const std::uint64_t packs = divideUp(columns, program.tiling.pack);
  shape.sliceColumns = divideUp(packs, slices) * program.tiling.pack;
  shape.slices = divideUp(columns, shape.sliceColumns);
  shape.dotGroups = std::clamp<std::uint64_t>(wanted / shape.slices, 1, tiles);
  shape.groups = std::min(shape.dotGroups,
                          groupsOf(parameters, limits, shape.rows, columns, program.tiling.rows));
  return shape;
}

}  // namespace

std::uint64_t rowsPerLaunch(const Parameters& parameters, std::uint64_t rowBytes) noexcept {
  return std::max<std::uint64_t>(parameters.pass.bytes / rowBytes, 1);
}

PassShape passShape(const Parameters& parameters, const QueueLimits& limits, Dtype dtype,
                    std::uint64_t rows, std::uint64_t columns) {
  if (parameters.shape == Shape::rows) {
    return {{Unit::forward, dtype, {}},
            groupsOf(parameters, limits, rows, columns, parameters.tile.rows)};
  }
  const ProgramKey program = wideForward(parameters, dtype, columns);
  return {program, groupsOf(parameters, limits, rows, columns, tileRows(parameters, program))};
}

GradientShape gradientShape(const Parameters& parameters, const QueueLimits& limits, Dtype dtype,
                            std::uint64_t rows, std::uint64_t columns, bool byIndex) {
  const GradientParameters& gradient = parameters.gradient;
  if (parameters.shape == Shape::rows) {
    const bool narrow =
        columns <= gradient.narrowColumns && rows >= gradient.narrowRows && !byIndex;
    const Tiling tiling{.columns = narrow ? static_cast<std::uint32_t>(columns) : 0};
    const Unit unit = narrow ? Unit::gradientNarrow : Unit::gradient;
    return {.program = {unit, dtype, tiling},
            .rows = rows,
            .groups = groupsOf(parameters, limits, rows, columns, parameters.tile.rows)};
  }
  const ProgramKey program = wideGradient(parameters, dtype, columns);
  if (program.unit == Unit::gradientSweep &&
      wantsSlices(parameters, limits, rows, columns * sizeOf(dtype))) {
    return inSlices(parameters, limits, program, rows, columns);
  }
  return {.program = program,
          .rows = rows,
          .groups = groupsOf(parameters, limits, rows, columns, tileRows(parameters, program))};
}

}  // namespace thalweg::kernels
