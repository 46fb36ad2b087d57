#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

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

  /// The value at x, the l1 term included, and the gradient of the smooth part.
  virtual double at(std::span<const double> x, std::span<double> gradient) = 0;
};

/// x with what a function is there.
struct Evaluated {
  std::vector<double> x;
  std::vector<double> gradient;
  double value = 0;
};

[[nodiscard]] inline double dot(std::span<const double> a, std::span<const double> b) noexcept {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
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
