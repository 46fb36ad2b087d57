#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "level.h"
#include "line.h"

namespace thalweg::cpu {

/// Memory that begins a line of cache. A vector of values that reaches into a second line takes two
/// reads or two writes.
template <typename T>
struct LineAllocator {
  using value_type = T;

  LineAllocator() = default;
  template <typename U>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert
  LineAllocator(const LineAllocator<U>& /*other*/) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), line));
  }
  void deallocate(T* values, std::size_t /*count*/) noexcept { ::operator delete(values, line); }

  bool operator==(const LineAllocator& /*other*/) const noexcept { return true; }

 private:
  static constexpr std::align_val_t line{lineBytes};
};

template <typename T>
using Padded = std::vector<T, LineAllocator<T>>;

/// n elements and the padding that the vector loops may read.
template <typename T>
inline constexpr std::size_t paddedSize(std::size_t n) noexcept {
  return n + slackBytes / sizeof(T);
}

/// So many elements, the padding of zeros.
template <typename T>
[[nodiscard]] Padded<T> padded(std::size_t n) {
  return Padded<T>(paddedSize<T>(n), T{0});
}

}  // namespace thalweg::cpu
