#include <span>
#include <vector>

#include "index_stream.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// Draws are made a slice ahead of the steps, so that an epoch of a billion rows needs no billion
/// indices at once.
constexpr std::uint64_t drawsPerSlice = std::uint64_t{1} << 20U;

void epochOf(const Descending& descending, Run& run, std::span<const std::uint32_t> rows,
             DescentResult& result) {
  std::uint64_t done = 0;
  while (done < rows.size()) {
    const std::uint64_t steps = descending.pace.chunk(rows.size() - done, rows.size());
    run.sequentialSteps(rows.subspan(done, steps), 1, descending.learningRate);
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
  std::vector<std::uint32_t> rows(shuffle ? m : std::min(m, drawsPerSlice));
  for (std::uint64_t epoch = 0; epoch < descending.options.passes; ++epoch) {
    for (std::uint64_t drawn = 0; drawn < m; drawn += rows.size()) {
      const auto slice = std::span(rows).first(std::min<std::uint64_t>(rows.size(), m - drawn));
      if (shuffle) {
        stream.permutation(slice);
      } else {
        stream.randint(static_cast<std::uint32_t>(m), slice);
      }
      epochOf(descending, run, slice, result);
    }
    if (!endEpoch(descending, run, result)) return;
  }
}

}  // namespace thalweg
