#include "descent.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "../error.h"
#include "../text.h"
#include "learning_rate.h"
#include "pace.h"
#include "strategies.h"

namespace thalweg {
namespace {

void checkTargets(const Objective& objective, const Summary& targets) {
  const LossEntry& entry = entryOf(objective.loss);
  const std::string loss = "loss '" + std::string(entry.name) + "'";
  const auto refuse = [](std::optional<std::uint64_t> row, const std::string& rule) {
    if (!row) return;
    throw Error(ErrorCode::invalidArgument,
                "y[" + std::to_string(*row) + "] is not allowed: " + rule,
                {.row = *row, .option = "y"});
  };
  switch (entry.labels) {
    case LabelRule::any: break;
    case LabelRule::zeroOrOne:
      return refuse(targets.firstNotZeroOrOne, "the labels of " + loss + " are 0 and 1");
    case LabelRule::plusMinusOne:
      return refuse(targets.firstNotPlusMinusOne, "the labels of " + loss + " are -1 and 1");
    case LabelRule::notNegative:
      return refuse(targets.firstNegative, "the counts of " + loss + " are 0 or more");
  }
}

bool allFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

DescentResult descendAt(Device& device, const Problem& problem, const DescentOptions& options,
                        double learningRate, Pace& pace, const CancelFlag& cancelled) {
  DescentResult result;
  result.plan = options.plan;
  result.learningRate = learningRate;
  const Descending descending{device, problem, options, learningRate, pace};
  if (options.plan == Plan::gram) {
    descendGram(descending, cancelled, result);
  } else {
    const auto run = device.begin(problem, options.tolerance, cancelled);
    run->setTheta(options.theta, options.intercept);
    switch (options.strategy) {
      case Strategy::batch: descendBatch(descending, *run, result); break;
      case Strategy::stochastic: descendStochastic(descending, *run, result); break;
      case Strategy::miniBatch: descendMiniBatch(descending, *run, result); break;
    }
    result.theta.resize(problem.X.columns());
    run->readTheta(result.theta, result.intercept);
  }
  if (!allFinite(result.theta) || !std::isfinite(result.intercept)) throwDiverged(result);
  return result;
}

/// A rate that was only guessed may be too large: each retry starts anew with a quarter of it.
DescentResult descendAtStableRate(Device& device, const Problem& problem,
                                  const DescentOptions& options, Pace& pace,
                                  const CancelFlag& cancelled) {
  constexpr int retries = 20;
  double learningRate = stableLearningRate(device, problem, options, cancelled);
  for (int retry = 0;; ++retry) {
    const bool last = retry == retries || curvatureIsBounded(problem.objective);
    try {
      DescentResult result = descendAt(device, problem, options, learningRate, pace, cancelled);
      if (last || result.loss.back() <= result.loss.front()) return result;
    } catch (const Error& error) {
      if (last || error.code() != ErrorCode::diverged) throw;
    }
    learningRate /= 4;
  }
}

}  // namespace

void throwDiverged(const DescentResult& result) {
  std::optional<double> lastLoss;
  for (const double loss : result.loss) {
    if (std::isfinite(loss)) lastLoss = loss;
  }
  const std::string at =
      lastLoss ? "the last finite loss was " + format(*lastLoss) : "no loss was finite";
  throw Error(ErrorCode::diverged,
              "The descent diverged after " + std::to_string(result.iterations) + " iterations: " +
                  at + "; use a smaller learningRate or 'auto', or scale the features",
              {.option = "learningRate", .iteration = result.iterations, .lastLoss = lastLoss});
}

bool endEpoch(const Descending& descending, Run& run, std::uint64_t epoch, DescentResult& result) {
  const RunStatus status = run.wait(result.loss);
  if (status.halt == Halt::diverged) {
    // The loss may be that of an earlier epoch, after which no step counts.
    result.iterations = result.iterations / (epoch + 1) * result.loss.size();
    throwDiverged(result);
  }
  result.converged = status.halt == Halt::converged;
  if (!result.loss.empty()) descending.pace.report(result.loss.size(), result.loss.back());
  return !result.converged;
}

DescentResult descend(Device& device, const Matrix& X, const Matrix& y,
                      const DescentOptions& options, const Control& control) {
  const Problem problem{X, y, options.objective};
  checkTargets(options.objective, y.summary());
  Pace pace(control);
  try {
    DescentResult result =
        options.learningRate
            ? descendAt(device, problem, options, *options.learningRate, pace, control.cancelled)
            : descendAtStableRate(device, problem, options, pace, control.cancelled);
    result.seconds = pace.seconds();
    return result;
  } catch (Error& error) {
    const bool linearSquared = options.objective.activation == Activation::linear &&
                               options.objective.loss == Loss::squared;
    if (error.code() != ErrorCode::diverged || !linearSquared) throw;
    const double largest =
        largestStableLearningRate(device, problem, options.strategy, control.cancelled);
    error.details().largestStableLearningRate = largest;
    throw Error(
        ErrorCode::diverged,
        std::string(error.what()) + "; the largest stable learningRate is about " + format(largest),
        error.details());
  }
}

LossGradient lossGradient(Device& device, const Matrix& X, const Matrix& y,
                          const DescentOptions& options, std::span<double> gradient,
                          const CancelFlag& cancelled) {
  const Problem problem{X, y, options.objective};
  checkTargets(options.objective, y.summary());
  const auto run = device.begin(problem, -1, cancelled);
  run->setTheta(options.theta, options.intercept);
  LossGradient result{};
  result.loss = run->gradient(gradient, result.intercept);
  return result;
}

}  // namespace thalweg
