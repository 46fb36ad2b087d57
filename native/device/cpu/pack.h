#pragma once

#include <cstddef>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

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

/// Whole numbers as wide as T: what comparisons of packs give (all bits set where true), and the
/// bits of a pack.
template <typename T>
using Whole = decltype(Pack<T>{} < Pack<T>{});

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
inline Pack<T> broadcast(T value) noexcept {
  return Pack<T>{} + value;
}

/// The pack, as if it came from afar: the compiler neither fuses the product that it is with a sum,
/// nor forms a product with it sooner than where it stands.
template <typename T>
[[gnu::always_inline]] inline Pack<T> opaque(Pack<T> pack) noexcept {
#if defined(__x86_64__)
  asm("" : "+v"(pack));
#elif defined(__aarch64__)
  asm("" : "+w"(pack));
#endif
  return pack;
}

/// All bits set where the sign bit is: of −0 too.
template <typename T>
inline Whole<T> negative(Pack<T> pack) noexcept {
  return __builtin_bit_cast(Whole<T>, pack) < 0;
}

template <typename T>
inline Whole<T> signBit() noexcept {
  return __builtin_bit_cast(Whole<T>, -Pack<T>{});
}

/// |pack|, lane by lane
template <typename T>
inline Pack<T> magnitude(Pack<T> pack) noexcept {
  return __builtin_bit_cast(Pack<T>, __builtin_bit_cast(Whole<T>, pack) & ~signBit<T>());
}

/// −|pack|, lane by lane
template <typename T>
inline Pack<T> negativeMagnitude(Pack<T> pack) noexcept {
  return __builtin_bit_cast(Pack<T>, __builtin_bit_cast(Whole<T>, pack) | signBit<T>());
}

/// The larger, lane by lane, and `b` where one of them is not a number. GCC makes two instructions
/// of the comparison, so it is told of the one; not of AVX-512's, whose header it warns of itself.
template <typename T>
inline Pack<T> larger(Pack<T> a, Pack<T> b) noexcept {
  [[maybe_unused]] constexpr bool isFloat = sizeof(T) == sizeof(float);
#if defined(__SSE2__) && !defined(__AVX__)
  if constexpr (isFloat) return _mm_max_ps(a, b);
  if constexpr (!isFloat) return _mm_max_pd(a, b);
#elif defined(__AVX__) && !defined(__AVX512F__)
  if constexpr (isFloat) return _mm256_max_ps(a, b);
  if constexpr (!isFloat) return _mm256_max_pd(a, b);
#else
  return a > b ? a : b;
#endif
}

/// √pack, lane by lane, for which compilers have one instruction but no word.
template <typename T>
inline Pack<T> squareRoot(Pack<T> pack) noexcept {
  T values[lanes<T>];
  store(values, pack);
  for (T& value : values) {
    if constexpr (sizeof(T) == sizeof(float)) {
      value = __builtin_sqrtf(value);
    } else {
      value = __builtin_sqrt(value);
    }
  }
  return load(values);
}

/// All bits set in the first `count` lanes.
template <typename T>
inline Whole<T> firstLanes(std::size_t count) noexcept {
  Whole<T> mask = {};
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) mask[lane] = lane < count ? -1 : 0;
  return mask;
}

/// The lanes of `pack` where `mask` is set, and zeros: whatever is elsewhere, NaN included.
template <typename T>
inline Pack<T> masked(Whole<T> mask, Pack<T> pack) noexcept {
  return __builtin_bit_cast(Pack<T>, __builtin_bit_cast(Whole<T>, pack) & mask);
}

/// Neighbouring blocks of `unit` lanes added up, those of `a` and then those of `b`, within every
/// `span` lanes.
template <std::size_t unit, std::size_t span, typename T, std::size_t... lane>
inline Pack<T> addNeighbours(Pack<T> a, Pack<T> b, std::index_sequence<lane...>) noexcept {
  constexpr std::size_t half = span / unit / 2;
  constexpr auto source = [](std::size_t at) {
    const std::size_t block = at % span / unit;
    return block / half * lanes<T> + at / span * span + block % half * 2 * unit + at % unit;
  };
  return __builtin_shufflevector(a, b, static_cast<int>(source(lane))...) +
         __builtin_shufflevector(a, b, static_cast<int>(source(lane) + unit)...);
}

/// The sums of the lanes of lanes<T> packs, a pack of them, in a tree of shuffles that works on all
/// of them at once. It overwrites them.
template <typename T, std::size_t count = lanes<T>>
inline Pack<T> sumsOf(Pack<T>* packs) noexcept {
  if constexpr (count == 1) {
    return packs[0];
  } else {
    // Shuffles within 16 bytes are the cheap ones: they come first.
    constexpr std::size_t near = 16 / sizeof(T);
    constexpr bool within = count > lanes<T> / near;
    constexpr auto everyLane = std::make_index_sequence<lanes<T>>{};
    for (std::size_t i = 0; i < count / 2; ++i) {
      packs[i] = addNeighbours < within ? 1 : near, within ? near : lanes<T>,
      T > (packs[2 * i], packs[2 * i + 1], everyLane);
    }
    return sumsOf<T, count / 2>(packs);
  }
}

/// The sum of a pack's blocks of `unit` lanes, in every block.
template <std::size_t unit, typename T, std::size_t... lane>
inline Pack<T> sumOfBlocks(Pack<T> pack, std::index_sequence<lane...> everyLane) noexcept {
  const auto swapped = [&]<std::size_t distance>() {
    return __builtin_shufflevector(pack, pack, static_cast<int>(lane ^ distance)...);
  };
  static_cast<void>(everyLane);
  if constexpr (lanes<T> >= 16 && unit <= 8) pack += swapped.template operator()<8>();
  if constexpr (lanes<T> >= 8 && unit <= 4) pack += swapped.template operator()<4>();
  if constexpr (lanes<T> >= 4 && unit <= 2) pack += swapped.template operator()<2>();
  if constexpr (unit <= 1) pack += swapped.template operator()<1>();
  return pack;
}

/// The sums of the lanes of `count` packs, one after the other in every block of `count` lanes. It
/// overwrites them.
template <std::size_t count, typename T>
inline Pack<T> sumsInBlocks(Pack<T> (&packs)[count]) noexcept {
  constexpr auto everyLane = std::make_index_sequence<lanes<T>>{};
  for (std::size_t left = count; left > 1; left /= 2) {
    for (std::size_t i = 0; i < left / 2; ++i)
      packs[i] = addNeighbours<1, count, T>(packs[2 * i], packs[2 * i + 1], everyLane);
  }
  return sumOfBlocks<count, T>(packs[0], everyLane);
}

/// Lane `from` of every block of `size` lanes, all through the block.
template <std::size_t from, std::size_t size, typename T, std::size_t... lane>
inline Pack<T> laneOfBlocks(Pack<T> pack, std::index_sequence<lane...>) noexcept {
  return __builtin_shufflevector(pack, pack, static_cast<int>(lane / size * size + from)...);
}

template <std::size_t from, std::size_t size, typename T>
inline Pack<T> laneOfBlocks(Pack<T> pack) noexcept {
  return laneOfBlocks<from, size, T>(pack, std::make_index_sequence<lanes<T>>{});
}

/// The first `size` lanes, over and over.
template <std::size_t size, typename T, std::size_t... lane>
inline Pack<T> firstBlockEverywhere(Pack<T> pack, std::index_sequence<lane...>) noexcept {
  return __builtin_shufflevector(pack, pack, static_cast<int>(lane % size)...);
}

template <std::size_t size, typename T>
inline Pack<T> firstBlockEverywhere(Pack<T> pack) noexcept {
  return firstBlockEverywhere<size, T>(pack, std::make_index_sequence<lanes<T>>{});
}

/// The sum of a pack's lanes, in every lane.
template <typename T>
inline Pack<T> sumEverywhere(Pack<T> pack) noexcept {
  return sumOfBlocks<1, T>(pack, std::make_index_sequence<lanes<T>>{});
}

template <typename T>
inline T sum(Pack<T> pack) noexcept {
  return sumEverywhere<T>(pack)[0];
}

template <typename T>
inline double sumInDouble(Pack<T> pack) noexcept {
  double total = 0;
  for (std::size_t lane = 0; lane < lanes<T>; ++lane) total += static_cast<double>(pack[lane]);
  return total;
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
