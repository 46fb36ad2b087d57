#pragma once

#include "descent.h"
#include "pace.h"

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

  /// A step of batch.
  [[nodiscard]] static Stage stageOf(std::uint64_t iteration) noexcept {
    return {.passes = iteration, .steps = iteration};
  }
  /// Whether the time is up, which then ends the descent.
  [[nodiscard]] bool isLate(DescentResult& result) const {
    if (pace.seconds() < options.maxSeconds) return false;
    result.stopped = Stop::early;
    return true;
  }
  /// Whether another thread may prepare steps of so many rows without keeping them waiting.
  [[nodiscard]] bool mayPrepare(const Run& run, std::uint64_t batchSize) const {
    return device.info().type != DeviceType::cpu || run.leaveProcessorsIdle(batchSize);
  }
};

/// θ ← θ − rate·∇(mean loss over all rows), `passes` times.
void descendBatch(const Descending& descending, Run& run, DescentResult& result);

/// Steps of L-BFGS, at most `passes`, until the gradient says that the optimum is reached or until
/// no more can be had in the dtype's arithmetic. `run` is for plain steps; where it is does not
/// matter.
void descendLbfgs(const Descending& descending, const LbfgsOptions& how, Run& run,
                  DescentResult& result);

/// m single-row steps an epoch.
void descendStochastic(const Descending& descending, Run& run, DescentResult& result);

/// One permutation an epoch, cut into batches.
void descendMiniBatch(const Descending& descending, Run& run, DescentResult& result);

/// Batch steps on AᵀA instead of X: linear activation and squared loss only. Where the fit becomes
/// so close that AᵀA no longer tells the loss, the steps that are left are passes over X.
void descendGram(const Descending& descending, const CancelFlag& cancelled, DescentResult& result);

/// The end of an epoch (the first is 0), whose loss the run has been told to measure: adds the
/// losses known by now to the result, reports. Returns whether the run goes on.
bool endEpoch(const Descending& descending, Run& run, std::uint64_t epoch, DescentResult& result);

/// Throws Error diverged, without its reasons: `descend` knows them.
[[noreturn]] void throwDiverged(const DescentResult& result);

}  // namespace thalweg
