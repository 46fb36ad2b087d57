#include "learning_rate.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace thalweg {
namespace {

/// A bound of ∂²ℓ(φ(z), y)/∂z² over z, for |y| up to `y`. Where none exists, its value around the
/// targets.
double curvature(const Objective& objective, double y) {
  const bool squared = objective.loss == Loss::squared;
  switch (objective.activation) {
    case Activation::linear:
    case Activation::relu:
      // absolute and hinge have no curvature; that of huber keeps their steps bounded.
      return squared ? 2 : 1;
    case Activation::sigmoid:
      if (objective.loss == Loss::log) return 0.25;
      if (objective.loss == Loss::poisson) return 0.25 * (1 + y);
      // 2·(φ'² + |φ − y|·|φ''|): φ' is at most 1/4 and |φ''| at most 1/(6√3).
      return 2 * (0.0625 + (1 + y) / (6 * std::sqrt(3.0)));
    case Activation::tanh:
      // φ' is at most 1 and |φ''| at most 4/(3√3).
      return 2 * (1 + (1 + y) * 4 / (3 * std::sqrt(3.0)));
    case Activation::softplus:
      return objective.loss == Loss::poisson ? 0.25 * (2 + y) : 2 * (1 + (1 + y) / 4);
    case Activation::exp: {
      const double scale = std::max(1.0, y);
      return objective.loss == Loss::poisson ? scale : 2 * scale * (scale + y);
    }
  }
  return 2;
}

}  // namespace

double largestEigenvalue(Device& device, const Matrix& X, bool intercept, int iterations,
                         const CancelFlag& cancelled) {
  const std::size_t n = X.columns();
  // With targets of zero the gradient of the squared loss at v is 2·BᵀBv/m.
  const auto zeros = device.createMatrix(X.rows(), 1, X.dtype());
  const Problem problem{X, *zeros, {.fitIntercept = intercept}};
  const auto run = device.begin(problem, -1, cancelled);
  std::vector<double> v(n);
  std::vector<double> product(n);
  double vIntercept = intercept ? 1 : 0;
  double productIntercept = 0;
  std::mt19937 generator(1);  // fixed: the same data give the same rate
  std::uniform_real_distribution<double> uniform(0.5, 1.5);
  for (auto& value : v) value = uniform(generator);
  double eigenvalue = 0;
  for (int k = 0; k < iterations; ++k) {
    double norm = vIntercept * vIntercept;
    for (const double value : v) norm += value * value;
    norm = std::sqrt(norm);
    if (norm == 0 || !std::isfinite(norm)) break;
    for (auto& value : v) value /= norm;
    vIntercept /= norm;
    run->setTheta(v, vIntercept);
    run->gradient(product, productIntercept);
    double before = eigenvalue;
    double squares = productIntercept * productIntercept;
    for (const double value : product) squares += value * value;
    eigenvalue = std::sqrt(squares) / 2;
    v = product;
    vIntercept = productIntercept;
    if (std::abs(eigenvalue - before) <= 1e-6 * eigenvalue) break;
  }
  return eigenvalue;
}

bool curvatureIsBounded(const Objective& objective) noexcept {
  return objective.activation != Activation::exp &&
         (objective.activation != Activation::softplus || objective.loss != Loss::squared);
}

double stableLearningRate(Device& device, const Problem& problem, const DescentOptions& options,
                          const CancelFlag& cancelled) {
  const Objective& objective = problem.objective;
  const Summary& targets = problem.y.summary();
  const double bend =
      curvature(objective, std::max(std::abs(targets.smallest), std::abs(targets.largest)));
  const auto m = static_cast<double>(problem.X.rows());
  const double b = options.strategy == Strategy::stochastic
                       ? 1
                       : std::min(static_cast<double>(options.batchSize), m);
  const double rowCurvature =
      bend * (problem.X.summary().maxRowNormSquared + (objective.fitIntercept ? 1 : 0)) +
      objective.l2;
  // 30 power iterations come within a few per cent of λmax from below; 5 % on top keeps 1/L on the
  // safe side.
  const auto fullCurvature = [&] {
    return 1.05 * bend *
               largestEigenvalue(device, problem.X, objective.fitIntercept, 30, cancelled) +
           objective.l2;
  };
  double steepest = 0;
  if (options.strategy == Strategy::batch) {
    steepest = fullCurvature();
  } else if (b == 1 || m == 1) {
    steepest = 2 * rowCurvature;
  } else {
    steepest = 2 * ((m - b) / (b * (m - 1)) * rowCurvature +
                    m * (b - 1) / (b * (m - 1)) * fullCurvature());
  }
  return steepest > 0 && std::isfinite(steepest) ? 1 / steepest : 1;
}

double largestStableLearningRate(Device& device, const Problem& problem, Strategy strategy,
                                 const CancelFlag& cancelled) {
  constexpr int iterations = 100;
  const bool intercept = problem.objective.fitIntercept;
  const double eigenvalue =
      strategy == Strategy::batch
          ? largestEigenvalue(device, problem.X, intercept, iterations, cancelled)
          : problem.X.summary().maxRowNormSquared + (intercept ? 1 : 0);
  return 2 / (2 * eigenvalue + problem.objective.l2);
}

}  // namespace thalweg
