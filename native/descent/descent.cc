#include "descent.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "../device/host_step.h"
#include "../error.h"
#include "../text.h"
#include "counted_rows.h"
#include "learning_rate.h"
#include "pace.h"
#include "row_draws.h"
#include "row_weights.h"
#include "scaling.h"
#include "start.h"
#include "strategies.h"
#include "targets.h"
#include "windowed_run.h"

namespace thalweg {
namespace {

bool allFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

/// A cosine that is told no period takes what the warm-up leaves of the descent.
Schedule scheduleOf(const Problem& problem, const DescentOptions& options) {
  Schedule schedule = options.schedule;
  if (schedule.period > 0) return schedule;
  std::uint64_t steps = 1;
  if (schedule.perStep && options.strategy == Strategy::stochastic) steps = problem.countedRows();
  if (schedule.perStep && options.strategy == Strategy::miniBatch)
    steps = stepsAnEpoch(problem, options);
  const std::uint64_t passes = options.passes + (options.from ? options.from->passes : 0);
  const double units = static_cast<double>(passes) * static_cast<double>(steps);
  schedule.period = std::max(1.0, units - schedule.warmUp);
  return schedule;
}

/// A run; of steps in an order of chance over an X that is elsewhere, by windows.
std::unique_ptr<Run> begun(const Descending& descending, const CancelFlag& cancelled) {
  const Strategy strategy = descending.options.strategy;
  const RunOptions& options = descending.options.run;
  const std::uint64_t rows = strategy == Strategy::stochastic ? 1 : descending.options.batchSize;
  const auto windows = descending.windows(rows);
  if (strategy == Strategy::batch || !windows)
    return descending.device.begin(descending.problem, options, cancelled);
  if (descending.device.ranks() != nullptr) {
    throw Error(ErrorCode::invalidArgument,
                "Mini-batches over several ranks take rows that are in the device's memory: use "
                "residency 'device', more ranks, or a batch descent",
                {.option = "residency"});
  }
  const Window first{descending.begin.passes, drawsOf(descending.options).before};
  return std::make_unique<WindowedRun>(descending.device, descending.problem, options, *windows,
                                       first, descending.options.passes, cancelled);
}

DescentResult descendAt(Device& device, const Problem& problem, const Scaling& scaling,
                        double learningRate, Pace& pace, const CancelFlag& cancelled) {
  const DescentOptions& options = scaling.options();
  DescentResult result;
  result.plan = options.plan;
  if (!options.lbfgs) result.learningRate = learningRate;
  LearningRates rates(scheduleOf(problem, options), learningRate);
  std::optional<Validation> validation;
  if (const auto& held = scaling.held())
    validation.emplace(device, *held, options.stopping,
                       options.from ? options.from->best : std::nullopt, cancelled);
  const Descending descending{device,
                              problem,
                              options,
                              rates,
                              pace,
                              validation ? &*validation : nullptr,
                              options.from.value_or(DescentState{
                                  .theta = options.theta, .intercepts = options.intercepts})};
  if (options.plan == Plan::gram) {
    descendGram(descending, cancelled, result);
  } else {
    const auto run = begun(descending, cancelled);
    setTo(*run, descending.begin, options);
    switch (options.strategy) {
      case Strategy::batch:
        if (options.lbfgs) {
          LossOfRun function(device, *run, problem);
          descendLbfgs(descending, *options.lbfgs, function, cancelled, result);
        } else {
          descendBatch(descending, *run, result);
        }
        break;
      case Strategy::stochastic: descendStochastic(descending, *run, result); break;
      case Strategy::miniBatch:
        if (isLocal(problem, options)) {
          descendLocally(descending, *run, cancelled, result);
        } else {
          descendMiniBatch(descending, *run, result);
        }
        break;
    }
  }
  result.theta = result.state.theta;
  result.intercepts = result.state.intercepts;
  if (!allFinite(result.theta) || !allFinite(result.intercepts)) throwDiverged(result);
  if (validation) {
    result.validationLoss = validation->losses();
    result.best = validation->best();
    validation->restore(result.theta, result.intercepts);
  }
  return result;
}

/// The loss at θ and b.
double lossAt(Device& device, const Problem& problem, const std::vector<double>& theta,
              const std::vector<double>& intercepts, const CancelFlag& cancelled) {
  const auto run = device.begin(problem, {}, cancelled);
  run->setTheta(theta, intercepts);
  run->measureLoss();
  std::vector<double> losses;
  std::ignore = run->wait(losses);
  return losses.front();
}

/// The loss where a descent ended, of which a batch descent does not tell.
double lossAtEnd(Device& device, const Problem& problem, const DescentOptions& options,
                 const DescentResult& result, const CancelFlag& cancelled) {
  if (options.strategy != Strategy::batch) return result.loss.back();
  return lossAt(device, problem, result.theta, result.intercepts, cancelled);
}

double epsilonOf(Dtype dtype) noexcept {
  return dtype == Dtype::float32 ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                 : std::numeric_limits<double>::epsilon();
}

/// A descent at a rate that is stable for these data. Where that is not certain to keep the loss
/// below its start (a guessed rate, a kink, the noise of random rows), a descent that diverges or
/// ends above its start begins anew with a quarter of the rate.
DescentResult descendAtStableRate(Device& device, const Problem& problem, const Scaling& scaling,
                                  Pace& pace, const CancelFlag& cancelled) {
  const DescentOptions& options = scaling.options();
  double learningRate = isLocal(problem, options)
                            ? stableLocalRate(device, problem, options, cancelled)
                            : stableLearningRate(device, problem, options, cancelled);
  const int retries = retriesAtSmallerRates(options);
  if (retries == 0) return descendAt(device, problem, scaling, learningRate, pace, cancelled);
  const double start = lossAt(device, problem, options.theta, options.intercepts, cancelled);
  // A rounding is no rise.
  const double most = start + 4 * std::abs(start) * epsilonOf(problem.X.dtype());
  for (int retry = 0;; ++retry, learningRate /= 4) {
    const bool last = retry == retries || !std::isfinite(start);
    try {
      DescentResult result = descendAt(device, problem, scaling, learningRate, pace, cancelled);
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
  // One that goes on keeps the rate that was found for its first steps.
  std::optional<double> rate = options.lbfgs ? 0 : options.learningRate;
  if (!rate && options.from) rate = options.from->learningRate;
  DescentResult result = rate ? descendAt(device, problem, scaling, *rate, pace, cancelled)
                              : descendAtStableRate(device, problem, scaling, pace, cancelled);
  scaling.restore(result);
  return result;
}

/// What to do about a descent that diverged, which the rate is not always to blame for.
std::string advice(Device& device, const Problem& problem, const DescentOptions& options,
                   const ErrorDetails& details) {
  const std::string dtype = problem.X.dtype() == Dtype::float32 ? "float32" : "float64";
  if (problem.objective.loss == Loss::squared && degreeOfScaling(problem.objective) == 0 &&
      squaresOverflow(device, problem)) {
    return "the squares of targets as large as " +
           format(largestOver(device, largestTarget(problem))) + " are more than " + dtype +
           " holds: divide y by a power of ten" +
           (problem.X.dtype() == Dtype::float32 ? ", or use dtype 'float64'" : "");
  }
  if (options.lbfgs) return "scale the features, or begin elsewhere with initialTheta";
  if (!options.learningRate) return "scale the features, or give a learningRate of your own";
  if (featureExponent(device, problem) != 0) {
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

bool endEpoch(const Descending& descending, Run& run, std::uint64_t epoch, std::uint64_t steps,
              DescentResult& result) {
  const DescentOptions& options = descending.options;
  // Whoever wants the loss at the end of an epoch gets it then; no state is kept of weights that
  // have diverged.
  const bool isAsked = options.run.tolerance >= 0 || descending.pace.reports() ||
                       descending.pace.keepsStates() || descending.validation != nullptr ||
                       std::isfinite(options.maxSeconds);
  const bool last = epoch + 1 == options.passes;
  if (last || isAsked) {
    run.measureLoss();
  } else {
    run.measureLossWithNextEpoch();
  }
  const RunStatus status = run.wait(result.loss);
  if (status.halt == Halt::diverged) {
    // The loss may be that of an earlier epoch, after which no step counts.
    result.iterations -= (epoch + 1 - result.loss.size()) * steps;
    throwDiverged(result);
  }
  if (status.halt == Halt::converged) result.stopped = Stop::converged;
  if (!descending.validated(run, descending.begin.passes + epoch + 1, result)) return false;
  if (!result.loss.empty()) descending.pace.report(result.loss.size(), result.loss.back());
  return result.stopped == Stop::completed && (last || !descending.isLate(result));
}

DrawState drawsOf(const DescentOptions& options) {
  if (options.from) return options.from->draws;
  return {.generator = MersenneTwister(options.seed).state()};
}

void keepIfDue(const Descending& descending, Run& run, const RowDraws& draws, std::uint64_t done,
               std::uint64_t epoch, const DescentResult& result) {
  if (!descending.pace.isStateDue() || draws.endsEpoch(done)) return;
  DescentState state = descending.stateOf(run, descending.stage(epoch, result.iterations), result);
  state.draws = draws.after(done);
  descending.pace.keep(std::move(state));
}

void keepIfDue(const Descending& descending, Run& run, const RowDraws& draws, std::uint64_t epoch,
               const DescentResult& result) {
  if (!descending.pace.isStateDue()) return;
  const Stage stage = descending.stage(epoch + 1, result.iterations);
  DescentState state = descending.stateOf(run, stage, result);
  state.draws = draws.atEnd();
  descending.pace.keep(std::move(state));
}

void finishEpochs(const Descending& descending, Run& run, const RowDraws& draws,
                  DescentResult& result) {
  const Stage stage = descending.stage(result.loss.size(), result.iterations);
  result.state = descending.stateOf(run, stage, result);
  result.state.draws = draws.atEnd();
}

std::size_t momentsOf(const DescentOptions& options, std::size_t columns) {
  return HostStep(options.objective, options.run.optimizer, columns).moments().size();
}

namespace {

/// Refuses a state that is not of as many numbers as this descent needs.
void checkFrom(const DescentOptions& options, std::size_t columns) {
  if (!options.from || options.from->moments.empty() || options.lbfgs) return;
  if (options.from->moments.size() == momentsOf(options, columns)) return;
  throw Error(ErrorCode::state, "the state's \"moments\" are not those of this optimizer",
              {.option = "resumeFrom"});
}

}  // namespace

void setTo(Run& run, const DescentState& state, const DescentOptions& options) {
  run.setTheta(state.theta, state.intercepts);
  if (!options.lbfgs && !state.moments.empty()) run.setMoments(state.moments, state.steps);
  if (state.lastLoss && options.run.tolerance >= 0) run.setLossBefore(*state.lastLoss);
}

DescentState Descending::stateOf(Run& run, const Stage& stage, const DescentResult& result) const {
  std::vector<double> theta(begin.theta.size());
  std::vector<double> intercepts(begin.intercepts.size());
  run.readTheta(theta, intercepts);
  std::vector<double> moments(momentsOf(options, problem.X.columns()));
  if (!moments.empty()) run.readMoments(moments);
  return stateAt(theta, intercepts, std::move(moments), stage, result);
}

DescentState Descending::stateAt(std::span<const double> theta, std::span<const double> intercepts,
                                 std::vector<double> moments, const Stage& stage,
                                 const DescentResult& result) const {
  DescentState state;
  state.theta.assign(theta.begin(), theta.end());
  state.intercepts.assign(intercepts.begin(), intercepts.end());
  state.moments = std::move(moments);
  state.steps = stage.steps;
  state.passes = stage.passes;
  state.learningRate = rates.initial();
  state.lastLoss = begin.lastLoss;
  if (!result.loss.empty()) state.lastLoss = result.loss.back();
  state.byPasses = begin.byPasses;
  if (validation != nullptr) state.best = validation->best();
  return state;
}

bool Descending::validated(std::span<const double> theta, std::span<const double> intercepts,
                           std::uint64_t passes, DescentResult& result) const {
  if (validation == nullptr || !validation->isDue(passes)) return true;
  if (validation->judge(theta, intercepts, passes)) return true;
  // At the optimum it is there, whatever other rows say.
  if (result.stopped == Stop::completed) result.stopped = Stop::early;
  return false;
}

bool Descending::validated(Run& run, std::uint64_t passes, DescentResult& result) const {
  if (validation == nullptr || !validation->isDue(passes)) return true;
  std::vector<double> theta(begin.theta.size());
  std::vector<double> intercepts(begin.intercepts.size());
  run.readTheta(theta, intercepts);
  return validated(theta, intercepts, passes, result);
}

DescentResult descend(Device& device, const Data& data, const Held* held,
                      const DescentOptions& given, const Control& control) {
  const DescentOptions options = completed(given, data, device);
  checkTargets(options.objective, data.y);
  checkFrom(options, data.X.columns());
  const RowWeights weights(device, data.weights, control.cancelled);
  const auto all = allRowsOf(device, data.X, weights.get());
  const Problem problem{data.X, data.y, options.objective, weights.get(), all ? &*all : nullptr};
  if (held != nullptr) checkTargets(options.objective, held->y, "validation.y");
  const Scaling scaling(device, problem, held, options, control.cancelled);
  Control scaled{control.cancelled, nullptr};
  if (control.report)
    scaled.report = [&](const Progress& progress) {
      control.report({progress.passes, scaling.loss(progress.loss), progress.seconds});
    };
  if (control.checkpoint) {
    scaled.checkpointSeconds = control.checkpointSeconds;
    scaled.checkpoint = [&](DescentState state) {
      scaling.describe(state);
      control.checkpoint(std::move(state));
    };
  }
  Pace pace(scaled);
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
    throw Error(
        ErrorCode::diverged,
        std::string(error.what()) + ": " + at + "; " + advice(device, problem, options, details),
        details);
  }
  if (!allFinite(result.theta) || !allFinite(result.intercepts)) {
    throw Error(ErrorCode::diverged, "The weights are larger than float64 holds: scale X or y",
                {.iteration = result.iterations});
  }
  result.seconds = pace.seconds();
  return result;
}

LossGradient lossGradient(Device& device, const Data& data, const DescentOptions& given,
                          const CancelFlag& cancelled) {
  const DescentOptions options = completed(given, data, device, {"theta", "intercept"});
  checkTargets(options.objective, data.y);
  const RowWeights weights(device, data.weights, cancelled);
  const auto all = allRowsOf(device, data.X, weights.get());
  const Problem problem{data.X, data.y, options.objective, weights.get(), all ? &*all : nullptr};
  const auto run = device.begin(problem, {}, cancelled);
  run->setTheta(options.theta, options.intercepts);
  LossGradient result{};
  result.gradient.resize(options.theta.size());
  result.intercepts.resize(options.intercepts.size());
  result.loss = run->gradient(result.gradient, result.intercepts);
  return result;
}

}  // namespace thalweg
