#include "least_squares.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "../device/slices.h"
#include "../error.h"

namespace thalweg {
namespace {

using Wide = long double;

/// Up to so many products QR on the host is done in hundredths of a second: AᵀWA would hardly be
/// made sooner.
constexpr double quickProducts = 1 << 23;
/// Up to so many it is done in a fraction of a second, where AᵀWA does not serve.
constexpr double mostProducts = 1 << 27;
constexpr std::size_t mostReflected = 512;
/// A pivot of AᵀA below this share of its diagonal is more rounding than value.
constexpr double leastTrustedPivot = 1e-11;

/// What is left of a column beside those before it, as a share of its length, if it is no more than
/// the rounding of its values.
double leastIndependent(Dtype dtype) noexcept { return dtype == Dtype::float32 ? 1e-6 : 1e-13; }

/// Σw·l2/2: what the penalty adds to the diagonal of AᵀWA.
double ridgeOf(double l2, double totalWeight) noexcept { return l2 * totalWeight / 2; }

/// R of √W[A, y], to which rows are added a few at a time by Householder reflections (Golub and Van
/// Loan, "Matrix Computations", 4th ed., algorithm 5.2.1, on [R; rows]).
class Triangle {
 public:
  explicit Triangle(std::size_t width) : width_(width), values_(width * width), rows_(width) {}

  [[nodiscard]] Wide at(std::size_t p, std::size_t q) const { return values_[p * width_ + q]; }
  [[nodiscard]] std::size_t width() const noexcept { return width_; }

  /// The next row, to be filled.
  void add(std::span<const Wide> row) {
    for (std::size_t q = 0; q < width_; ++q) rows_[q].push_back(row[q]);
    if (rows_.front().size() == together) reflect();
  }

  void reflect() {
    for (std::size_t p = 0; p < width_; ++p) {
      const std::vector<Wide>& column = rows_[p];
      Wide squares = 0;
      for (const Wide value : column) squares += value * value;
      Wide* const top = &values_[p * width_];
      if (squares == 0) continue;
      const Wide length = std::sqrt(top[p] * top[p] + squares);
      const Wide head = top[p] + (top[p] < 0 ? -length : length);
      const Wide scale = 2 / (head * head + squares);
      for (std::size_t q = p + 1; q < width_; ++q) {
        std::vector<Wide>& other = rows_[q];
        Wide along = head * top[q];
        for (std::size_t i = 0; i < column.size(); ++i) along += column[i] * other[i];
        along *= scale;
        top[q] -= along * head;
        for (std::size_t i = 0; i < column.size(); ++i) other[i] -= along * column[i];
      }
      top[p] = top[p] < 0 ? length : -length;
    }
    for (std::vector<Wide>& column : rows_) column.clear();
  }

 private:
  static constexpr std::size_t together = 64;

  std::size_t width_;
  std::vector<Wide> values_;
  std::vector<std::vector<Wide>> rows_;  ///< not in R yet, by columns
};

/// X, y and the weights of neighbouring rows.
struct RowBytes {
  std::span<std::byte> X;
  std::vector<std::byte> y;
  std::vector<std::byte> weights;
};

template <typename T>
void addRows(Triangle& triangle, const Problem& problem, RowBytes& bytes) {
  const std::size_t n = problem.X.columns();
  const std::size_t outputs = problem.y.columns();
  const std::span<const T> X = valuesOf<T>(bytes.X);
  const std::span<const T> y = valuesOf<T>(bytes.y);
  const std::span<const T> weights = valuesOf<T>(bytes.weights);
  std::vector<Wide> row(triangle.width());
  for (std::size_t i = 0; i < y.size() / outputs; ++i) {
    const Wide root = weights.empty() ? 1 : std::sqrt(static_cast<Wide>(weights[i]));
    std::size_t q = 0;
    for (std::size_t j = 0; j < n; ++j) row[q++] = root * X[i * n + j];
    if (problem.objective.fitIntercept) row[q++] = root;
    for (std::size_t k = 0; k < outputs; ++k) row[q++] = root * y[i * outputs + k];
    triangle.add(row);
  }
}

Triangle triangleOf(const Problem& problem, const CancelFlag& cancelled) {
  const std::size_t width = unknownsOf(problem) + problem.y.columns();
  Triangle triangle(width);
  RowBytes rows;
  readAll(problem.X, [&](std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) {
    if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
    rows.X = bytes;
    rows.y.resize(count * problem.y.rowBytes());
    problem.y.read(first, count, rows.y);
    if (problem.weights != nullptr) {
      rows.weights.resize(count * problem.weights->values.rowBytes());
      problem.weights->values.read(first, count, rows.weights);
    }
    if (problem.X.dtype() == Dtype::float32) {
      addRows<float>(triangle, problem, rows);
    } else {
      addRows<double>(triangle, problem, rows);
    }
  });
  const Wide ridge =
      std::sqrt(static_cast<Wide>(ridgeOf(problem.objective.l2, problem.totalWeight())));
  for (std::size_t j = 0; ridge > 0 && j < problem.X.columns(); ++j) {
    std::vector<Wide> row(width);
    row[j] = ridge;
    triangle.add(row);
  }
  triangle.reflect();
  return triangle;
}

/// Whether each column of R has something that those before it have not.
bool isIndependent(const Triangle& R, std::size_t unknowns, double least) {
  for (std::size_t q = 0; q < unknowns; ++q) {
    Wide squares = 0;
    for (std::size_t p = 0; p <= q; ++p) squares += R.at(p, q) * R.at(p, q);
    if (!(std::abs(R.at(q, q)) > least * std::sqrt(squares))) return false;
  }
  return true;
}

}  // namespace

std::optional<LeastSquares> LeastSquares::byReflections(const Problem& problem,
                                                        const CancelFlag& cancelled) {
  const Triangle R = triangleOf(problem, cancelled);
  const std::size_t unknowns = unknownsOf(problem);
  if (!isIndependent(R, unknowns, leastIndependent(problem.X.dtype()))) return {};
  std::vector<double> factor(unknowns * unknowns);
  for (std::size_t p = 0; p < unknowns; ++p) {
    for (std::size_t q = p; q < unknowns; ++q)
      factor[p * unknowns + q] = static_cast<double>(R.at(p, q));
  }
  LeastSquares found(Cholesky(std::move(factor), unknowns), problem.totalWeight(), false);
  // Rx = Qᵀy, which does not square the condition of A.
  const std::size_t outputs = problem.y.columns();
  std::vector<Wide> x(unknowns * outputs);
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t p = unknowns; p-- > 0;) {
      Wide rest = R.at(p, unknowns + k);
      for (std::size_t q = p + 1; q < unknowns; ++q) rest -= R.at(p, q) * x[q * outputs + k];
      x[p * outputs + k] = rest / R.at(p, p);
    }
  }
  found.solution_.assign(x.begin(), x.end());
  for (double& value : found.solution_) value += 0.0;  // no −0
  return found;
}

std::optional<LeastSquares> LeastSquares::byGram(const CrossProducts& gram, double l2,
                                                 double leastPivot, const CancelFlag& cancelled) {
  std::vector<double> products = gram.products();
  for (std::size_t j = 0; j < gram.columns(); ++j)
    products[j * (gram.unknowns() + 1)] += ridgeOf(l2, gram.totalWeight());
  auto factor = Cholesky::of(std::move(products), gram.unknowns(), leastPivot, cancelled);
  if (!factor) return {};
  LeastSquares found(std::move(*factor), gram.totalWeight(), true);
  found.solution_ = gram.withTargets();
  found.factor_.solve(found.solution_);
  return found;
}

std::optional<LeastSquares> LeastSquares::of(Device& device, const Problem& problem,
                                             const CancelFlag& cancelled) {
  const std::size_t unknowns = unknownsOf(problem);
  const double products = static_cast<double>(problem.allRows() + unknowns) *
                          static_cast<double>(unknowns) * static_cast<double>(unknowns);
  // Which reads rows, and a rank has but some of them.
  const bool reflects = problem.all == nullptr && unknowns <= mostReflected;
  const double mostReflections = reflects ? mostProducts : 0;
  std::optional<LeastSquares> found;
  if (products > std::min(quickProducts, mostReflections) && unknowns <= mostGramColumns)
    found = byGram(CrossProducts(device, problem, cancelled), problem.objective.l2,
                   leastTrustedPivot, cancelled);
  if (!found && products <= mostReflections) found = byReflections(problem, cancelled);
  const auto isFinite = [](double value) { return std::isfinite(value); };
  if (found && !std::all_of(found->solution_.begin(), found->solution_.end(), isFinite)) return {};
  return found;
}

LeastSquares::LeastSquares(Cholesky factor, double totalWeight, bool isByGram)
    : factor_(std::move(factor)), scale_(2 / totalWeight), isByGram_(isByGram) {}

std::vector<double> LeastSquares::step(std::span<const double> gradient) const {
  std::vector<double> x(gradient.begin(), gradient.end());
  factor_.solve(x);
  for (double& value : x) value /= scale_;
  return x;
}

}  // namespace thalweg
