#include "run_of_ranks.h"

#include <algorithm>

#include "../error.h"

namespace thalweg {
namespace {

Problem withoutPenalty(Problem problem) {
  problem.objective.l1 = problem.objective.l2 = 0;
  return problem;
}

}  // namespace

RunOfRanks::RunOfRanks(Device& here, Ranks& ranks, const Problem& problem,
                       const RunOptions& options, const CancelFlag& cancelled)
    : here_(here),
      ranks_(ranks),
      objective_(problem.objective),
      share_(withoutPenalty(problem)),
      run_(problem.countsHere() ? here.begin(share_, {}, cancelled) : nullptr),
      meanWeight_(problem.meanWeight()),
      cancelled_(cancelled),
      step_(objective_, options.optimizer, problem.X.columns()),
      halt_(options.tolerance),
      theta_(problem.X.columns() * objective_.outputs),
      intercepts_(objective_.outputs),
      sums_(theta_.size() + intercepts_.size() + 1) {}

void RunOfRanks::setTheta(std::span<const double> theta, std::span<const double> intercepts) {
  theta_.assign(theta.begin(), theta.end());
  intercepts_.assign(intercepts.begin(), intercepts.end());
}

void RunOfRanks::setMoments(std::span<const double> moments, std::uint64_t taken) {
  step_.restore(moments, taken);
}

void RunOfRanks::readMoments(std::span<double> moments) {
  std::copy(step_.moments().begin(), step_.moments().end(), moments.begin());
}

double RunOfRanks::pass() {
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  const std::span sums(sums_);
  if (run_) {
    run_->setTheta(theta_, intercepts_);
    sums_.back() =
        run_->gradient(sums.first(theta_.size()), sums.subspan(theta_.size(), intercepts_.size()));
  } else {
    std::fill(sums_.begin(), sums_.end(), 0.0);
  }
  ranks_.sum(sums_);
  return sums_.back();
}

void RunOfRanks::record(double loss) {
  halt_.see(loss);
  unread_.push_back(loss);
}

void RunOfRanks::batchSteps(std::uint64_t count, StepRates rates) {
  const std::span<const double> sums(sums_);
  for (std::uint64_t k = 0; k < count && !halt_.halted(); ++k) {
    record(pass() + penalty(objective_, theta_));
    if (halt_.status().halt == Halt::diverged) return;
    // What the ranks have added up are shares of a mean.
    step_.step(sums.first(theta_.size()), sums.subspan(theta_.size(), intercepts_.size()), 1,
               rates.at(k), theta_, intercepts_, [](std::size_t, double) {});
  }
}

void RunOfRanks::sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                                 StepRates rates) {
  if (halt_.halted()) return;
  if (!batches_) batches_ = std::make_unique<BatchShare>(here_, ranks_, share_, cancelled_);
  const auto sums = std::span(sums_).first(theta_.size() + intercepts_.size());
  const auto gradient = sums.first(theta_.size());
  const auto interceptGradient = sums.subspan(theta_.size());
  std::uint64_t taken = 0;
  for (std::uint64_t first = 0; first < rows.size(); first += batchSize) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const auto batch = rows.subspan(first, std::min<std::uint64_t>(batchSize, rows.size() - first));
    batches_->sum(batch, theta_, intercepts_, gradient, interceptGradient);
    ranks_.sum(sums);
    step_.step(gradient, interceptGradient, static_cast<double>(batch.size()) * meanWeight_,
               rates.at(taken++), theta_, intercepts_, [](std::size_t, double) {});
  }
}

void RunOfRanks::measureLoss() {
  if (!halt_.halted()) record(pass() + penalty(objective_, theta_));
}

RunStatus RunOfRanks::wait(std::vector<double>& losses) {
  losses.insert(losses.end(), unread_.begin(), unread_.end());
  unread_.clear();
  return halt_.status();
}

void RunOfRanks::readTheta(std::span<double> theta, std::span<double> intercepts) {
  std::copy(theta_.begin(), theta_.end(), theta.begin());
  std::copy(intercepts_.begin(), intercepts_.end(), intercepts.begin());
}

double RunOfRanks::gradient(std::span<double> gradient, std::span<double> interceptGradient) {
  const double loss = pass();
  const auto by = penalties<HostMath>(objective_);
  for (std::size_t j = 0; j < theta_.size(); ++j)
    gradient[j] = HostMath::penalised_slope(by, sums_[j], theta_[j]);
  for (std::size_t k = 0; k < interceptGradient.size(); ++k)
    interceptGradient[k] = objective_.fitIntercept ? sums_[theta_.size() + k] : 0;
  return loss + penalty(objective_, theta_);
}

}  // namespace thalweg
