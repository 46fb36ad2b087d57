#pragma once

#include <algorithm>
#include <cmath>

#include "../counts.h"
#include "descent.h"
#include "loss_over_rows.h"
#include "pace.h"
#include "windows.h"

// The descents behind `descend`, one file each. All of them start from a run that holds θ and leave
// their losses and their count of steps in the result; what they have in common is in descent.cc.

namespace thalweg {

/// What every strategy works on.
struct Descending {
  Device& device;
  const Problem& problem;
  const DescentOptions& options;
  LearningRates& rates;  ///< not of L-BFGS
  Pace& pace;
  Validation* validation;  ///< null: none
  DescentState begin;      ///< where this descent begins; all zeros but θ and b of a new one

  /// After so many passes and steps of this descent, of the whole.
  [[nodiscard]] Stage stage(std::uint64_t passes, std::uint64_t steps) const noexcept {
    return {.passes = begin.passes + passes, .steps = begin.steps + steps};
  }
  /// Whether several ranks agree on how long it takes, each time that it is asked.
  [[nodiscard]] bool agreesOnTime() const {
    return device.ranks() != nullptr && std::isfinite(options.maxSeconds);
  }
  /// Whether the time is up, which then ends the descent: of several ranks by the clock of the
  /// first.
  [[nodiscard]] bool isLate(DescentResult& result) const {
    bool isUp = pace.seconds() >= options.maxSeconds;
    if (agreesOnTime()) {
      Ranks& ranks = *device.ranks();
      isUp = ranks.largest(isUp && ranks.rank() == 0 ? 1 : 0) > 0;
    }
    if (isUp) result.stopped = Stop::early;
    return isUp;
  }
  /// Of batch, where both are the same.
  [[nodiscard]] Stage stageOf(std::uint64_t iterations) const noexcept {
    return stage(iterations, iterations);
  }

  /// Where the run stands then; of sequential ones the draws are to be added.
  [[nodiscard]] DescentState stateOf(Run& run, const Stage& stage,
                                     const DescentResult& result) const;
  /// The same of θ, b and moments that are at hand.
  [[nodiscard]] DescentState stateAt(std::span<const double> theta,
                                     std::span<const double> intercepts,
                                     std::vector<double> moments, const Stage& stage,
                                     const DescentResult& result) const;
  /// Whether the run goes on after so many passes of the whole; validates it where that is due.
  [[nodiscard]] bool validated(Run& run, std::uint64_t passes, DescentResult& result) const;
  [[nodiscard]] bool validated(std::span<const double> theta, std::span<const double> intercepts,
                               std::uint64_t passes, DescentResult& result) const;

  /// The rows that count, where they are not all; those of several ranks are numbered without the
  /// others.
  [[nodiscard]] std::span<const std::uint32_t> countedRows() const noexcept {
    if (problem.weights == nullptr || problem.all != nullptr) return {};
    return problem.weights->rows;
  }

  /// Of steps over so many rows; none where X is in the device's memory.
  [[nodiscard]] std::optional<Windows> windows(std::uint64_t batchSize) const {
    return windowsOf(problem.X, batchSize, options.seed);
  }

  /// Whether another thread may prepare steps of so many rows without keeping them waiting.
  [[nodiscard]] bool mayPrepare(const Run& run, std::uint64_t batchSize) const {
    return device.info().type != DeviceType::cpu || run.leaveProcessorsIdle(batchSize);
  }
};

/// θ ← θ − rate·∇(mean loss over all rows), `passes` times.
void descendBatch(const Descending& descending, Run& run, DescentResult& result);

/// Steps of L-BFGS, at most `passes`, until the gradient says that the optimum is reached or until
/// no more can be had in the dtype's arithmetic.
void descendLbfgs(const Descending& descending, const LbfgsOptions& how, LossOverRows& function,
                  const CancelFlag& cancelled, DescentResult& result);

/// As many single-row steps an epoch as rows count.
void descendStochastic(const Descending& descending, Run& run, DescentResult& result);

/// One permutation an epoch, cut into batches.
void descendMiniBatch(const Descending& descending, Run& run, DescentResult& result);

/// Local SGD: mini-batches over ranks, which each takes from its own rows by itself; what all have
/// come to is averaged every so many steps. With `options.averageEvery` only.
void descendLocally(const Descending& descending, Run& run, const CancelFlag& cancelled,
                    DescentResult& result);

/// The rate for such steps: the smallest of those that are stable on the rows of each rank.
[[nodiscard]] double stableLocalRate(Device& device, const Problem& problem,
                                     const DescentOptions& options, const CancelFlag& cancelled);

/// Whether each rank takes its steps by itself.
[[nodiscard]] inline bool isLocal(const Problem& problem, const DescentOptions& options) noexcept {
  return options.averageEvery.has_value() && problem.all != nullptr;
}

/// Of mini-batches; where ranks take them each by itself, all take as many as the one with most
/// rows.
[[nodiscard]] inline std::uint64_t stepsAnEpoch(const Problem& problem,
                                                const DescentOptions& options) noexcept {
  const std::uint64_t rows =
      isLocal(problem, options) ? problem.all->mostCounted : problem.countedRows();
  return divideUp(rows, std::min(options.batchSize, rows));
}

/// How many numbers the optimiser keeps.
[[nodiscard]] std::size_t momentsOf(const DescentOptions& options, std::size_t columns);

/// Batch steps on AᵀA instead of X: linear activation and squared loss only. Where the fit becomes
/// so close that AᵀA no longer tells the loss, the steps that are left are passes over X.
void descendGram(const Descending& descending, const CancelFlag& cancelled, DescentResult& result);

/// Has a run go on from there.
void setTo(Run& run, const DescentState& state, const DescentOptions& options);

/// The end of an epoch (the first is 0) of so many steps: has the run measure its loss, adds the
/// losses known by now to the result, reports, validates. Returns whether the run goes on.
bool endEpoch(const Descending& descending, Run& run, std::uint64_t epoch, std::uint64_t steps,
              DescentResult& result);

class RowDraws;

/// Within an epoch, when `done` rows of the last slice are: keeps a state where one is due, but not
/// at the end of the epoch, whose loss is still to come.
void keepIfDue(const Descending& descending, Run& run, const RowDraws& draws, std::uint64_t done,
               std::uint64_t epoch, const DescentResult& result);
/// The same after the end of an epoch.
void keepIfDue(const Descending& descending, Run& run, const RowDraws& draws, std::uint64_t epoch,
               const DescentResult& result);

/// After the last epoch: leaves the state in the result.
void finishEpochs(const Descending& descending, Run& run, const RowDraws& draws,
                  DescentResult& result);

/// Where the draws of a descent begin.
[[nodiscard]] DrawState drawsOf(const DescentOptions& options);

/// Throws Error diverged, without its reasons: `descend` knows them.
[[noreturn]] void throwDiverged(const DescentResult& result);

}  // namespace thalweg
