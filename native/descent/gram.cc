#include <algorithm>
#include <cmath>
#include <vector>

#include "../device/halt.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// AᵀA of A = [X, 1, y] and what a batch step needs of it. With v = (θ, b, −1), Av = Xθ + b − y:
/// the squared residuals sum to vᵀAᵀAv, and their gradient is twice the first rows of AᵀAv.
class GramProblem {
 public:
  GramProblem(std::vector<double> gram, std::size_t columns, double rows,
              const Objective& objective)
      : gram_(std::move(gram)),
        columns_(columns),
        rows_(rows),
        objective_(objective),
        product_(columns + 2) {}

  /// The penalised loss at v; keeps AᵀAv for `step`.
  double loss(const std::vector<double>& v) {
    const std::size_t width = columns_ + 2;
    double squares = 0;
    double penalty = 0;
    for (std::size_t p = 0; p < width; ++p) {
      const double* row = gram_.data() + p * width;
      double sum = 0;
      for (std::size_t q = 0; q < width; ++q) sum += row[q] * v[q];
      product_[p] = sum;
      squares += v[p] * sum;
    }
    for (std::size_t j = 0; j < columns_; ++j)
      penalty += objective_.l1 * std::abs(v[j]) + objective_.l2 / 2 * v[j] * v[j];
    // Cancellation can leave a tiny negative sum of squares.
    return std::max(squares, 0.0) / rows_ + penalty;
  }

  void step(std::vector<double>& v, double learningRate) const {
    const double scale = 2 * learningRate / rows_;
    for (std::size_t j = 0; j < columns_; ++j) {
      double moved = (1 - learningRate * objective_.l2) * v[j] - scale * product_[j];
      if (objective_.l1 > 0)
        moved = std::copysign(std::max(std::abs(moved) - learningRate * objective_.l1, 0.0), moved);
      v[j] = moved;
    }
    if (objective_.fitIntercept) v[columns_] -= scale * product_[columns_];
  }

 private:
  std::vector<double> gram_;
  std::size_t columns_;
  double rows_;
  const Objective& objective_;
  std::vector<double> product_;
};

}  // namespace

void descendGram(const Descending& descending, const CancelFlag& cancelled, DescentResult& result) {
  const auto& [device, problem, options, learningRate, pace] = descending;
  const std::size_t n = problem.X.columns();
  GramProblem gram(device.gram(problem.X, problem.y, cancelled), n,
                   static_cast<double>(problem.X.rows()), problem.objective);
  HaltRule halt(options.tolerance);
  std::vector<double> v(options.theta);
  v.insert(v.end(), {options.intercept, -1});
  for (std::uint64_t k = 0; k < options.passes && !halt.halted(); ++k) {
    const double loss = gram.loss(v);
    halt.see(loss);
    result.loss.push_back(loss);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
    gram.step(v, learningRate);
    result.iterations = result.loss.size();
    pace.report(result.iterations, loss);
  }
  result.converged = halt.status().halt == Halt::converged;
  result.theta.assign(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n));
  result.intercept = v[n];
}

}  // namespace thalweg
