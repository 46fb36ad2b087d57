#include "learning_rate.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "../device/host_math.h"
#include "scaling.h"

namespace thalweg {

double curvature(const Objective& objective, double y) noexcept {
  return HostMath::curvature_bound(codeOf(objective.activation), codeOf(objective.loss), y);
}

double largestEigenvalue(Device& device, const Matrix& X, bool intercept, int iterations,
                         const CancelFlag& cancelled) {
  const std::size_t n = X.columns();
  // With targets of zero the gradient of the squared loss at v is 2·BᵀBv/m.
  const auto zeros = device.createMatrix(X.rows(), 1, X.dtype());
  const Problem problem{X, *zeros, {.fitIntercept = intercept}};
  const auto run = device.begin(problem, {}, cancelled);
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

int retriesAtSmallerRates(const DescentOptions& options) noexcept {
  const Objective& objective = options.objective;
  const int activation = codeOf(objective.activation);
  const int loss = codeOf(objective.loss);
  // Where the rate is a guess, or a kink lets the steps go to and fro across it, down to a 10⁻¹²th.
  if (!HostMath::curvature_is_bounded(activation, loss) || !HostMath::is_smooth(activation, loss))
    return 20;
  // What random rows are off by shrinks with the rate, as does how far momentum carries: to a 256th
  // it is a small part of the loss.
  return options.strategy == Strategy::batch && options.run.optimizer.isPlain() ? 0 : 4;
}

double stableLearningRate(Device& device, const Problem& problem, const DescentOptions& options,
                          const CancelFlag& cancelled) {
  const Objective& objective = problem.objective;
  const double bend = curvature(objective, largestMagnitude(problem.y));
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
  const double rate = steepest > 0 && std::isfinite(steepest) ? 1 / steepest : 1;
  // A gradient takes part in 1/(1 − μ) steps. With all rows that hurries the descent and is stable
  // (Polyak, "Some methods of speeding up the convergence of iteration methods", 1964); what random
  // rows are off by would grow as much.
  const double momentum = options.run.optimizer.momentum;
  return options.strategy == Strategy::batch ? rate : rate * (1 - momentum);
}

double largestStableLearningRate(Device& device, const Problem& problem, Strategy strategy,
                                 const CancelFlag& cancelled) {
  constexpr int iterations = 100;
  const bool intercept = problem.objective.fitIntercept;
  const int exponent = featureExponent(problem.X);
  const auto scaled =
      exponent == 0 ? nullptr : timesPowerOfTwo(device, problem.X, -exponent, cancelled);
  const Matrix& X = scaled ? *scaled : problem.X;
  const double largest =
      strategy == Strategy::batch
          ? largestEigenvalue(device, X, intercept && !scaled, iterations, cancelled)
          : X.summary().maxRowNormSquared;
  const bool oneMissing = intercept && (scaled || strategy != Strategy::batch);
  const double eigenvalue = std::ldexp(largest, 2 * exponent) + (oneMissing ? 1 : 0);
  return 2 / (2 * eigenvalue + problem.objective.l2);
}

}  // namespace thalweg
