#pragma once

#include <cstddef>

// Vectors of the compiler's own making (GCC and Clang), as wide as the level that level.cc is
// compiled for.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

#if defined(__AVX512F__)
inline constexpr std::size_t packBytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t packBytes = 32;
#else
inline constexpr std::size_t packBytes = 16;
#endif

template <typename T>
struct PackOf {
  using type __attribute__((vector_size(packBytes))) = T;
};
template <typename T>
using Pack = typename PackOf<T>::type;

template <typename T>
inline constexpr std::size_t lanes = packBytes / sizeof(T);

template <typename T>
inline Pack<T> load(const T* from) noexcept {
  Pack<T> pack;
  __builtin_memcpy(&pack, from, packBytes);
  return pack;
}

template <typename T>
inline void store(T* to, Pack<T> pack) noexcept {
  __builtin_memcpy(to, &pack, packBytes);
}

template <typename T>
inline T sum(Pack<T> pack) noexcept {
  T half[lanes<T>];
  store(half, pack);
  for (std::size_t width = lanes<T> / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) half[lane] += half[lane + width];
  }
  return half[0];
}

template <typename T>
inline double sumInDouble(Pack<T> pack) noexcept {
  double total = 0;
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) total += static_cast<double>(pack[lane]);
  return total;
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
