#include "counted_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "../device/slices.h"

namespace thalweg {
namespace {

/// `see(values)` of each row of `matrix` that counts, or of many of them at once.
template <typename See>
void seeCounted(const Problem& problem, const Matrix& matrix, const See& see) {
  if (problem.countsAllHere()) {
    readValues(matrix, [&](std::uint64_t, auto values) { see(values); });
    return;
  }
  auto row = problem.weights->rows.begin();
  const auto end = problem.weights->rows.end();
  const std::uint64_t columns = matrix.columns();
  readValues(matrix, [&](std::uint64_t first, auto values) {
    const std::uint64_t behind = first + values.size() / columns;
    for (; row != end && *row < behind; ++row)
      see(values.subspan((*row - first) * columns, columns));
  });
}

template <typename T>
double largestOf(std::span<const T> values) {
  T largest = 0;
  for (const T value : values) largest = std::max(largest, std::abs(value));
  return static_cast<double>(largest);
}

/// max |value| of the rows of `matrix` that count.
double largestValue(const Problem& problem, const Matrix& matrix) {
  double largest = 0;
  seeCounted(problem, matrix, [&](auto values) { largest = std::max(largest, largestOf(values)); });
  return largest;
}

}  // namespace

double largestTarget(const Problem& problem) {
  if (!problem.countsAllHere()) return largestValue(problem, problem.y);
  const Summary& targets = problem.y.targetSummary();
  return std::max(std::abs(targets.smallest), std::abs(targets.largest));
}

double largestNormSquared(const Problem& problem) {
  const Matrix& X = problem.X;
  if (problem.countsAllHere()) return X.summary().maxRowNormSquared;
  double largest = 0;
  seeCounted(problem, X, [&](auto values) {
    largest = std::max(
        largest, summarize(std::as_bytes(values), X.dtype(), X.columns(), 0).maxRowNormSquared);
  });
  return largest;
}

double longestRow(const Problem& problem) {
  const double squared = largestNormSquared(problem);
  if (std::isfinite(squared) && squared >= std::numeric_limits<double>::min())
    return std::sqrt(squared);
  return largestValue(problem, problem.X) * std::sqrt(static_cast<double>(problem.X.columns()));
}

}  // namespace thalweg
