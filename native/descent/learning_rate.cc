#include "learning_rate.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "../device/host_math.h"
#include "counted_rows.h"
#include "function.h"
#include "scaling.h"

namespace thalweg {

namespace {

/// ‖(v, b)‖, also where its square is beyond a double.
double lengthOf(std::span<const double> v, double b) noexcept {
  double squares = b * b;
  for (const double value : v) squares += value * value;
  if (std::isnormal(squares)) return std::sqrt(squares);
  const double most = std::max(largest(v), std::abs(b));
  if (most == 0 || !std::isfinite(most)) return most;
  squares = (b / most) * (b / most);
  for (const double value : v) squares += (value / most) * (value / most);
  return most * std::sqrt(squares);
}

/// How much the row that counts most does, where they do 1 on average.
double largestShare(const Problem& problem) {
  return problem.weights == nullptr ? 1 : problem.largestWeight() / problem.meanWeight();
}

}  // namespace

double curvature(const Objective& objective, double y) noexcept {
  return HostMath::curvature_bound(codeOf(objective.activation), codeOf(objective.loss), y);
}

double largestEigenvalue(Device& device, const Matrix& X, const Problem& of, bool intercept,
                         int iterations, const CancelFlag& cancelled) {
  const std::size_t n = X.columns();
  // With targets of zero the gradient of the squared loss at v is 2·BᵀWBv/Σw.
  const auto zeros = device.createMatrix(X.rows(), 1, X.dtype());
  const Problem problem{X, *zeros, {.fitIntercept = intercept}, of.weights, of.all};
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
    const double norm = lengthOf(v, vIntercept);
    if (norm == 0 || !std::isfinite(norm)) break;
    for (auto& value : v) value /= norm;
    vIntercept /= norm;
    run->setTheta(v, std::span(&vIntercept, 1));
    run->gradient(product, std::span(&productIntercept, 1));
    double before = eigenvalue;
    eigenvalue = lengthOf(product, productIntercept) / 2;
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
  const double bend = curvature(objective, largestOver(device, largestTarget(problem)));
  const auto m = static_cast<double>(problem.countedRows());
  const double b = options.strategy == Strategy::stochastic
                       ? 1
                       : std::min(static_cast<double>(options.batchSize), m);
  const auto rowCurvature = [&] {
    return bend * largestShare(problem) *
               (largestOver(device, largestNormSquared(problem)) +
                (objective.fitIntercept ? 1 : 0)) +
           objective.l2;
  };
  // 30 power iterations come within a few per cent of λmax from below; 5 % on top keeps 1/L on the
  // safe side.
  const auto fullCurvature = [&] {
    return 1.05 * bend *
               largestEigenvalue(device, problem.X, problem, objective.fitIntercept, 30,
                                 cancelled) +
           objective.l2;
  };
  double steepest = 0;
  if (options.strategy == Strategy::batch) {
    steepest = fullCurvature();
  } else if (b == 1 || m == 1) {
    steepest = 2 * rowCurvature();
  } else {
    steepest = 2 * ((m - b) / (b * (m - 1)) * rowCurvature() +
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
  const int exponent = featureExponent(device, problem);
  const auto scaled =
      exponent == 0 ? nullptr : timesPowerOfTwo(device, problem.X, -exponent, cancelled);
  const Matrix& X = scaled ? *scaled : problem.X;
  const double largest =
      strategy == Strategy::batch
          ? largestEigenvalue(device, X, problem, intercept && !scaled, iterations, cancelled)
          // Sparse rows would be written out, all of them, for what is said of a failure.
          : largestOver(device, X.isSparse()
                                    ? X.summary().maxRowNormSquared
                                    : largestNormSquared({X, problem.y, {}, problem.weights}));
  const bool oneMissing = intercept && (scaled || strategy != Strategy::batch);
  const double share = strategy == Strategy::batch ? 1 : largestShare(problem);
  const double eigenvalue = share * (std::ldexp(largest, 2 * exponent) + (oneMissing ? 1 : 0));
  return 2 / (2 * eigenvalue + problem.objective.l2);
}

}  // namespace thalweg
