#include "pass.h"

#include <algorithm>
#include <bit>

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t partialsBytes = std::uint64_t{64} << 20;

constexpr std::uint64_t divideUp(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

bool fitsRegisters(const Parameters& parameters, std::uint64_t columns) noexcept {
  return columns <= std::uint64_t{parameters.groupSize} * parameters.columns;
}

std::uint32_t rowLanes(const Parameters& parameters, std::uint64_t columns) noexcept {
  const std::uint64_t wanted = std::bit_ceil(divideUp(columns, parameters.columns));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, parameters.groupSize));
}

std::uint64_t rowsPerLaunch(const Parameters& parameters, std::uint64_t rowBytes) noexcept {
  return std::max<std::uint64_t>(parameters.passBytes / rowBytes, 1);
}

PassShape passShape(const Parameters& parameters, const QueueLimits& limits, std::uint64_t rows,
                    std::uint64_t columns) {
  const std::uint32_t lanes = rowLanes(parameters, columns);
  const std::uint64_t tileRows = std::uint64_t{parameters.groupSize} / lanes * parameters.rows;
  const std::uint64_t mostBytes = std::min(partialsBytes, limits.allocationBytes);
  const std::uint64_t most = std::min(
      {divideUp(rows, tileRows), std::uint64_t{limits.computeUnits} * parameters.groupsPerUnit,
       mostBytes / (partialStride(columns) * sizeof(double))});
  const std::uint64_t worth = rows * columns / parameters.elementsPerGroup;
  return {lanes, std::clamp<std::uint64_t>(worth, 1, std::max<std::uint64_t>(most, 1))};
}

}  // namespace thalweg::kernels
