#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cholesky.h"
#include "function.h"
#include "least_squares.h"

namespace thalweg {

/// What the optimum is judged by: the loss where all unknowns are 0, and maxⱼ |gⱼ| of its gradient.
/// No penalty counts there.
struct AtZero {
  double loss = 0;
  double gradient = 0;
};

/// What a pass over the rows finds where the unknowns are `x`, without penalties.
struct Passed {
  std::vector<double> x;  ///< weights, then intercepts
  std::vector<double> gradient;
  double loss = 0;
};

/// The penalised loss over all rows as a function of the weights and, where they are fitted, the
/// intercepts after them.
class LossOverRows : public Function {
 public:
  LossOverRows(const Objective& objective, std::size_t columns, Dtype dtype)
      : objective_(objective), columns_(columns), dtype_(dtype) {}

  [[nodiscard]] std::size_t unknowns() const noexcept override {
    return weights() + (objective_.fitIntercept ? outputs() : 0);
  }
  [[nodiscard]] double l1() const noexcept override { return objective_.l1; }
  [[nodiscard]] std::size_t penalised() const noexcept override { return weights(); }

  void round(std::span<double> x) const noexcept override {
    if (!isFloat32()) return;
    for (double& value : x) value = static_cast<double>(static_cast<float>(value));
  }
  [[nodiscard]] double resolution() const noexcept override {
    return isFloat32() ? static_cast<double>(std::numeric_limits<float>::epsilon())
                       : 8 * std::numeric_limits<double>::epsilon();
  }

  double at(std::span<const double> x, std::span<double> gradient) override {
    ++passes_;
    const std::vector<double> intercepts = interceptsOf(x);
    if (objective_.fitIntercept) {
      return lossAt(x.first(weights()), intercepts, gradient.first(weights()),
                    gradient.subspan(weights()));
    }
    std::vector<double> interceptGradient(outputs());
    return lossAt(x.first(weights()), intercepts, gradient, interceptGradient);
  }

  /// Where the descent began at `begun`.
  [[nodiscard]] virtual AtZero atZero(const Evaluated& begun) {
    std::vector<double> gradient(begun.gradient);
    double loss = begun.value;
    if (largest(begun.x) > 0) loss = at(std::vector<double>(gradient.size()), gradient);
    return {loss, largest(gradient)};
  }

  /// Whether no more is asked for than losses at the optimum: weights of digits that losses do not
  /// tell of are worth no pass.
  [[nodiscard]] virtual bool isForLosses() const noexcept { return false; }
  /// Where the optimum may be, as that of much the same loss tells; empty: nothing is known of it.
  [[nodiscard]] virtual std::vector<double> guess() const { return {}; }
  /// Of linear neurons with squared loss; none where it does not serve.
  [[nodiscard]] virtual std::optional<LeastSquares> leastSquares(const CancelFlag& cancelled) = 0;
  /// For Lbfgs::scaleBy; none where the columns are of one scale, or it is not known.
  [[nodiscard]] virtual std::vector<double> curvatures() { return {}; }
  /// For Lbfgs::curveBy; none where it is too much work.
  [[nodiscard]] virtual std::optional<Cholesky> curvature(const CancelFlag& cancelled) = 0;
  /// After how many steps it is worth its work.
  [[nodiscard]] virtual std::uint64_t stepsBeforeCurvature() const noexcept = 0;

  [[nodiscard]] std::vector<double> interceptsOf(std::span<const double> x) const {
    if (!objective_.fitIntercept) return std::vector<double>(outputs());
    const auto intercepts = x.subspan(weights());
    return {intercepts.begin(), intercepts.end()};
  }
  [[nodiscard]] bool isFloat32() const noexcept { return dtype_ == Dtype::float32; }
  [[nodiscard]] std::size_t outputs() const noexcept { return objective_.outputs; }
  [[nodiscard]] std::size_t weights() const noexcept { return columns_ * outputs(); }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::uint64_t passes() const noexcept { return passes_; }

 protected:
  [[nodiscard]] const Objective& objective() const noexcept { return objective_; }

  /// One pass: the loss at θ (n·K values, feature by feature) and b, the l1 term included, and the
  /// gradient of the smooth part.
  virtual double lossAt(std::span<const double> theta, std::span<const double> intercepts,
                        std::span<double> gradient, std::span<double> interceptGradient) = 0;

 private:
  Objective objective_;
  std::size_t columns_;
  Dtype dtype_;
  std::uint64_t passes_ = 0;
};

/// Over the rows of one matrix, by a run that is for plain steps; where it is does not matter.
class LossOfRun final : public LossOverRows {
 public:
  LossOfRun(Device& device, Run& run, const Problem& problem)
      : LossOverRows(problem.objective, problem.X.columns(), problem.X.dtype()),
        device_(device),
        run_(run),
        problem_(problem) {}

  void forEach(std::size_t count, const std::function<void(std::size_t)>& work) const override {
    device_.forEach(count, work);
  }
  [[nodiscard]] std::optional<LeastSquares> leastSquares(const CancelFlag& cancelled) override;
  [[nodiscard]] std::vector<double> curvatures() override;
  [[nodiscard]] std::optional<Cholesky> curvature(const CancelFlag& cancelled) override;
  /// AᵀA costs about as many passes: where columns nearly depend on each other, thousands may be
  /// ahead.
  [[nodiscard]] std::uint64_t stepsBeforeCurvature() const noexcept override {
    return 16 + columns() / 16;
  }

 private:
  double lossAt(std::span<const double> theta, std::span<const double> intercepts,
                std::span<double> gradient, std::span<double> interceptGradient) override {
    run_.setTheta(theta, intercepts);
    return run_.gradient(gradient, interceptGradient);
  }

  Device& device_;
  Run& run_;
  const Problem& problem_;
};

}  // namespace thalweg
