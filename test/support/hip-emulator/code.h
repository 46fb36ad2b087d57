#pragma once

#include <string>

namespace emulator {

/// Compiled code as it is handed about: it names its instruction set and its size.
std::string encode(const std::string& architecture, const std::string& library);

enum class Decoded { code, nothing, otherArchitecture };

/// What encode was given, from the bytes alone.
Decoded decode(const void* image, const std::string& architecture, std::string& library);

}  // namespace emulator
