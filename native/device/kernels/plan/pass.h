#pragma once

#include <cstdint>

#include "../../../counts.h"
#include "../../device.h"
#include "../queue.h"
#include "sizes.h"
#include "tiling.h"

namespace thalweg::kernels {

/// Groups that are in a pass, at most.
[[nodiscard]] std::uint64_t wantedGroups(const KernelSizes& sizes,
                                         const QueueLimits& limits) noexcept;

/// What a pass reads, and what each of its groups leaves.
struct PassWork {
  std::uint64_t rows;
  std::uint64_t columns;
  std::uint64_t tileRows;    ///< that a group takes at once
  std::uint64_t unknowns;    ///< of which each group leaves a partial
  std::uint32_t larger = 1;  ///< so many times is a group as large as the usual one
};

/// Groups of a pass: as many as have work enough, and their partials room.
[[nodiscard]] std::uint64_t groupsFor(const KernelSizes& sizes, const QueueLimits& limits,
                                      const PassWork& work) noexcept;

/// How a pass without a gradient over `rows` rows of n columns is spread over the device.
struct PassShape {
  ProgramKey program;
  std::uint64_t groups;
};

[[nodiscard]] PassShape passShape(const KernelSizes& sizes, const QueueLimits& limits, Dtype dtype,
                                  std::uint64_t rows, std::uint64_t columns);

/// How a gradient pass over `rows` rows of n columns is spread over the device.
struct GradientShape {
  ProgramKey program;
  std::uint64_t rows = 0;    ///< of one launch, at most
  std::uint64_t groups = 1;  ///< partials of one launch
  // gradientSlices only.
  std::uint64_t slices = 1;
  std::uint64_t sliceColumns = 0;
  std::uint64_t dotGroups = 1;  ///< a slice, in the first of the two launches
};

/// `byIndex`: whether rows are named one by one.
[[nodiscard]] GradientShape gradientShape(const KernelSizes& sizes, const QueueLimits& limits,
                                          Dtype dtype, std::uint64_t rows, std::uint64_t columns,
                                          bool byIndex);

/// Rows of a tile: what a group takes at once.
[[nodiscard]] std::uint64_t tileRowsOf(const KernelSizes& sizes, const ProgramKey& program);

/// Whether batches of so many rows of n columns take their steps many to a launch, in one group.
[[nodiscard]] bool fitsOneLaunch(const StepsSizes& steps, std::uint64_t n,
                                 std::uint64_t batchSize) noexcept;

/// Rows of one launch.
[[nodiscard]] std::uint64_t rowsPerLaunch(const KernelSizes& sizes,
                                          std::uint64_t rowBytes) noexcept;

/// Columns of partials that a group of update.cl takes at a time, at most.
inline constexpr std::uint64_t columnsOfStep = 16;

/// Reals from one group's partial to the next: those of the weights and of the intercepts, on cache
/// lines of their own.
[[nodiscard]] constexpr std::uint64_t partialStride(std::uint64_t unknowns) noexcept {
  return divideUp(unknowns, columnsOfStep) * columnsOfStep;
}

/// STEP_LANES of update.cl: work-items side by side along the columns.
[[nodiscard]] std::uint32_t stepLanes(const KernelSizes& sizes, Dtype dtype) noexcept;

/// Groups that step, or reduce, so many partials.
[[nodiscard]] std::uint64_t stepGroups(const KernelSizes& sizes, Dtype dtype,
                                       std::uint64_t partials, std::uint64_t unknowns) noexcept;

}  // namespace thalweg::kernels
