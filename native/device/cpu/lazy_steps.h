#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../device.h"
#include "../step_rates.h"
#include "level.h"
#include "matrix.h"

namespace thalweg::cpu {

/// Plain steps over a few rows each of an X with sparse columns, which look at nothing but the
/// columns that those rows hold something in. What a step does to all other weights is kept in a
/// few numbers, and is done when a weight is next looked at. With l1 = 0, weight j is
///
///   θⱼ = factor·(vⱼ + aⱼ·push),   a = mean/scale of standardized columns (x̃ = x/scale − a), else 0
///
/// of which only v is held. A step with rate r, decay c = 1 − r·l2 and residual δ then is
///
///   factor ← c·factor,  push ← push + r·δ/factor,  vⱼ ← vⱼ − r·δ·xⱼ/(scaleⱼ·factor) where xⱼ ≠ 0
///
/// With l1, where a must be 0, thresholds add up, since S(S(v, s), t) = S(v, s + t):
///
///   owed ← owed + r·l1/factor,  θⱼ = factor·S(vⱼ, owed − paidⱼ),  paidⱼ ← owed when vⱼ is looked
///   at
///
/// So every weight is what it would be had it been moved in every step, but for rounding; truncated
/// gradient (Langford, Li, Zhang, "Sparse Online Learning via Truncated Gradient", 2009) that cuts
/// in each step. All is computed in float64, by one thread.
template <typename T>
class LazySteps {
 public:
  /// Those of this problem, where they are such steps and are worth it for so many rows each.
  [[nodiscard]] static std::optional<LazySteps> of(const Problem& problem,
                                                   const OptimizerConstants& optimizer,
                                                   std::uint64_t batchSize);

  /// Steps after which every weight is moved, counted from the first row of an order: it follows
  /// from shapes alone, so that the bits are the same whatever the calls.
  [[nodiscard]] std::uint64_t grain() const noexcept { return grain_; }

  /// Steps over the rows named, `batchSize` at a time: θ, in the order of weight_order.h, and b are
  /// moved. Throws Cancelled.
  void take(const Rows<T>& all, std::span<const std::uint32_t> rows, StepRates rates,
            std::span<double> theta, std::span<double> intercepts, const CancelFlag& cancelled);

 private:
  LazySteps(const Problem& problem, std::uint64_t batchSize, std::uint64_t grain);

  [[nodiscard]] bool isShifted() const noexcept { return !shifts_.empty(); }
  /// Whether sparse columns are what they hold.
  [[nodiscard]] bool isPlain() const noexcept { return inverses_.empty(); }
  [[nodiscard]] double* denseOf(std::size_t output) noexcept {
    return theta_.data() + output * dense_;
  }
  [[nodiscard]] double* sparseOf(std::size_t column) noexcept {
    return theta_.data() + (dense_ + column) * outputs_;
  }
  /// x of a sparse column as it is divided by its deviation; 0 of a column that is none of X's.
  [[nodiscard]] double scaled(std::size_t column, T value) const noexcept {
    const auto x = static_cast<double>(value);
    return isPlain() ? x : x * inverses_[column];
  }

  void begin(std::span<double> theta, std::span<double> intercepts);
  /// Has every weight be what it is.
  void settle();
  void payOff(std::size_t column);
  void step(const Rows<T>& all, std::span<const std::uint32_t> batch, double rate);
  void dots(const Rows<T>& all, std::size_t row, double* z);
  void dotsOfOne(const Rows<T>& all, std::size_t row, double* z);
  /// z of a row becomes δ.
  void residuals(const Rows<T>& all, std::size_t row, double* z) const;
  void move(const Rows<T>& all, std::size_t row, const double* moves);

  Objective objective_;
  std::size_t outputs_;
  std::size_t dense_;
  std::size_t sparse_;
  std::size_t batchSize_;
  std::uint64_t grain_;
  double meanWeight_;
  std::vector<double> inverses_;  ///< 1/scale; empty: 1 each
  std::vector<double> shifts_;    ///< a; empty: 0 each
  double shiftSquares_ = 0;       ///< Σa²

  std::span<double> theta_;  ///< v
  std::span<double> intercepts_;
  double factor_ = 1;
  double owed_ = 0;
  std::vector<double> paid_;     ///< of each sparse column; empty without l1
  std::vector<double> push_;     ///< of each output
  std::vector<double> shifted_;  ///< Σaⱼvⱼ of each output
  std::vector<double> batch_;    ///< z, δ and then moves of the rows of a step
};

}  // namespace thalweg::cpu
