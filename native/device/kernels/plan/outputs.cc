#include "outputs.h"

#include <algorithm>
#include <limits>
#include <string>

#include "../../../counts.h"
#include "../../../error.h"
#include "pass.h"

namespace thalweg::kernels {
namespace {

/// TILE of outputs.rows.cl.
constexpr std::uint64_t blockRows = 64;

/// Rows of a tile in either shape.
std::uint64_t tileRows(const KernelSizes& sizes) {
  return sizes.shape == Shape::rows ? blockRows : outputsTile(sizes, Dtype::float32).rows;
}

/// Groups that a pass is worth, at most as many as scratch has room for.
std::uint64_t groupsWithScratch(const KernelSizes& sizes, const QueueLimits& limits,
                                const OutputsProblem& problem, std::uint64_t rows,
                                std::uint64_t partialReals) {
  const std::uint64_t groupBytes = tileRows(sizes) * problem.outputs * sizeOf(problem.dtype);
  const std::uint64_t room = std::max<std::uint64_t>(limits.allocationBytes / groupBytes, 1);
  return std::min(room,
                  groupsFor(sizes, limits, {rows, problem.columns, tileRows(sizes), partialReals}));
}

OutputsShape whole(const KernelSizes& sizes, const QueueLimits& limits,
                   const OutputsProblem& problem, const ProgramKey& program, std::uint64_t rows,
                   std::uint64_t partialReals) {
  const std::uint64_t groups = groupsWithScratch(sizes, limits, problem, rows, partialReals);
  return {.program = program,
          .groups = groups,
          .partials = groups,
          .scratchReals = groups * tileRows(sizes) * problem.outputs};
}

/// δ of a stretch of rows is kept, and X of it is in the cache when it is read again.
OutputsShape inStretches(const KernelSizes& sizes, const QueueLimits& limits,
                         const OutputsProblem& problem, const ProgramKey& program,
                         std::uint64_t rows) {
  const std::uint64_t tile = tileRows(sizes);
  const std::uint64_t realBytes = sizeOf(problem.dtype);
  const std::uint64_t rowBytes = (problem.columns + problem.outputs) * realBytes;
  const std::uint64_t held = std::min(sizes.gradient.cacheBytes() / rowBytes,
                                      limits.allocationBytes / (problem.outputs * realBytes)) /
                             tile * tile;
  const std::uint64_t stretches = divideUp(rows, std::max(held, tile));
  OutputsShape shape{.program = program};
  shape.isStretched = true;
  shape.rows = std::min(divideUp(divideUp(rows, stretches), tile) * tile, rows);
  shape.groups = groupsFor(sizes, limits, {shape.rows, problem.columns, tile, 1});
  const OutputsTile tiles = outputsTile(sizes, problem.dtype);
  shape.blocks = divideUp(problem.columns, tiles.columns) *
                 divideUp(problem.outputs, tiles.sweep(sizes, program.tiling.outputs));
  const std::uint64_t wanted =
      std::max<std::uint64_t>(wantedGroups(sizes, limits) / shape.blocks, 1);
  shape.partials = std::min(
      wanted, groupsFor(sizes, limits, {shape.rows, problem.columns, tile, problem.unknowns()}));
  shape.scratchReals = divideUp(shape.rows, tile) * tile * problem.outputs;
  return shape;
}

}  // namespace

OutputsShape outputsForward(const KernelSizes& sizes, const QueueLimits& limits,
                            const OutputsProblem& problem, std::uint64_t rows) {
  return whole(sizes, limits, problem, outputsProgram(sizes, problem), rows, 1);
}

OutputsShape outputsGradient(const KernelSizes& sizes, const QueueLimits& limits,
                             const OutputsProblem& problem, std::uint64_t rows) {
  const ProgramKey program = outputsGradientProgram(sizes, problem);
  if (sizes.shape == Shape::rows || program.unit == Unit::gradientOutputs)
    return whole(sizes, limits, problem, program, rows, problem.unknowns());
  return inStretches(sizes, limits, problem, program, rows);
}

void requireCountable(std::uint64_t columns, std::uint64_t outputs) {
  // Kernels count them, and what fills the last line of them, in 32 bits.
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max() - 1023;
  if (outputs <= most / (columns + 1)) return;
  throw Error(ErrorCode::invalidArgument,
              std::to_string(columns) + " columns and " + std::to_string(outputs) +
                  " outputs are more than the " + std::to_string(most) +
                  " weights that OpenCL and HIP devices take: use device 'cpu'",
              {.option = "device"});
}

}  // namespace thalweg::kernels
