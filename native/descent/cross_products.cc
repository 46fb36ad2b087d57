#include "cross_products.h"

namespace thalweg {
namespace {

/// Of more columns it is not kept: it takes as much memory as that many rows.
constexpr std::size_t mostKeptColumns = 512;

bool isOf(const KnownGram& known, const Problem& problem) {
  const Weights* const weights = problem.weights;
  return !known.values.empty() && known.y.lock() == problem.y.identity() &&
         known.isWeighted == (weights != nullptr) &&
         (weights == nullptr || known.weights.lock() == weights->values.identity());
}

}  // namespace

std::vector<double> CrossProducts::gramOf(Device& device, const Problem& problem,
                                          const CancelFlag& cancelled) {
  // Of all ranks, it is not X's.
  if (problem.all != nullptr) return device.gram(problem, cancelled);
  KnownGram& known = problem.X.knownGram();
  if (isOf(known, problem)) return known.values;
  known = {};
  std::vector<double> values = device.gram(problem, cancelled);
  if (problem.X.columns() > mostKeptColumns) return values;
  known.y = problem.y.identity();
  known.isWeighted = problem.weights != nullptr;
  if (known.isWeighted) known.weights = problem.weights->values.identity();
  known.values = values;
  return values;
}

}  // namespace thalweg
