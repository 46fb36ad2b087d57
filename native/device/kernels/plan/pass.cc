#include "pass.h"

#include <algorithm>
#include <bit>

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t partialsBytes = std::uint64_t{64} << 20;

constexpr std::uint64_t mostSlices = 512;
constexpr std::uint64_t residentGroups = 2;  // a compute unit, of a sweep and of few rows a group

/// Groups of the program's pass.
std::uint64_t groupsOf(const KernelSizes& sizes, const QueueLimits& limits, std::uint64_t rows,
                       std::uint64_t columns, const ProgramKey& program) {
  const auto larger =
      static_cast<std::uint32_t>(divideUp(groupSizeOf(program, sizes), sizes.pass.groupSize));
  return groupsFor(sizes, limits, {rows, columns, tileRowsOf(sizes, program), columns + 1, larger});
}

/// Whether a group a few rows leaves compute units idle, or finds too little of its rows in the
/// cache.
bool wantsSlices(const KernelSizes& sizes, const QueueLimits& limits, std::uint64_t rows,
                 std::uint64_t rowBytes) {
  const std::uint64_t groups = std::uint64_t{limits.computeUnits} * residentGroups;
  const std::uint64_t tiles = divideUp(rows, sizes.gradient.sweepRows);
  return tiles < groups ||
         groups * sizes.gradient.sweepRows * rowBytes > sizes.gradient.cacheBytes();
}

/// As many slices as have columns enough, a whole number of packs; then as many blocks of rows as
/// the device is to have groups: each block leaves a partial, which a slice does not.
GradientShape inSlices(const KernelSizes& sizes, const QueueLimits& limits, ProgramKey program,
                       std::uint64_t rows, std::uint64_t columns) {
  const std::uint64_t rowBytes = columns * sizeOf(program.dtype);
  GradientShape shape{program};
  shape.program.unit = Unit::gradientSlices;
  // Two stretches are in the cache at a time, where there is more than one.
  const std::uint64_t held = std::max<std::uint64_t>(sizes.gradient.cacheBytes() / rowBytes, 1);
  const bool several = rows > held;
  const std::uint64_t stretches = several ? divideUp(rows, divideUp(held, 2)) : 1;
  shape.rows = divideUp(rows, stretches);
  const std::uint64_t tiles = divideUp(shape.rows, program.tiling.rows);
  const std::uint64_t wanted = wantedGroups(sizes, limits) / (several ? 2 : 1);
  const std::uint64_t slices =
      std::clamp<std::uint64_t>(divideUp(columns, sizes.gradient.sliceColumns), 1,
                                std::min(mostSlices, std::max<std::uint64_t>(wanted, 1)));
  const std::uint64_t packs = divideUp(columns, program.tiling.pack);
  shape.sliceColumns = divideUp(packs, slices) * program.tiling.pack;
  shape.slices = divideUp(columns, shape.sliceColumns);
  shape.dotGroups = std::clamp<std::uint64_t>(wanted / shape.slices, 1, tiles);
  shape.groups = std::min(shape.dotGroups, groupsOf(sizes, limits, shape.rows, columns, program));
  return shape;
}

}  // namespace

std::uint64_t wantedGroups(const KernelSizes& sizes, const QueueLimits& limits) noexcept {
  return std::uint64_t{limits.computeUnits} * sizes.pass.groupsPerUnit;
}

std::uint64_t groupsFor(const KernelSizes& sizes, const QueueLimits& limits,
                        const PassWork& work) noexcept {
  const std::uint64_t mostBytes = std::min(partialsBytes, limits.allocationBytes);
  const std::uint64_t tall = std::max(work.rows / sizes.pass.rowsPerGroup,
                                      std::uint64_t{limits.computeUnits} * residentGroups);
  const std::uint64_t most =
      std::min({divideUp(work.rows, work.tileRows), wantedGroups(sizes, limits) / work.larger, tall,
                mostBytes / (partialStride(work.unknowns) * sizeof(double))});
  const std::uint64_t worth = work.rows * work.columns / sizes.pass.elementsPerGroup;
  return std::clamp<std::uint64_t>(worth, 1, std::max<std::uint64_t>(most, 1));
}

std::uint64_t tileRowsOf(const KernelSizes& sizes, const ProgramKey& program) {
  if (sizes.shape == Shape::rows) return sizes.tile.rows;
  return std::uint64_t{groupSizeOf(program, sizes)} / program.tiling.rowLanes * program.tiling.rows;
}

bool fitsOneLaunch(const StepsSizes& steps, std::uint64_t n, std::uint64_t batchSize) noexcept {
  return batchSize <= steps.batch && batchSize * n <= steps.batchElements;
}

std::uint64_t rowsPerLaunch(const KernelSizes& sizes, std::uint64_t rowBytes) noexcept {
  return std::max<std::uint64_t>(sizes.pass.bytes / rowBytes, 1);
}

PassShape passShape(const KernelSizes& sizes, const QueueLimits& limits, Dtype dtype,
                    std::uint64_t rows, std::uint64_t columns) {
  if (sizes.shape == Shape::rows) {
    const ProgramKey program{Unit::forward, dtype, {}};
    return {program, groupsOf(sizes, limits, rows, columns, program)};
  }
  const ProgramKey program = wideForward(sizes, dtype, columns);
  return {program, groupsOf(sizes, limits, rows, columns, program)};
}

GradientShape gradientShape(const KernelSizes& sizes, const QueueLimits& limits, Dtype dtype,
                            std::uint64_t rows, std::uint64_t columns, bool byIndex) {
  const GradientSizes& gradient = sizes.gradient;
  if (sizes.shape == Shape::rows) {
    const bool narrow =
        columns <= gradient.narrowColumns && rows >= gradient.narrowRows && !byIndex;
    const Tiling tiling{.columns = narrow ? static_cast<std::uint32_t>(columns) : 0};
    const Unit unit = narrow ? Unit::gradientNarrow : Unit::gradient;
    const ProgramKey program{unit, dtype, tiling};
    return {.program = program,
            .rows = rows,
            .groups = groupsOf(sizes, limits, rows, columns, program)};
  }
  const ProgramKey program = wideGradient(sizes, dtype, columns);
  if (program.unit == Unit::gradientSweep &&
      wantsSlices(sizes, limits, rows, columns * sizeOf(dtype))) {
    return inSlices(sizes, limits, program, rows, columns);
  }
  return {
      .program = program, .rows = rows, .groups = groupsOf(sizes, limits, rows, columns, program)};
}

std::uint32_t stepLanes(const KernelSizes& sizes, Dtype dtype) noexcept {
  return std::min(static_cast<std::uint32_t>(columnsOfStep) / sizes.update.block(dtype),
                  sizes.pass.groupSize);
}

std::uint64_t stepGroups(const KernelSizes& sizes, Dtype dtype, std::uint64_t partials,
                         std::uint64_t unknowns) noexcept {
  const std::uint64_t worth = partials * partialStride(unknowns) / sizes.update.elementsPerGroup;
  const std::uint64_t most =
      divideUp(unknowns, std::uint64_t{stepLanes(sizes, dtype)} * sizes.update.block(dtype));
  return std::clamp<std::uint64_t>(worth, 1, most);
}

}  // namespace thalweg::kernels
