#include "cholesky.h"

#include <cmath>

#include "../error.h"

namespace thalweg {

std::optional<Cholesky> Cholesky::of(std::vector<double> matrix, std::size_t order,
                                     double leastPivot, const CancelFlag& cancelled) {
  for (std::size_t p = 0; p < order; ++p) {
    double* const row = &matrix[p * order];
    const double diagonal = row[p];
    for (std::size_t k = 0; k < p; ++k) {
      const double* const above = &matrix[k * order];
      for (std::size_t q = p; q < order; ++q) row[q] -= above[p] * above[q];
    }
    if (!(row[p] > leastPivot * diagonal)) return {};
    const double pivot = std::sqrt(row[p]);
    for (std::size_t q = p; q < order; ++q) row[q] /= pivot;
    if (p % 64 == 0 && cancelled.load(std::memory_order_relaxed)) throw Cancelled();
  }
  return Cholesky(std::move(matrix), order);
}

void Cholesky::solve(std::span<double> b) const noexcept {
  const std::size_t columns = b.size() / order_;
  const auto row = [&](std::size_t p) { return &factor_[p * order_]; };
  const auto divide = [&](std::size_t p) {
    for (std::size_t k = 0; k < columns; ++k) b[p * columns + k] /= row(p)[p];
  };
  const auto subtract = [&](std::size_t p, std::size_t q, double times) {
    for (std::size_t k = 0; k < columns; ++k) b[p * columns + k] -= times * b[q * columns + k];
  };
  for (std::size_t p = 0; p < order_; ++p) {
    divide(p);
    for (std::size_t q = p + 1; q < order_; ++q) subtract(q, p, row(p)[q]);
  }
  for (std::size_t p = order_; p-- > 0;) {
    for (std::size_t q = p + 1; q < order_; ++q) subtract(p, q, row(p)[q]);
    divide(p);
  }
}

}  // namespace thalweg
