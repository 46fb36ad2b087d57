#pragma once

#include <cstdint>

#include "../device.h"
#include "queue.h"

namespace thalweg::kernels {

/// How a kernel spreads over work-items: see the heads of kernels/*.wide.cl and kernels/*.rows.cl.
enum class Shape { wide, rows };

/// Of the gradient pass.
struct GradientParameters {
  std::uint32_t narrowColumns = 0;  ///< rows shape: a row a lane up to so many columns,
  std::uint32_t narrowRows = 0;     ///< and from so many rows on
  // Wide shape; registers hold 32 bits.
  std::uint32_t narrowFloats = 0;   ///< a row a work-item up to so many columns in float32,
  std::uint32_t narrowDoubles = 0;  ///< and in float64
  std::uint32_t rowRegisters = 0;   ///< of a work-item for a row, while more of them can share it
  std::uint32_t mostRowRegisters = 0;  ///< of a work-item for a row, at most
  std::uint32_t tileRegisters = 0;     ///< of a work-item for its rows
  std::uint32_t sweepRows = 0;         ///< rows at once where X does not stay in registers
  std::uint64_t cacheBytes = 0;        ///< of X, found in the last-level cache when read again
  std::uint32_t sliceColumns = 0;      ///< columns that make a slice of them worth a group
};

/// Everything about the kernels that is a matter of speed, one row a class of devices. Those in
/// capitals are the names that kernels know them by.
struct Parameters {
  Shape shape = Shape::wide;
  std::uint32_t groupSize = 256;  ///< GROUP_SIZE: work-items a group, a power of two
  std::uint32_t rows = 4;         ///< ROWS: rows a work-item handles at once in a pass
  std::uint32_t columns = 4;      ///< columns a work-item in passes without a gradient
  GradientParameters gradient;
  std::uint32_t stepLanes = 32;  ///< STEP_LANES: neighbouring columns in a group of update.cl
  std::uint32_t block = 1;       ///< BLOCK: columns a work-item of update.cl adds up
  std::uint32_t oneGroupColumns =
      0;  ///< up to so many columns one group settles the loss and takes the step
  std::uint32_t gramGroup = 64;        ///< GROUP_SIZE of gram.cl
  std::uint32_t gramTile = 4;          ///< TILE of gram.cl
  std::uint32_t groupsPerUnit = 8;     ///< groups a compute unit in a pass, at most
  std::uint64_t elementsPerGroup = 0;  ///< elements of X that make another group worth its partial
  std::uint64_t passBytes = 0;         ///< bytes of X a launch, so that it lasts a few milliseconds
  std::uint32_t batch = 1024;       ///< BATCH: rows of a batch that sequential.*.cl takes, at most
  std::uint64_t batchElements = 0;  ///< elements of X in such a batch, at most
  std::uint64_t chunkWork = 0;      ///< elements of X a launch of sequential.*.cl, at most
  std::uint64_t stepWork = 0;       ///< what a step costs besides its elements, in elements
  std::uint64_t thetaLocalBytes = 0;  ///< local memory that sequential.wide.cl gives θ, at most
};

/// Reals of θ (with the intercept) that sequential.wide.cl has room for in local memory.
[[nodiscard]] constexpr std::uint64_t thetaLocal(const Parameters& parameters,
                                                 Dtype dtype) noexcept {
  return parameters.thetaLocalBytes / sizeOf(dtype);
}

/// The row for a device of this kind, cut to what the queue allows.
[[nodiscard]] Parameters parametersFor(Shape shape, const QueueLimits& limits);

}  // namespace thalweg::kernels
