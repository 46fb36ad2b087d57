#pragma once

#include <cstdint>
#include <string>

namespace thalweg {

/// Where rows go that are spooled.
struct SpoolPlace {
  std::string folder{};
  std::uint64_t memoryBytes = 0;  ///< of the first rows, which stay in memory
};

}  // namespace thalweg
