#include "curvature.h"

#include <utility>

#include "learning_rate.h"

namespace thalweg {

std::optional<Cholesky> curvatureOf(const CrossProducts& gram, const Objective& objective,
                                    const CancelFlag& cancelled) {
  // Columns that depend on each other are to have a curvature too, if a small one.
  constexpr double leastShare = 1e-11;
  const std::size_t unknowns = gram.unknowns();
  std::vector<double> matrix = gram.products();
  const double scale = curvature(objective, 1) / gram.totalWeight();
  for (double& value : matrix) value *= scale;
  for (std::size_t j = 0; j < unknowns; ++j) {
    double& diagonal = matrix[j * (unknowns + 1)];
    if (j < gram.columns()) diagonal += objective.l2;
    diagonal *= 1 + leastShare;
    if (diagonal == 0) diagonal = 1;
  }
  return Cholesky::of(std::move(matrix), unknowns, leastShare / 4, cancelled);
}

}  // namespace thalweg
