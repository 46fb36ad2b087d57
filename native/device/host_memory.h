#pragma once

#include <cstdint>
#include <string>

namespace thalweg {

/// Bytes that this process may still take without swapping: the machine's, or what is left of a
/// container's limit.
[[nodiscard]] std::uint64_t availableHostBytes();

/// What X may take of so many bytes that are available, of memory or of a disk: what is left is for
/// y, for the pass and for others.
[[nodiscard]] constexpr std::uint64_t mostOf(std::uint64_t available) noexcept {
  return available - available / 8;
}

/// Bytes of memory in the machine.
[[nodiscard]] std::uint64_t totalHostBytes();

/// Throws Error outOfMemory, with what needs less, where the machine has not so many bytes left.
/// Linux would grant more than there is and kill the process later.
void checkHostMemory(std::uint64_t bytes, const std::string& device,
                     const std::string& instead = "dtype: 'float32', fewer rows or columns");

}  // namespace thalweg
