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

/// AᵀA of A = [X, 1, y] and what a batch step needs of it. With v = (θ, b, −1), Av = Xθ + b − y:
/// the squared residuals sum to vᵀAᵀAv, and their gradient is twice the first rows of AᵀAv. Where
/// rows are weighted it is AᵀWA, and all is the same.
class GramProblem {
 public:
  GramProblem(std::vector<double> gram, const Problem& problem, const OptimizerConstants& optimizer)
      : gram_(std::move(gram)),
        columns_(problem.X.columns()),
        rows_(static_cast<double>(problem.X.rows())),
        weight_(problem.totalWeight()),
        objective_(problem.objective),
        step_(objective_, optimizer, columns_),
        product_(columns_ + 2),
        scale_(gram_.back()) {}

  /// The penalised loss at v; keeps AᵀAv for `step`.
  double loss(const std::vector<double>& v) {
    const std::size_t width = columns_ + 2;
    // AᵀA is symmetric: its rows are its columns, and sums of them need no order of their own.
    std::fill(product_.begin(), product_.end(), 0.0);
    for (std::size_t q = 0; q < width; ++q) {
      const double* column = gram_.data() + q * width;
      const double value = v[q];
      for (std::size_t p = 0; p < width; ++p) product_[p] += column[p] * value;
    }
    double squares = 0;
    double magnitudes = 0;
    for (std::size_t p = 0; p < width; ++p) {
      squares += v[p] * product_[p];
      magnitudes += std::abs(v[p] * product_[p]);
    }
    // Cancellation can leave a tiny negative sum of squares.
    const double loss =
        std::max(squares, 0.0) / weight_ + penalty(objective_, std::span(v).first(columns_));
    const double sums = static_cast<double>(width) + std::sqrt(rows_);
    doubt_ = std::numeric_limits<double>::epsilon() * sums * (scale_ + magnitudes) / weight_ / loss;
    return loss;
  }

  /// How much of the last loss, at most, may be rounding: the terms of vᵀAᵀAv cancel as the fit
  /// becomes close.
  [[nodiscard]] double doubt() const noexcept { return doubt_; }

  /// The step from v, whose product `loss` has kept.
  void step(std::vector<double>& v, double learningRate) {
    for (double& product : product_) product *= 2;
    step_.step(product_, product_[columns_], weight_, learningRate, std::span(v).first(columns_),
               v[columns_], [](std::size_t, double) {});
  }

  [[nodiscard]] HostStep& steps() noexcept { return step_; }

 private:
  std::vector<double> gram_;
  std::size_t columns_;
  double rows_;
  double weight_;  ///< of all rows
  const Objective& objective_;
  HostStep step_;
  std::vector<double> product_;
  double scale_;  ///< yᵀy
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
  const std::size_t n = problem.X.columns();
  GramProblem gram(device.gram(problem, cancelled), problem, options.run.optimizer);
  if (!begin.moments.empty()) gram.steps().restore(begin.moments, begin.steps);
  HaltRule halt(options.run.tolerance);
  if (begin.lastLoss) halt.setPrevious(*begin.lastLoss);
  std::vector<double> v(begin.theta);
  v.insert(v.end(), {begin.intercept, -1});
  const auto theta = std::span(v).first(n);
  const auto state = [&] {
    return descending.stateAt(theta, v[n], gram.steps().moments(),
                              descending.stageOf(result.iterations), result);
  };
  const double mostDoubt =
      options.run.tolerance > 0 ? std::min(1e-6, options.run.tolerance / 8) : 1e-6;
  while (result.loss.size() < options.passes && !descending.isLate(result)) {
    const double loss = gram.loss(v);
    if (gram.doubt() > mostDoubt) return goOnByPasses(descending, state(), cancelled, result);
    halt.see(loss);
    const double rate = rates.at(descending.stageOf(result.loss.size()));
    result.loss.push_back(loss);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
    gram.step(v, rate);
    result.iterations = result.loss.size();
    if (halt.halted()) result.stopped = Stop::converged;
    const std::uint64_t passes = begin.passes + result.iterations;
    if (!descending.validated(theta, v[n], passes, result) || halt.halted()) break;
    pace.report(result.iterations, loss);
    if (pace.isStateDue()) pace.keep(state());
  }
  result.state = state();
}

}  // namespace thalweg
