#pragma once

#include <cstdint>

#include "../../device.h"
#include "../queue.h"
#include "sizes.h"
#include "tiling.h"

namespace thalweg::kernels {

/// How a pass over rows with several outputs is spread over the device.
struct OutputsShape {
  ProgramKey program;
  std::uint64_t groups = 1;    ///< that leave a partial loss
  std::uint64_t partials = 1;  ///< of the gradient
  std::uint64_t scratchReals = 0;
  // Of residuals_outputs and slopes_outputs alone.
  bool isStretched = false;
  std::uint64_t rows = 0;    ///< of a stretch
  std::uint64_t blocks = 1;  ///< of columns and outputs, a group of slopes_outputs each
};

/// A pass without a gradient over so many rows.
[[nodiscard]] OutputsShape outputsForward(const KernelSizes& sizes, const QueueLimits& limits,
                                          const OutputsProblem& problem, std::uint64_t rows);

/// A gradient pass over so many rows: gradient_outputs of Unit::outputs in the rows shape and of
/// Unit::gradientOutputs, else residuals_outputs and slopes_outputs.
[[nodiscard]] OutputsShape outputsGradient(const KernelSizes& sizes, const QueueLimits& limits,
                                           const OutputsProblem& problem, std::uint64_t rows);

/// Throws invalidArgument where there are more weights than kernels count.
void requireCountable(std::uint64_t columns, std::uint64_t outputs);

}  // namespace thalweg::kernels
