#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "../device/halt.h"
#include "../device/host_step.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// Where a descent is: θ feature by feature, and b.
struct Place {
  std::vector<double> theta;
  std::vector<double> intercepts;
};

/// AᵀA of A = [X, 1, Y] and what a batch step needs of it. With v = (θ, b, −1) of one output and
/// its column of Y, Av = Xθ + b − y: the squared residuals sum to vᵀAᵀAv, and their gradient is
/// twice the first rows of AᵀAv. Where rows are weighted it is AᵀWA, and all is the same.
class GramProblem {
 public:
  GramProblem(std::vector<double> gram, const Problem& problem, const OptimizerConstants& optimizer)
      : gram_(std::move(gram)),
        columns_(problem.X.columns()),
        outputs_(problem.objective.outputs),
        width_(columns_ + 1 + outputs_),
        rows_(static_cast<double>(problem.allRows())),
        weight_(problem.totalWeight()),
        objective_(problem.objective),
        step_(objective_, optimizer, columns_),
        product_(columns_ + 1),
        gradient_(columns_ * outputs_),
        interceptGradient_(outputs_) {
    for (std::size_t k = 0; k < outputs_; ++k) scale_ += columnOf(targetOf(k))[targetOf(k)];
  }

  /// The penalised loss there; keeps the gradient for `step`.
  double loss(const Place& at) {
    double squares = 0;
    double magnitudes = 0;
    for (std::size_t k = 0; k < outputs_; ++k) addOutput(at, k, squares, magnitudes);
    const double loss = squares / weight_ + penalty(objective_, at.theta);
    const double sums = static_cast<double>(columns_ + 2) + std::sqrt(rows_);
    doubt_ = std::numeric_limits<double>::epsilon() * sums * (scale_ + magnitudes) / weight_ / loss;
    return loss;
  }

  /// How much of the last loss, at most, may be rounding: the terms of vᵀAᵀAv cancel as the fit
  /// becomes close.
  [[nodiscard]] double doubt() const noexcept { return doubt_; }

  /// The step from there, whose gradient `loss` has kept.
  void step(Place& at, double learningRate) {
    step_.step(gradient_, interceptGradient_, weight_, learningRate, at.theta, at.intercepts,
               [](std::size_t, double) {});
  }

  [[nodiscard]] HostStep& steps() noexcept { return step_; }

 private:
  /// AᵀA is symmetric: its rows are its columns, and sums of them need no order of their own.
  [[nodiscard]] const double* columnOf(std::size_t q) const noexcept {
    return gram_.data() + q * width_;
  }
  [[nodiscard]] std::size_t targetOf(std::size_t k) const noexcept { return columns_ + 1 + k; }

  void addOutput(const Place& at, std::size_t k, double& squares, double& magnitudes) {
    const auto value = [&](std::size_t q) {
      return q < columns_ ? at.theta[q * outputs_ + k] : at.intercepts[k];
    };
    const double* target = columnOf(targetOf(k));
    std::fill(product_.begin(), product_.end(), 0.0);
    double ofTarget = 0;
    for (std::size_t q = 0; q <= columns_; ++q) {
      const double* column = columnOf(q);
      const double weight = value(q);
      for (std::size_t p = 0; p <= columns_; ++p) product_[p] += column[p] * weight;
      ofTarget += target[q] * weight;
    }
    for (std::size_t p = 0; p <= columns_; ++p) product_[p] -= target[p];
    ofTarget -= target[targetOf(k)];
    double sum = 0;
    for (std::size_t p = 0; p <= columns_; ++p) {
      sum += value(p) * product_[p];
      magnitudes += std::abs(value(p) * product_[p]);
      (p < columns_ ? gradient_[p * outputs_ + k] : interceptGradient_[k]) = 2 * product_[p];
    }
    magnitudes += std::abs(ofTarget);
    // Cancellation can leave a tiny negative sum of squares.
    squares += std::max(sum - ofTarget, 0.0);
  }

  std::vector<double> gram_;
  std::size_t columns_;
  std::size_t outputs_;
  std::size_t width_;
  double rows_;
  double weight_;  ///< of all rows
  const Objective& objective_;
  HostStep step_;
  std::vector<double> product_;  ///< of one output
  std::vector<double> gradient_;
  std::vector<double> interceptGradient_;
  double scale_ = 0;  ///< ΣYᵀY
  double doubt_ = 0;
};

/// The steps that are left, by passes over X.
void goOnByPasses(const Descending& descending, const DescentState& at, const CancelFlag& cancelled,
                  DescentResult& result) {
  const auto run = descending.device.begin(descending.problem, descending.options.run, cancelled);
  setTo(*run, at, descending.options);
  Descending byPasses = descending;
  byPasses.begin.byPasses = true;
  descendBatch(byPasses, *run, result);
}

}  // namespace

void descendGram(const Descending& descending, const CancelFlag& cancelled, DescentResult& result) {
  const auto& [device, problem, options, rates, pace, validation, begin] = descending;
  if (begin.byPasses) return goOnByPasses(descending, begin, cancelled, result);
  GramProblem gram(device.gram(problem, cancelled), problem, options.run.optimizer);
  if (!begin.moments.empty()) gram.steps().restore(begin.moments, begin.steps);
  HaltRule halt(options.run.tolerance);
  if (begin.lastLoss) halt.setPrevious(*begin.lastLoss);
  Place at{begin.theta, begin.intercepts};
  const auto state = [&] {
    const std::span<const double> moments = gram.steps().moments();
    return descending.stateAt(at.theta, at.intercepts, {moments.begin(), moments.end()},
                              descending.stageOf(result.iterations), result);
  };
  const double mostDoubt =
      options.run.tolerance > 0 ? std::min(1e-6, options.run.tolerance / 8) : 1e-6;
  while (result.loss.size() < options.passes && !descending.isLate(result)) {
    const double loss = gram.loss(at);
    if (gram.doubt() > mostDoubt) return goOnByPasses(descending, state(), cancelled, result);
    halt.see(loss);
    const double rate = rates.at(descending.stageOf(result.loss.size()));
    result.loss.push_back(loss);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
    gram.step(at, rate);
    result.iterations = result.loss.size();
    if (halt.halted()) result.stopped = Stop::converged;
    const std::uint64_t passes = begin.passes + result.iterations;
    if (!descending.validated(at.theta, at.intercepts, passes, result) || halt.halted()) break;
    pace.report(result.iterations, loss);
    if (pace.isStateDue()) pace.keep(state());
  }
  result.state = state();
}

}  // namespace thalweg
