#include "loss_over_rows.h"

#include "cross_products.h"
#include "curvature.h"
#include "learning_rate.h"

namespace thalweg {

std::optional<LeastSquares> LossOfRun::leastSquares(const CancelFlag& cancelled) {
  return LeastSquares::of(device_, problem_, cancelled);
}

/// The bound of the loss's second derivative by z times the mean of x², and the penalty. Squares
/// are of all rows: they say nothing where some do not count.
std::vector<double> LossOfRun::curvatures() {
  std::vector<double> squares;
  if (problem_.countsAllHere()) squares = problem_.X.squares();
  const std::size_t n = columns();
  if (Ranks* const ranks = device_.ranks()) {
    // All of them have the same or none.
    const bool lacks = squares.empty() && problem_.countsHere();
    squares.resize(n + 1);
    squares[n] = lacks ? 1 : 0;
    ranks->sum(squares);
    if (squares[n] > 0) return {};
  }
  if (squares.empty()) return {};
  const double bend = thalweg::curvature(problem_.objective, 1);
  const auto rows = static_cast<double>(problem_.allRows());
  std::vector<double> found;
  found.reserve(unknowns());
  for (std::size_t j = 0; j < n; ++j)
    found.insert(found.end(), outputs(), bend * squares[j] / rows + problem_.objective.l2);
  found.resize(unknowns(), bend);
  return found;
}

std::optional<Cholesky> LossOfRun::curvature(const CancelFlag& cancelled) {
  if (unknownsOf(problem_) > mostGramColumns) return {};
  return curvatureOf(CrossProducts(device_, problem_, cancelled), problem_.objective, cancelled);
}

}  // namespace thalweg
