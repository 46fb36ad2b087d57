#include <algorithm>
#include <span>

#include "index_stream.h"
#include "row_draws.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// Draws are made in slices, so that an epoch of a billion rows needs no billion indices at once.
constexpr std::uint64_t drawsPerSlice = std::uint64_t{1} << 16U;
static_assert(drawsPerSlice % Run::stepGrain == 0);

void stepsOver(const Descending& descending, Run& run, std::span<const std::uint32_t> rows,
               std::uint64_t epoch, DescentResult& result) {
  std::uint64_t done = 0;
  while (done < rows.size()) {
    const std::uint64_t paced = descending.pace.chunk(rows.size() - done, rows.size());
    const std::uint64_t steps = std::min(Run::inGrains(paced), rows.size() - done);
    run.sequentialSteps(rows.subspan(done, steps), 1,
                        descending.rates.of({.passes = epoch, .steps = result.iterations}, steps));
    std::ignore = run.wait(result.loss);
    done += steps;
    result.iterations += steps;
    descending.pace.throwIfCancelled();
  }
}

}  // namespace

void descendStochastic(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t m = descending.problem.X.rows();
  const bool shuffle = descending.options.sampling == Sampling::shuffle;
  IndexStream stream(descending.options.seed);
  const std::uint64_t epochs = descending.options.passes;
  const std::uint64_t sliceRows = shuffle ? m : std::min(m, drawsPerSlice);
  RowDraws draws({.epochs = epochs,
                  .epochRows = m,
                  .sliceRows = sliceRows,
                  .ahead = descending.mayPrepare(run, 1)},
                 [&](std::span<std::uint32_t> slice) {
                   if (shuffle) {
                     stream.permutation(slice);
                   } else {
                     stream.randint(static_cast<std::uint32_t>(m), slice);
                   }
                 });
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    for (std::uint64_t done = 0; done < m;) {
      const std::span<const std::uint32_t> slice = draws.next();
      stepsOver(descending, run, slice, epoch, result);
      done += slice.size();
    }
    run.measureLoss();
    if (!endEpoch(descending, run, epoch, result)) return;
  }
}

}  // namespace thalweg
