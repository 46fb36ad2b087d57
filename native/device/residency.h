#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "device.h"

namespace thalweg {

/// Where a matrix is wished to be.
struct PlacingWish {
  std::optional<Residency> residency{};  ///< none: the first that it fits in
  std::string folder{};                  ///< of what is on disk
  /// Of rows on disk those that stay in memory; none: what can be spared.
  std::optional<std::uint64_t> memoryBytes{};
};

/// A matrix where it is wished to be. What is wished is taken as it is; otherwise it is the first
/// of the device's memory, the host's and the folder's disk that has room. Sparse columns are held
/// as what they are in the memory of a device that does; on disk they are to be written out, and
/// the layout of what is made is of dense columns alone. Throws Error outOfMemory where nothing has
/// room, which says what each has, and invalidArgument for sparse columns on a device that holds
/// none.
[[nodiscard]] std::unique_ptr<Matrix> placedMatrix(Device& device, std::uint64_t rows,
                                                   const Layout& layout, Dtype dtype,
                                                   const PlacingWish& wish);

/// Where it would be; on disk also where nothing has room.
[[nodiscard]] Residency residencyOf(const Device& device, std::uint64_t bytes,
                                    const PlacingWish& wish);

}  // namespace thalweg
