#include <algorithm>
#include <span>

#include "../counts.h"
#include "row_draws.h"
#include "strategies.h"

namespace thalweg {

void descendMiniBatch(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t m = descending.problem.countedRows();
  const std::uint64_t batchSize = std::min(descending.options.batchSize, m);
  const std::uint64_t batches = divideUp(m, batchSize);
  const std::uint64_t epochs = descending.options.passes;
  const DrawState begin = drawsOf(descending.options);
  const auto windows = descending.windows(batchSize);
  RowDraws draws({.epochs = epochs,
                  .epochRows = m,
                  .sliceRows = windows ? std::min(m, windows->windowRows) : m,
                  .rows = descending.countedRows(),
                  .permuted = true,
                  .windows = windows,
                  .firstEpoch = descending.begin.passes,
                  .ahead = descending.mayPrepare(run, batchSize),
                  .isAsked = descending.pace.keepsStates()},
                 begin);
  const std::uint64_t grain = run.grain(batchSize);
  std::uint64_t before = begin.before;
  std::uint64_t batch = begin.done / batchSize;  // of a slice
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    while (before < m) {
      const std::span<const std::uint32_t> order = draws.next();
      const std::uint64_t inSlice = divideUp(order.size(), batchSize);
      run.expectRows(order);
      while (batch < inSlice) {
        const std::uint64_t paced = descending.pace.chunk(inSlice - batch, batches);
        const std::uint64_t count = std::min(Run::inGrains(paced, grain), inSlice - batch);
        const std::uint64_t first = batch * batchSize;
        const std::uint64_t rows = std::min(count * batchSize, order.size() - first);
        run.sequentialSteps(order.subspan(first, rows), batchSize,
                            descending.rates.of(descending.stage(epoch, result.iterations), count));
        std::ignore = run.wait(result.loss);
        batch += count;
        result.iterations += count;
        descending.pace.throwIfCancelled();
        keepIfDue(descending, run, draws, first + rows, epoch, result);
      }
      batch = 0;
      before += order.size();
    }
    before = 0;
    if (!endEpoch(descending, run, epoch, batches, result)) break;
    keepIfDue(descending, run, draws, epoch, result);
  }
  finishEpochs(descending, run, draws, result);
}

}  // namespace thalweg
