#pragma once

#include <span>
#include <vector>

#include "../device.h"
#include "level.h"
#include "padded.h"

namespace thalweg::cpu {

/// θ and b as the loops read them: in T, and padded. Those of standardized sparse columns are
/// turned into what gives the same sums with the columns as they are held: x̃θ = x(θ/scale) −
/// mean(θ/scale).
template <typename T>
class RoundedParameters {
 public:
  /// The matrix outlives them.
  RoundedParameters(const Matrix& X, std::size_t outputs)
      : layout_(X.layout()),
        outputs_(outputs),
        stride_(goInTiles(outputs, X.isSparse()) ? outputStride<T>(layout_.dense)
                                                 : paddedSize<T>(layout_.dense)),
        theta_(stride_ * outputs, T{0}),
        intercepts_(outputs),
        sparse_(layout_.sparse() * outputs),
        leavesOut_(layout_.leavesOut()) {}

  /// From weights in the order of weight_order.h.
  void set(std::span<const double> theta, std::span<const double> intercepts) {
    const std::size_t dense = layout_.dense;
    for (std::size_t k = 0; k < outputs_; ++k) {
      for (std::size_t j = 0; j < dense; ++j)
        theta_[k * stride_ + j] = static_cast<T>(theta[k * dense + j]);
    }
    std::vector<double> moved(intercepts.begin(), intercepts.end());
    const std::span<const double> ofSparse = theta.subspan(outputs_ * dense);
    for (std::size_t i = 0; i < sparse_.size(); ++i) {
      double weight = ofSparse[i];
      if (!layout_.scales.empty()) {
        weight /= layout_.scales[i / outputs_];
        moved[i % outputs_] -= layout_.means[i / outputs_] * weight;
      }
      sparse_[i] = static_cast<T>(weight);
    }
    for (std::size_t k = 0; k < outputs_; ++k) intercepts_[k] = static_cast<T>(moved[k]);
  }

  /// Turns sums over rows, by what sparse columns hold, into those by what they stand for: 0 of
  /// those that are none of X's.
  void turnGradient(std::span<double> gradient,
                    std::span<const double> interceptGradient) const noexcept {
    const std::span<double> ofSparse = gradient.subspan(outputs_ * layout_.dense);
    if (layout_.scales.empty() && !leavesOut_) return;
    for (std::size_t i = 0; i < ofSparse.size(); ++i) {
      const std::size_t j = i / outputs_;
      if (layout_.place(layout_.dense + j) == Layout::nowhere) {
        ofSparse[i] = 0;
        continue;
      }
      if (layout_.scales.empty()) continue;
      ofSparse[i] =
          (ofSparse[i] - layout_.means[j] * interceptGradient[i % outputs_]) / layout_.scales[j];
    }
  }

  [[nodiscard]] Parameters<T> at() const noexcept {
    return {theta_.data(), intercepts_.front(), intercepts_.data(), stride_, sparse_.data()};
  }
  /// Of dense columns and one output, to be moved in place.
  [[nodiscard]] Padded<T>& theta() noexcept { return theta_; }
  [[nodiscard]] T& intercept() noexcept { return intercepts_.front(); }
  /// How many values of θ of dense columns there are, padding included.
  [[nodiscard]] std::size_t size() const noexcept { return theta_.size(); }

 private:
  const Layout& layout_;
  std::size_t outputs_;
  std::size_t stride_;  ///< of the weights of an output
  Padded<T> theta_;
  std::vector<T> intercepts_;
  std::vector<T> sparse_;
  bool leavesOut_;
};

}  // namespace thalweg::cpu
