#include <algorithm>
#include <span>
#include <utility>

#include "row_draws.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// Draws are made in slices, so that an epoch of a billion rows needs no billion indices at once.
constexpr std::uint64_t drawsPerSlice = std::uint64_t{1} << 16U;
static_assert(drawsPerSlice % Run::stepGrain == 0);

/// The steps over a slice of rows of which `done` were taken before, in the epoch of that number.
void stepsOver(const Descending& descending, Run& run, const RowDraws& draws,
               std::span<const std::uint32_t> rows, std::uint64_t done, std::uint64_t epoch,
               DescentResult& result) {
  const std::uint64_t grain = run.grain(1);
  while (done < rows.size()) {
    const std::uint64_t paced = descending.pace.chunk(rows.size() - done, rows.size());
    const std::uint64_t steps = std::min(Run::inGrains(paced, grain), rows.size() - done);
    run.sequentialSteps(rows.subspan(done, steps), 1,
                        descending.rates.of(descending.stage(epoch, result.iterations), steps));
    std::ignore = run.wait(result.loss);
    done += steps;
    result.iterations += steps;
    descending.pace.throwIfCancelled();
    keepIfDue(descending, run, draws, done, epoch, result);
  }
}

}  // namespace

void descendStochastic(const Descending& descending, Run& run, DescentResult& result) {
  const std::uint64_t m = descending.problem.countedRows();
  const bool shuffle = descending.options.sampling == Sampling::shuffle;
  const std::uint64_t epochs = descending.options.passes;
  const DrawState begin = drawsOf(descending.options);
  const auto windows = descending.windows(1);
  const std::uint64_t most = windows ? windows->windowRows : shuffle ? m : drawsPerSlice;
  RowDraws draws({.epochs = epochs,
                  .epochRows = m,
                  .sliceRows = std::min(m, most),
                  .rows = descending.countedRows(),
                  .permuted = shuffle,
                  .windows = windows,
                  .firstEpoch = descending.begin.passes,
                  .ahead = descending.mayPrepare(run, 1),
                  .isAsked = descending.pace.keepsStates()},
                 begin);
  std::uint64_t before = begin.before;
  std::uint64_t done = begin.done;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    while (before < m) {
      const std::span<const std::uint32_t> slice = draws.next();
      run.expectRows(slice);
      stepsOver(descending, run, draws, slice, std::exchange(done, 0), epoch, result);
      before += slice.size();
    }
    before = 0;
    if (!endEpoch(descending, run, epoch, m, result)) break;
    keepIfDue(descending, run, draws, epoch, result);
  }
  finishEpochs(descending, run, draws, result);
}

}  // namespace thalweg
