#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <tuple>
#include <vector>

#include "../device/halt.h"
#include "../device/host_step.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// AᵀA of A = [X, 1, y] and what a batch step needs of it. With v = (θ, b, −1), Av = Xθ + b − y:
/// the squared residuals sum to vᵀAᵀAv, and their gradient is twice the first rows of AᵀAv.
class GramProblem {
 public:
  GramProblem(std::vector<double> gram, std::size_t columns, double rows,
              const Objective& objective, const OptimizerConstants& optimizer)
      : gram_(std::move(gram)),
        columns_(columns),
        rows_(rows),
        objective_(objective),
        step_(objective, optimizer, columns),
        product_(columns + 2),
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
        std::max(squares, 0.0) / rows_ + penalty(objective_, std::span(v).first(columns_));
    const double sums = static_cast<double>(width) + std::sqrt(rows_);
    doubt_ = std::numeric_limits<double>::epsilon() * sums * (scale_ + magnitudes) / rows_ / loss;
    return loss;
  }

  /// How much of the last loss, at most, may be rounding: the terms of vᵀAᵀAv cancel as the fit
  /// becomes close.
  [[nodiscard]] double doubt() const noexcept { return doubt_; }

  /// The step from v, whose product `loss` has kept.
  void step(std::vector<double>& v, double learningRate) {
    for (double& product : product_) product *= 2;
    step_.step(product_, product_[columns_], rows_, learningRate, std::span(v).first(columns_),
               v[columns_], [](std::size_t, double) {});
  }

  [[nodiscard]] const HostStep& steps() const noexcept { return step_; }

 private:
  std::vector<double> gram_;
  std::size_t columns_;
  double rows_;
  const Objective& objective_;
  HostStep step_;
  std::vector<double> product_;
  double scale_;  ///< yᵀy
  double doubt_ = 0;
};

/// The steps that are left, by passes over X.
void goOnByPasses(const Descending& descending, const HostStep& steps, const CancelFlag& cancelled,
                  DescentResult& result) {
  const auto& [device, problem, options, rates, pace] = descending;
  const auto run = device.begin(problem, options.run, cancelled);
  run->setTheta(result.theta, result.intercept);
  run->setMoments(steps.moments(), steps.taken());
  if (options.run.tolerance >= 0 && !result.loss.empty()) {
    // The run does not know the loss before its first.
    HaltRule halt(options.run.tolerance);
    std::vector<double> gradient(result.theta.size());
    double interceptGradient = 0;
    halt.see(result.loss.back());
    halt.see(run->gradient(gradient, interceptGradient));
    if (halt.status().halt == Halt::converged) result.stopped = Stop::converged;
  }
  if (result.stopped == Stop::converged) {
    run->batchSteps(1, rates.of(Descending::stageOf(result.loss.size()), 1));
    std::ignore = run->wait(result.loss);
    result.iterations = result.loss.size();
  } else {
    descendBatch(descending, *run, result);
  }
  run->readTheta(result.theta, result.intercept);
}

}  // namespace

void descendGram(const Descending& descending, const CancelFlag& cancelled, DescentResult& result) {
  const auto& [device, problem, options, rates, pace] = descending;
  const std::size_t n = problem.X.columns();
  GramProblem gram(device.gram(problem.X, problem.y, cancelled), n,
                   static_cast<double>(problem.X.rows()), problem.objective, options.run.optimizer);
  HaltRule halt(options.run.tolerance);
  std::vector<double> v(options.theta);
  v.insert(v.end(), {options.intercept, -1});
  const double mostDoubt =
      options.run.tolerance > 0 ? std::min(1e-6, options.run.tolerance / 8) : 1e-6;
  while (result.loss.size() < options.passes && !halt.halted() && !descending.isLate(result)) {
    const double loss = gram.loss(v);
    if (gram.doubt() > mostDoubt) break;
    halt.see(loss);
    const double rate = rates.at(Descending::stageOf(result.loss.size()));
    result.loss.push_back(loss);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
    gram.step(v, rate);
    result.iterations = result.loss.size();
    pace.report(result.iterations, loss);
  }
  if (halt.status().halt == Halt::converged) result.stopped = Stop::converged;
  result.theta.assign(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n));
  result.intercept = v[n];
  if (result.stopped == Stop::completed && result.loss.size() < options.passes)
    goOnByPasses(descending, gram.steps(), cancelled, result);
}

}  // namespace thalweg
