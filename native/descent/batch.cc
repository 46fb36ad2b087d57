#include <algorithm>

#include "strategies.h"

namespace thalweg {

void descendBatch(const Descending& descending, Run& run, DescentResult& result) {
  const auto& [device, problem, options, rates, pace, validation, begin] = descending;
  const std::uint64_t iterations = options.passes;
  while (result.loss.size() < iterations && !descending.isLate(result)) {
    const Stage stage = descending.stageOf(result.loss.size());
    std::uint64_t left = iterations - result.loss.size();
    if (validation != nullptr) left = validation->until(stage.passes, left);
    // Ranks that agree on the time must ask for it after the same steps.
    const std::uint64_t paced =
        descending.agreesOnTime() ? 1 : pace.chunk(left, Run::lossesPerWait);
    const std::uint64_t steps = std::min(left, std::max(paced, run.leastSteps()));
    run.batchSteps(steps, rates.of(stage, steps));
    const RunStatus status = run.wait(result.loss);
    // A loss that is not finite takes no step.
    result.iterations = result.loss.size() - (status.halt == Halt::diverged ? 1 : 0);
    if (status.halt == Halt::diverged) throwDiverged(result);
    if (status.halt == Halt::converged) result.stopped = Stop::converged;
    const std::uint64_t passes = begin.passes + result.iterations;
    if (!descending.validated(run, passes, result) || result.stopped == Stop::converged) break;
    pace.report(result.iterations, result.loss.back());
    if (pace.isStateDue())
      pace.keep(descending.stateOf(run, descending.stageOf(result.iterations), result));
  }
  result.state = descending.stateOf(run, descending.stageOf(result.iterations), result);
}

}  // namespace thalweg
