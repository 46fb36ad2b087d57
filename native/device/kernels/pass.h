#pragma once

#include <cstdint>

#include "../device.h"
#include "parameters.h"
#include "queue.h"

namespace thalweg::kernels {

/// How a pass over `rows` rows of n columns is spread over the device.
struct PassShape {
  std::uint32_t rowLanes;  ///< work-items along the columns of a row
  std::uint64_t groups;
};

[[nodiscard]] PassShape passShape(const Parameters& parameters, const QueueLimits& limits,
                                  std::uint64_t rows, std::uint64_t columns);

/// Whether a work-group of the wide shape holds n columns in registers.
[[nodiscard]] bool fitsRegisters(const Parameters& parameters, std::uint64_t columns) noexcept;

/// Work-items of a group along the columns of a row: a power of two.
[[nodiscard]] std::uint32_t rowLanes(const Parameters& parameters, std::uint64_t columns) noexcept;

/// Rows of one launch.
[[nodiscard]] std::uint64_t rowsPerLaunch(const Parameters& parameters,
                                          std::uint64_t rowBytes) noexcept;

/// Reals from one group's partial to the next: n columns and that of the intercept, on a cache line
/// of their own.
[[nodiscard]] constexpr std::uint64_t partialStride(std::uint64_t columns) noexcept {
  return (columns + 1 + 15) / 16 * 16;
}

}  // namespace thalweg::kernels
