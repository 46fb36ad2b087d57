#include <algorithm>
#include <span>

#include "index_stream.h"
#include "row_draws.h"
#include "strategies.h"

namespace thalweg {

void descendMiniBatch(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t m = descending.problem.X.rows();
  const std::uint64_t batchSize = std::min(descending.options.batchSize, m);
  const std::uint64_t batches = (m + batchSize - 1) / batchSize;
  IndexStream stream(descending.options.seed);
  const std::uint64_t epochs = descending.options.passes;
  RowDraws draws({.epochs = epochs,
                  .epochRows = m,
                  .sliceRows = m,
                  .ahead = descending.mayPrepare(run, batchSize)},
                 [&](std::span<std::uint32_t> order) { stream.permutation(order); });
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    const std::span<const std::uint32_t> order = draws.next();
    for (std::uint64_t batch = 0; batch < batches;) {
      const std::uint64_t count = descending.pace.chunk(batches - batch, batches);
      const std::uint64_t first = batch * batchSize;
      const std::uint64_t rows = std::min(count * batchSize, m - first);
      run.sequentialSteps(
          order.subspan(first, rows), batchSize,
          descending.rates.of({.passes = epoch, .steps = result.iterations}, count));
      std::ignore = run.wait(result.loss);
      batch += count;
      result.iterations += count;
      descending.pace.throwIfCancelled();
    }
    // Whoever wants the loss at the end of an epoch gets it then.
    if (epoch + 1 < epochs && descending.options.run.tolerance < 0 && !descending.pace.reports()) {
      run.measureLossWithNextEpoch();
    } else {
      run.measureLoss();
    }
    if (!endEpoch(descending, run, epoch, result)) return;
  }
}

}  // namespace thalweg
