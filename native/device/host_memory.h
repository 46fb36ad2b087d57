#pragma once

#include <cstdint>
#include <string>

namespace thalweg {

/// Bytes that this process may still take without swapping: the machine's, or what is left of a
/// container's limit.
[[nodiscard]] std::uint64_t availableHostBytes();

/// Bytes of memory in the machine.
[[nodiscard]] std::uint64_t totalHostBytes();

/// Throws Error outOfMemory where the machine has not so many bytes left. Linux would grant more
/// than there is and kill the process later.
void checkHostMemory(std::uint64_t bytes, const std::string& device);

}  // namespace thalweg
