#pragma once

#include <cstdint>
#include <span>

#include "../../device.h"
#include "../queue.h"

namespace thalweg::kernels {

/// How a kernel spreads over work-items: see the heads of kernels/*.wide.cl and kernels/*.rows.cl.
enum class Shape { wide, rows };

/// Devices that the same sizes suit.
enum class DeviceClass {
  rdna,  ///< AMD gfx10 and later; and GPUs that are none of these
  gcn,   ///< AMD before gfx10: GCN and CDNA
  nvidia,
  cpu,
};

[[nodiscard]] DeviceClass classOf(const DeviceInfo& info);

// Everything about the kernels that is a matter of speed, a struct a kernel. Those in capitals are
// the names that kernels know them by.

/// Of every pass over rows.
struct PassSizes {
  std::uint32_t groupSize = 256;       ///< GROUP_SIZE: work-items a group, a power of two
  std::uint32_t groupsPerUnit = 8;     ///< groups a compute unit in a pass, at most
  std::uint32_t elementsPerGroup = 0;  ///< elements of X that make another group worth its partial
  std::uint32_t rowsPerGroup = 1;  ///< rows of each group, at least, where a unit has more than two
  std::uint64_t bytes = 0;         ///< of X a launch, so that it lasts a few milliseconds
};

/// Of gradient*.cl.
struct GradientSizes {
  std::uint32_t narrowColumns = 0;  ///< rows shape: a row a lane up to so many columns,
  std::uint32_t narrowRows = 0;     ///< and from so many rows on
  // Wide shape; registers hold 32 bits.
  std::uint32_t narrowFloats = 0;   ///< a row a work-item up to so many columns in float32,
  std::uint32_t narrowDoubles = 0;  ///< and in float64
  std::uint32_t rowRegisters = 0;   ///< of a work-item for a row, while more of them can share it
  std::uint32_t mostRowRegisters = 0;  ///< of a work-item for a row, at most
  std::uint32_t tileRegisters = 0;     ///< of a work-item for its rows
  std::uint32_t mostLanes = 0;         ///< ROW_LANES at most, in a group of that size
  std::uint32_t sweepRows = 0;         ///< rows at once where X does not stay in registers
  std::uint32_t cacheKibibytes = 0;    ///< of X, found in the last cache when read again
  std::uint32_t sliceColumns = 0;      ///< columns that make a slice of them worth a group

  [[nodiscard]] std::uint64_t cacheBytes() const { return std::uint64_t{cacheKibibytes} << 10U; }
};

/// Of passes without a gradient, and of tile.rows.h: on CPU devices all passes.
struct TileSizes {
  std::uint32_t rows = 4;  ///< ROWS: rows a work-item handles at once
};

/// Of update.cl.
struct UpdateSizes {
  std::uint32_t blockFloats = 0;       ///< BLOCK: columns a work-item adds up, in float32
  std::uint32_t blockDoubles = 0;      ///< and in float64
  std::uint32_t atOnce = 1;            ///< AT_ONCE: partials that it asks for at once
  std::uint32_t elementsPerGroup = 1;  ///< of the partials, that make another group worth it
  std::uint32_t judges = 0;  ///< groups that only judge the loss, where others need not wait for it

  [[nodiscard]] std::uint32_t block(Dtype dtype) const {
    return dtype == Dtype::float32 ? blockFloats : blockDoubles;
  }
};

/// Of steps.*.cl.
struct StepsSizes {
  std::uint32_t batch = 1024;       ///< BATCH: rows of a batch, at most
  std::uint64_t batchElements = 0;  ///< elements of X in a batch, at most
  std::uint64_t chunkWork = 0;      ///< elements of X a launch, at most
  std::uint64_t stepWork = 0;       ///< what a step costs besides its elements, in elements
};

/// Of sparse.cl.
struct SparseSizes {
  std::uint32_t groups = 1;  ///< of each of its kernels, at most: the same on devices of one class
};

/// Of gram.cl.
struct GramSizes {
  std::uint32_t groupSize = 64;  ///< GROUP_SIZE
  std::uint32_t tile = 4;        ///< TILE
};

struct KernelSizes {
  Shape shape = Shape::wide;
  PassSizes pass;
  GradientSizes gradient;
  TileSizes tile;
  UpdateSizes update;
  StepsSizes steps;
  SparseSizes sparse;
  GramSizes gram;
};

/// What suits a device of this class in that shape, or was measured to suit it better (tunable.h),
/// cut to what the queue allows.
[[nodiscard]] KernelSizes sizesFor(DeviceClass deviceClass, Shape shape, const QueueLimits& limits,
                                   std::span<const Setting> measured = {});

}  // namespace thalweg::kernels
