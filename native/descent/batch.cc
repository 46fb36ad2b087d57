#include <algorithm>

#include "strategies.h"

namespace thalweg {

void descendBatch(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t iterations = descending.options.passes;
  while (result.loss.size() < iterations && !descending.isLate(result)) {
    const std::uint64_t left = iterations - result.loss.size();
    const std::uint64_t paced = descending.pace.chunk(left, Run::lossesPerWait);
    const std::uint64_t steps = std::min(left, std::max(paced, run.leastSteps()));
    run.batchSteps(steps, descending.rates.of(Descending::stageOf(result.loss.size()), steps));
    const RunStatus status = run.wait(result.loss);
    // A loss that is not finite takes no step.
    result.iterations = result.loss.size() - (status.halt == Halt::diverged ? 1 : 0);
    if (status.halt == Halt::diverged) throwDiverged(result);
    if (status.halt == Halt::converged) {
      result.stopped = Stop::converged;
      return;
    }
    descending.pace.report(result.iterations, result.loss.back());
  }
}

}  // namespace thalweg
