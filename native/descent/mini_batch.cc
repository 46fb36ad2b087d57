#include <algorithm>
#include <cmath>
#include <span>

#include "row_draws.h"
#include "strategies.h"

namespace thalweg {

void descendMiniBatch(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t m = descending.problem.countedRows();
  const std::uint64_t batchSize = std::min(descending.options.batchSize, m);
  const std::uint64_t batches = (m + batchSize - 1) / batchSize;
  const std::uint64_t epochs = descending.options.passes;
  const DrawState begin = drawsOf(descending.options);
  RowDraws draws({.epochs = epochs,
                  .epochRows = m,
                  .sliceRows = m,
                  .rows = descending.countedRows(),
                  .permuted = true,
                  .ahead = descending.mayPrepare(run, batchSize),
                  .isAsked = descending.pace.keepsStates()},
                 begin);
  std::uint64_t batch = begin.done / batchSize;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    const std::span<const std::uint32_t> order = draws.next();
    while (batch < batches) {
      const std::uint64_t count = descending.pace.chunk(batches - batch, batches);
      const std::uint64_t first = batch * batchSize;
      const std::uint64_t rows = std::min(count * batchSize, m - first);
      run.sequentialSteps(order.subspan(first, rows), batchSize,
                          descending.rates.of(descending.stage(epoch, result.iterations), count));
      std::ignore = run.wait(result.loss);
      batch += count;
      result.iterations += count;
      descending.pace.throwIfCancelled();
      keepIfDue(descending, run, draws, first + rows, epoch, result);
    }
    batch = 0;
    // Whoever wants the loss at the end of an epoch gets it then.
    const bool isAsked = descending.options.run.tolerance >= 0 || descending.pace.reports() ||
                         descending.validation != nullptr ||
                         std::isfinite(descending.options.maxSeconds);
    if (epoch + 1 < epochs && !isAsked) {
      run.measureLossWithNextEpoch();
    } else {
      run.measureLoss();
    }
    if (!endEpoch(descending, run, epoch, batches, result)) break;
    keepIfDue(descending, run, draws, epoch, result);
  }
  finishEpochs(descending, run, draws, result);
}

}  // namespace thalweg
