#include "loss_over_rows.h"

#include "cross_products.h"
#include "curvature.h"

namespace thalweg {

std::optional<LeastSquares> LossOfRun::leastSquares(const CancelFlag& cancelled) {
  return LeastSquares::of(device_, problem_, cancelled);
}

std::optional<Cholesky> LossOfRun::curvature(const CancelFlag& cancelled) {
  if (unknownsOf(problem_) > mostGramColumns) return {};
  return curvatureOf(CrossProducts(device_, problem_, cancelled), problem_.objective, cancelled);
}

}  // namespace thalweg
