#include "device_of_ranks.h"

#include "run_of_ranks.h"

namespace thalweg {

std::unique_ptr<Run> DeviceOfRanks::begin(const Problem& problem, const RunOptions& options,
                                          const CancelFlag& cancelled) {
  return std::make_unique<RunOfRanks>(here_, ranks_, problem, options, cancelled);
}

std::vector<double> DeviceOfRanks::gram(const Problem& problem, const CancelFlag& cancelled) {
  const std::size_t width = problem.X.columns() + 1 + problem.y.columns();
  std::vector<double> products =
      problem.countsHere() ? here_.gram(problem, cancelled) : std::vector<double>(width * width);
  ranks_.sum(products);
  return products;
}

}  // namespace thalweg
