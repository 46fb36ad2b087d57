#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace thalweg {

/// Six significant digits, for messages.
[[nodiscard]] inline std::string format(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.6g", value);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace thalweg
