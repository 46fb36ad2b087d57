#include "descent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "../error.h"
#include "../text.h"
#include "learning_rate.h"
#include "pace.h"
#include "scaling.h"
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

/// A cosine that is told no period takes what the warm-up leaves of the descent.
Schedule scheduleOf(const Problem& problem, const DescentOptions& options) {
  Schedule schedule = options.schedule;
  if (schedule.period > 0) return schedule;
  const std::uint64_t m = problem.X.rows();
  const std::uint64_t b = options.strategy == Strategy::stochastic ? 1 : options.batchSize;
  const std::uint64_t steps =
      options.strategy == Strategy::batch || !schedule.perStep ? 1 : (m - 1) / std::min(b, m) + 1;
  const double units = static_cast<double>(options.passes) * static_cast<double>(steps);
  schedule.period = std::max(1.0, units - schedule.warmUp);
  return schedule;
}

DescentResult descendAt(Device& device, const Problem& problem, const DescentOptions& options,
                        double learningRate, Pace& pace, const CancelFlag& cancelled) {
  DescentResult result;
  result.plan = options.plan;
  if (!options.lbfgs) result.learningRate = learningRate;
  LearningRates rates(scheduleOf(problem, options), learningRate);
  const Descending descending{device, problem, options, rates, pace};
  if (options.plan == Plan::gram) {
    descendGram(descending, cancelled, result);
  } else {
    const auto run = device.begin(problem, options.run, cancelled);
    run->setTheta(options.theta, options.intercept);
    switch (options.strategy) {
      case Strategy::batch:
        if (options.lbfgs) {
          descendLbfgs(descending, *options.lbfgs, *run, result);
        } else {
          descendBatch(descending, *run, result);
        }
        break;
      case Strategy::stochastic: descendStochastic(descending, *run, result); break;
      case Strategy::miniBatch: descendMiniBatch(descending, *run, result); break;
    }
    result.theta.resize(problem.X.columns());
    run->readTheta(result.theta, result.intercept);
  }
  if (!allFinite(result.theta) || !std::isfinite(result.intercept)) throwDiverged(result);
  return result;
}

/// The loss at θ and b.
double lossAt(Device& device, const Problem& problem, const std::vector<double>& theta,
              double intercept, const CancelFlag& cancelled) {
  const auto run = device.begin(problem, {}, cancelled);
  run->setTheta(theta, intercept);
  run->measureLoss();
  std::vector<double> losses;
  std::ignore = run->wait(losses);
  return losses.front();
}

/// The loss where a descent ended, of which a batch descent does not tell.
double lossAtEnd(Device& device, const Problem& problem, const DescentOptions& options,
                 const DescentResult& result, const CancelFlag& cancelled) {
  if (options.strategy != Strategy::batch) return result.loss.back();
  return lossAt(device, problem, result.theta, result.intercept, cancelled);
}

double epsilonOf(Dtype dtype) noexcept {
  return dtype == Dtype::float32 ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                 : std::numeric_limits<double>::epsilon();
}

/// A descent at a rate that is stable for these data. Where that is not certain to keep the loss
/// below its start (a guessed rate, a kink, the noise of random rows), a descent that diverges or
/// ends above its start begins anew with a quarter of the rate.
DescentResult descendAtStableRate(Device& device, const Problem& problem,
                                  const DescentOptions& options, Pace& pace,
                                  const CancelFlag& cancelled) {
  double learningRate = stableLearningRate(device, problem, options, cancelled);
  const int retries = retriesAtSmallerRates(options);
  if (retries == 0) return descendAt(device, problem, options, learningRate, pace, cancelled);
  const double start = lossAt(device, problem, options.theta, options.intercept, cancelled);
  // A rounding is no rise.
  const double most = start + 4 * std::abs(start) * epsilonOf(problem.X.dtype());
  for (int retry = 0;; ++retry, learningRate /= 4) {
    const bool last = retry == retries || !std::isfinite(start);
    try {
      DescentResult result = descendAt(device, problem, options, learningRate, pace, cancelled);
      if (last || lossAtEnd(device, problem, options, result, cancelled) <= most) return result;
    } catch (const Error& error) {
      if (last || error.code() != ErrorCode::diverged) throw;
    }
  }
}

DescentResult descendScaled(Device& device, const Scaling& scaling, Pace& pace,
                            const CancelFlag& cancelled) {
  const Problem problem = scaling.problem();
  const DescentOptions& options = scaling.options();
  const std::optional<double> rate = options.lbfgs ? 0 : options.learningRate;
  DescentResult result = rate ? descendAt(device, problem, options, *rate, pace, cancelled)
                              : descendAtStableRate(device, problem, options, pace, cancelled);
  scaling.restore(result);
  return result;
}

/// What to do about a descent that diverged, which the rate is not always to blame for.
std::string advice(const Problem& problem, const DescentOptions& options,
                   const ErrorDetails& details) {
  const std::string dtype = problem.X.dtype() == Dtype::float32 ? "float32" : "float64";
  if (problem.objective.loss == Loss::squared && degreeOfScaling(problem.objective) == 0 &&
      squaresOverflow(problem.y)) {
    return "the squares of targets as large as " + format(largestMagnitude(problem.y)) +
           " are more than " + dtype + " holds: divide y by a power of ten" +
           (problem.X.dtype() == Dtype::float32 ? ", or use dtype 'float64'" : "");
  }
  if (options.lbfgs) return "scale the features, or begin elsewhere with initialTheta";
  if (!options.learningRate) return "scale the features, or give a learningRate of your own";
  if (featureExponent(problem.X) != 0) {
    return "the squares of features as large as these are beyond " + dtype +
           ": leave learningRate 'auto', or scale the features";
  }
  std::string text = "use a smaller learningRate or 'auto', or scale the features";
  if (details.largestStableLearningRate)
    text +=
        "; the largest stable learningRate is about " + format(*details.largestStableLearningRate);
  return text;
}

}  // namespace

void throwDiverged(const DescentResult& result) {
  std::optional<double> lastLoss;
  for (const double loss : result.loss) {
    if (std::isfinite(loss)) lastLoss = loss;
  }
  throw Error(ErrorCode::diverged,
              "The descent diverged after " + std::to_string(result.iterations) + " iterations",
              {.option = "learningRate", .iteration = result.iterations, .lastLoss = lastLoss});
}

bool endEpoch(const Descending& descending, Run& run, std::uint64_t epoch, DescentResult& result) {
  const RunStatus status = run.wait(result.loss);
  if (status.halt == Halt::diverged) {
    // The loss may be that of an earlier epoch, after which no step counts.
    result.iterations = result.iterations / (epoch + 1) * result.loss.size();
    throwDiverged(result);
  }
  if (status.halt == Halt::converged) result.stopped = Stop::converged;
  if (!result.loss.empty()) descending.pace.report(result.loss.size(), result.loss.back());
  const bool last = epoch + 1 == descending.options.passes;
  return result.stopped == Stop::completed && (last || !descending.isLate(result));
}

DescentResult descend(Device& device, const Matrix& X, const Matrix& y,
                      const DescentOptions& options, const Control& control) {
  const Problem problem{X, y, options.objective};
  checkTargets(options.objective, y.summary());
  const Scaling scaling(device, problem, options, control.cancelled);
  const auto report = [&](const Progress& progress) {
    control.report({progress.passes, scaling.loss(progress.loss), progress.seconds});
  };
  Pace pace({control.cancelled, control.report ? Control::Report(report) : nullptr});
  DescentResult result;
  try {
    result = descendScaled(device, scaling, pace, control.cancelled);
  } catch (Error& error) {
    if (error.code() != ErrorCode::diverged) throw;
    ErrorDetails& details = error.details();
    if (details.lastLoss) details.lastLoss = scaling.loss(*details.lastLoss);
    if (!options.lbfgs && options.objective.activation == Activation::linear &&
        options.objective.loss == Loss::squared) {
      details.largestStableLearningRate =
          largestStableLearningRate(device, problem, options.strategy, control.cancelled);
    }
    const std::string at = details.lastLoss
                               ? "the last finite loss was " + format(*details.lastLoss)
                               : "no loss was finite";
    throw Error(ErrorCode::diverged,
                std::string(error.what()) + ": " + at + "; " + advice(problem, options, details),
                details);
  }
  if (!allFinite(result.theta) || !std::isfinite(result.intercept)) {
    throw Error(ErrorCode::diverged, "The weights are larger than float64 holds: scale X or y",
                {.iteration = result.iterations});
  }
  result.seconds = pace.seconds();
  return result;
}

LossGradient lossGradient(Device& device, const Matrix& X, const Matrix& y,
                          const DescentOptions& options, std::span<double> gradient,
                          const CancelFlag& cancelled) {
  const Problem problem{X, y, options.objective};
  checkTargets(options.objective, y.summary());
  const auto run = device.begin(problem, {}, cancelled);
  run->setTheta(options.theta, options.intercept);
  LossGradient result{};
  result.loss = run->gradient(gradient, result.intercept);
  return result;
}

}  // namespace thalweg
