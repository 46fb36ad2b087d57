#include "parameters.h"

#include <algorithm>
#include <bit>

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t kibi = 1024;
constexpr std::uint64_t mebi = 1024 * kibi;

constexpr Parameters gpu{
    .shape = Shape::wide,
    .groupSize = 256,
    .rows = 4,
    .columns = 4,
    .gradient = {.narrowFloats = 32,
                 .narrowDoubles = 8,
                 .rowRegisters = 8,
                 .mostRowRegisters = 16,
                 .tileRegisters = 32,
                 .sweepRows = 4,
                 .cacheBytes = 8 * mebi,
                 .sliceColumns = 1024},
    .stepLanes = 32,
    .block = 1,
    .oneGroupColumns = 1024,
    .gramGroup = 64,
    .gramTile = 4,
    .groupsPerUnit = 8,
    .elementsPerGroup = 4096,
    .passBytes = 256 * mebi,
    .batch = 1024,
    .batchElements = 64 * kibi,
    .chunkWork = 16 * mebi,
    .stepWork = 16 * kibi,
    .thetaLocalBytes = 16 * kibi,
};

constexpr Parameters cpu{
    .shape = Shape::rows,
    .groupSize = 1,
    .rows = 4,
    .columns = 1,
    .gradient = {.narrowColumns = 15, .narrowRows = 16},
    .stepLanes = 1,
    .block = 16,
    .oneGroupColumns = 4096,
    .gramGroup = 1,
    .gramTile = 8,
    .groupsPerUnit = 8,
    .elementsPerGroup = 16 * kibi,
    .passBytes = 64 * mebi,
    .batch = 1024,
    .batchElements = 256 * kibi,
    .chunkWork = 8 * mebi,
    .stepWork = 256,
    .thetaLocalBytes = 0,
};

}  // namespace

Parameters parametersFor(Shape shape, const QueueLimits& limits) {
  Parameters parameters = shape == Shape::rows ? cpu : gpu;
  const std::uint32_t most = std::bit_floor(std::max(limits.groupSize, 1U));
  parameters.groupSize = std::min(parameters.groupSize, most);
  parameters.gramGroup = std::min(parameters.gramGroup, most);
  parameters.stepLanes = std::min(parameters.stepLanes, parameters.groupSize);
  // Half of local memory stays with the kernel's own arrays.
  parameters.thetaLocalBytes = std::min(parameters.thetaLocalBytes, limits.localBytes / 2);
  // Compensated sums take two registers each, and there is no float64 lane to put them in.
  if (!limits.float64) parameters.gramTile = 4;
  return parameters;
}

}  // namespace thalweg::kernels
