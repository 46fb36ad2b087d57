#pragma once

#include <cstdint>
#include <iterator>
#include <numbers>

#include "pack.h"

// Elementary functions of packs, to within a few units in the last place. Taylor series on reduced
// arguments (Abramowitz and Stegun, "Handbook of Mathematical Functions", §4.1, §4.2, §4.5), but
// for eʳ, which most rows need: its polynomials come from Remez's exchange
// (scripts/exp-polynomial.py).

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// The parts of a floating-point format.
template <typename T>
struct Format;
template <>
struct Format<float> {
  static constexpr int mantissaBits = 23;
  static constexpr int bias = 127;
  static constexpr float rounder = 0x1.8p23F;    ///< added to a value, leaves it rounded to a whole
  static constexpr float ln2High = 0x1.62ep-1F;  ///< times any exponent it is exact
  static constexpr float ln2Low = 0x1.0bfbe8p-15F;
  static constexpr float expMost = 89;  ///< beyond these eᶻ is infinite, or zero
  static constexpr float expLeast = -104;
  static constexpr float expLeastNormal = -87;  ///< where eᶻ is a normal number yet
  /// of eʳ = 1 + Σ cₖ·rᵏ, |r| ≤ ln 2 / 2, to within 1.7e-8 of it
  static constexpr float expSeries[] = {
      1.0000000321650105F,   0.49999994209062825F,   0.16666431262798417F,
      0.041668002032609002F, 0.0083741552997554785F, 0.0013843653655974834F,
  };
  static constexpr int atanhTerms = 9;  ///< of atanh s, s ≤ 1/3
  static constexpr int sinhTerms = 5;   ///< of sinh z and cosh z, |z| ≤ 1/2
};
template <>
struct Format<double> {
  static constexpr int mantissaBits = 52;
  static constexpr int bias = 1023;
  static constexpr double rounder = 0x1.8p52;
  static constexpr double ln2High = 0x1.62e42fefap-1;
  static constexpr double ln2Low = 0x1.cf79abc9e3b3ap-40;
  static constexpr double expMost = 710;
  static constexpr double expLeast = -746;
  static constexpr double expLeastNormal = -708;
  /// to within 1.2e-17
  static constexpr double expSeries[] = {
      1.0000000000000000236,     0.50000000000000124938,     0.16666666666666217233,
      0.041666666666517828502,   0.0083333333335496903688,   0.0013888888946352700465,
      0.00019841269436798567039, 0.000024801490636507374664, 2.7557626696420733158e-6,
      2.7631034033867725763e-7,  2.4991432855308127752e-8,
  };
  static constexpr int atanhTerms = 17;
  static constexpr int sinhTerms = 8;
};

/// 2ᵏ, for exponents of normal numbers.
template <typename T>
inline Pack<T> powerOfTwo(Whole<T> k) noexcept {
  return __builtin_bit_cast(Pack<T>, (k + Format<T>::bias) << Format<T>::mantissaBits);
}

constexpr double inverseFactorial(int k) noexcept {
  double product = 1;
  for (int i = 2; i <= k; ++i) product *= i;
  return 1 / product;
}

/// eʳ for |r| ≤ ln 2 / 2; 1 at 0.
template <typename T>
inline Pack<T> exponentialSeries(Pack<T> r) noexcept {
  constexpr auto& terms = Format<T>::expSeries;
  Pack<T> series = broadcast(terms[std::size(terms) - 1]);
  for (std::size_t k = std::size(terms) - 1; k > 0; --k) series = series * r + terms[k - 1];
  return series * r + T(1);
}

/// z − k·ln 2
template <typename T>
inline Pack<T> withoutPowers(Pack<T> z, Pack<T> k) noexcept {
  return (z - k * Format<T>::ln2High) - k * Format<T>::ln2Low;
}

/// eᶻ = 2ᵏ·eʳ with k = z / ln 2 rounded.
template <typename T>
inline Pack<T> exponential(Pack<T> z) noexcept {
  using F = Format<T>;
  z = z > F::expMost ? broadcast(F::expMost) : z;  // NaN stays NaN
  z = larger<T>(broadcast(F::expLeast), z);
  const Pack<T> shifted = z * std::numbers::log2e_v<T> + F::rounder;
  const Pack<T> series = exponentialSeries<T>(withoutPowers<T>(z, shifted - F::rounder));
  // In two steps, since 2ᵏ itself may be beyond the format where eᶻ is not.
  const Whole<T> k =
      __builtin_bit_cast(Whole<T>, shifted) - __builtin_bit_cast(Whole<T>, broadcast(F::rounder));
  const Whole<T> first = k >> 1;
  return series * powerOfTwo<T>(first) * powerOfTwo<T>(k - first);
}

/// eᶻ for z ≤ 0; from expLeastNormal down it stays what it is there, a normal number, which spares
/// it the second step. What ln 2 is rounded by costs no more than what z is.
template <typename T>
inline Pack<T> exponentialOfNegative(Pack<T> z) noexcept {
  using F = Format<T>;
  constexpr T rounder = F::rounder + F::bias;  // leaves the bits of 2ᵏ where a shift takes them up
  z = larger<T>(broadcast(F::expLeastNormal), z);  // NaN stays NaN
  const Pack<T> shifted = z * std::numbers::log2e_v<T> + rounder;
  const Pack<T> series = exponentialSeries<T>(z - (shifted - rounder) * std::numbers::ln2_v<T>);
  const auto power =
      __builtin_bit_cast(Pack<T>, __builtin_bit_cast(Whole<T>, shifted) << F::mantissaBits);
  return series * power;
}

/// 2·atanh(s) for |s| ≤ 1/3.
template <typename T>
inline Pack<T> twiceAtanh(Pack<T> s) noexcept {
  const Pack<T> square = s * s;
  Pack<T> series = broadcast(T(2.0 / (2 * Format<T>::atanhTerms + 1)));
  for (int k = Format<T>::atanhTerms - 1; k >= 0; --k)
    series = series * square + T(2.0 / (2 * k + 1));
  return series * s;
}

/// log(1 + e) for 0 ≤ e ≤ 1.
template <typename T>
inline Pack<T> logarithm1p(Pack<T> e) noexcept {
  return twiceAtanh<T>(e / (e + 2));
}

/// log x for normal x > 0: x = 2ᵏ·f with f in [√½, √2).
template <typename T>
inline Pack<T> logarithm(Pack<T> x) noexcept {
  using F = Format<T>;
  const auto bits = __builtin_bit_cast(Whole<T>, x);
  const auto rootHalf = __builtin_bit_cast(Whole<T>, broadcast(T(0x1.6a09e667f3bcdp-1)));
  const Whole<T> k = (bits - rootHalf) >> F::mantissaBits;
  const auto f = __builtin_bit_cast(Pack<T>, bits - (k << F::mantissaBits));
  const Pack<T> exponent = __builtin_convertvector(k, Pack<T>);
  return exponent * F::ln2High + (twiceAtanh<T>((f - 1) / (f + 1)) + exponent * F::ln2Low);
}

/// log(1 + x) for 0 ≤ x, by way of what 1 + x loses of x.
template <typename T>
inline Pack<T> logarithmAbove1(Pack<T> x) noexcept {
  const Pack<T> sum = T(1) + x;
  return logarithm<T>(sum) + (x - (sum - T(1))) / sum;
}

/// tanh z, as sinh z / cosh z near 0 and as (1 − e⁻²ᶻ) / (1 + e⁻²ᶻ) elsewhere.
template <typename T>
inline Pack<T> hyperbolicTangent(Pack<T> z) noexcept {
  constexpr int terms = Format<T>::sinhTerms;
  const Pack<T> size = magnitude<T>(z);
  const Pack<T> square = z * z;
  Pack<T> sinh = broadcast(T(inverseFactorial(2 * terms + 1)));
  Pack<T> cosh = broadcast(T(inverseFactorial(2 * terms)));
  for (int k = terms - 1; k >= 0; --k) {
    sinh = sinh * square + T(inverseFactorial(2 * k + 1));
    cosh = cosh * square + T(inverseFactorial(2 * k));
  }
  const Pack<T> e = exponential<T>(size * T(-2));
  const Pack<T> far = (T(1) - e) / (T(1) + e);
  return size < T(0.5) ? z * (sinh / cosh) : (z < 0 ? -far : far);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
