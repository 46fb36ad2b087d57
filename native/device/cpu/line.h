#pragma once

#include <cstddef>

namespace thalweg::cpu {

/// A line of cache, what memory is read and asked for in.
inline constexpr std::size_t lineBytes = 64;

/// The same in values of X.
template <typename T>
inline constexpr std::size_t lineColumns = lineBytes / sizeof(T);

}  // namespace thalweg::cpu
