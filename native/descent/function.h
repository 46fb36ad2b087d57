#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include "../counts.h"

namespace thalweg {

/// What is minimised, over a flat vector of unknowns: a smooth function, and l1·Σ|xⱼ| over the
/// first `penalised` of them.
class Function {
 public:
  virtual ~Function() = default;

  [[nodiscard]] virtual std::size_t unknowns() const noexcept = 0;
  [[nodiscard]] virtual double l1() const noexcept { return 0; }
  [[nodiscard]] virtual std::size_t penalised() const noexcept { return 0; }

  /// Moves x to where the function is evaluated when it is asked for at x.
  virtual void round(std::span<double> /*x*/) const noexcept {}
  /// The share of a value that may be rounding.
  [[nodiscard]] virtual double resolution() const noexcept = 0;

  /// Calls work(0) to work(count − 1), each once, on as many threads as are free.
  virtual void forEach(std::size_t count, const std::function<void(std::size_t)>& work) const {
    for (std::size_t i = 0; i < count; ++i) work(i);
  }

  /// Calls work(begin, end) for ranges of the unknowns, several at a time.
  template <typename Work>
  void inRanges(const Work& work) const {
    const std::size_t n = unknowns();
    forEach(divideUp(n, unknownsOfRange), [&](std::size_t range) {
      const std::size_t begin = range * unknownsOfRange;
      work(begin, std::min(begin + unknownsOfRange, n));
    });
  }
  /// What work(begin, end) gives for each of them, in order.
  template <typename Work>
  [[nodiscard]] std::vector<double> ofRanges(const Work& work) const {
    std::vector<double> found(divideUp(unknowns(), unknownsOfRange));
    inRanges([&](std::size_t begin, std::size_t end) {
      found[begin / unknownsOfRange] = work(begin, end);
    });
    return found;
  }
  /// The sum of that: the same bits however many at a time.
  template <typename Work>
  [[nodiscard]] double sumOfRanges(const Work& work) const {
    const std::vector<double> sums = ofRanges(work);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
  }

  /// The value at x, the l1 term included, and the gradient of the smooth part.
  virtual double at(std::span<const double> x, std::span<double> gradient) = 0;

 private:
  /// Enough of a vector that telling a thread of it is worth it, and few enough for its cache.
  static constexpr std::size_t unknownsOfRange = 4096;
};

/// x with what a function is there.
struct Evaluated {
  std::vector<double> x;
  std::vector<double> gradient;
  double value = 0;
};

/// Σ term(j) for j < count, in sums side by side, which do not wait for each other.
template <typename Term>
[[nodiscard]] double summed(std::size_t count, const Term& term) noexcept {
  constexpr std::size_t together = 8;
  double sums[together] = {};
  std::size_t j = 0;
  for (; j + together <= count; j += together) {
    for (std::size_t p = 0; p < together; ++p) sums[p] += term(j + p);
  }
  for (; j < count; ++j) sums[0] += term(j);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

[[nodiscard]] inline double dot(std::span<const double> a, std::span<const double> b) noexcept {
  return summed(a.size(), [&](std::size_t j) { return a[j] * b[j]; });
}

/// maxⱼ |vⱼ|; not finite where one of them is not.
[[nodiscard]] inline double largest(std::span<const double> v) noexcept {
  double most = 0;
  for (const double value : v) {
    if (!std::isfinite(value)) return std::abs(value);
    most = std::max(most, std::abs(value));
  }
  return most;
}

}  // namespace thalweg
