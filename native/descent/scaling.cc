#include "scaling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "../device/host_math.h"
#include "../device/slices.h"
#include "../error.h"
#include "counted_rows.h"
#include "learning_rate.h"

namespace thalweg {
namespace {

struct Range {
  double least;     ///< log₂ below which a product loses digits
  double greatest;  ///< log₂ up to which a sum of as many products as there are rows fits
};

/// Sums have as many terms as there are rows, each a product that may have a factor of its own: 2⁻
/// of a residual, an overshoot.
Range rangeOf(Dtype dtype, std::uint64_t rows) {
  constexpr double room = 16;
  const double terms = std::log2(static_cast<double>(rows));
  const auto range = [&]<typename T>(T) {
    using Limits = std::numeric_limits<T>;
    return Range{static_cast<double>(Limits::min_exponent + Limits::digits),
                 Limits::max_exponent - room - terms};
  };
  return dtype == Dtype::float32 ? range(float{}) : range(double{});
}

/// The exponent that brings `size` to between 1 and 2, or 0 where its `power` is within range.
int exponentOf(double size, int power, const Range& range) {
  if (size == 0) return 0;
  const double logarithm = power * std::log2(size);
  return logarithm < range.least || logarithm > range.greatest ? std::ilogb(size) : 0;
}

/// The exponent of what has the size `sizeOf(problem)`, by the rows that count. Where all rows
/// together need none X is not read for those: they are taken as they are, also where they are very
/// small beside ordinary rows that do not count.
template <typename SizeOf>
int exponentOfCounted(const Problem& problem, const SizeOf& sizeOf, int power, const Range& range) {
  Problem every = problem;
  every.weights = nullptr;
  const double size = sizeOf(every);
  const int exponent = exponentOf(size, power, range);
  if (exponent == 0) return 0;
  // Rows that do not count stay finite, as they are given: infinity times 0 is no number.
  const double room = std::clamp(range.greatest, -4096.0, 4096.0);
  const int least = std::ilogb(size) - static_cast<int>(room) + power;
  return std::max(exponentOf(sizeOf(problem), power, range), std::min({0, exponent, least}));
}

/// How large outputs and targets are where the descent begins.
double sizeOfTargets(Device& device, const Problem& problem, const DescentOptions& options) {
  double squares = 0;
  double largest = largestOver(device, largestTarget(problem));
  for (const double weight : options.theta) squares = std::hypot(squares, weight);
  for (const double intercept : options.intercepts)
    largest = std::max(largest, std::abs(intercept));
  const double outputs = squares == 0 ? 0 : squares * largestOver(device, longestRow(problem));
  const double size = std::max(largest, outputs);
  return std::isfinite(size) ? size : std::numeric_limits<double>::max();
}

/// A penalty no larger than the dtype holds: no gradient comes near it, and all weights are 0.
double penaltyIn(Dtype dtype, double penalty, int exponent) {
  const double most = dtype == Dtype::float32 ? 0x1p100 : 0x1p1000;
  return std::min(std::ldexp(penalty, exponent), std::max(penalty, most));
}

}  // namespace

int degreeOfScaling(const Objective& objective) noexcept {
  return HostMath::degree_of_scaling(codeOf(objective.activation), codeOf(objective.loss));
}

bool squaresOverflow(Device& device, const Problem& problem) {
  return 2 * std::log2(largestOver(device, largestTarget(problem))) >
         rangeOf(problem.y.dtype(), problem.allRows()).greatest;
}

int featureExponent(Device& device, const Problem& problem, double bend) {
  Range range = rangeOf(problem.X.dtype(), problem.allRows());
  range.greatest -= std::max(0.0, std::log2(bend));
  return exponentOfCounted(
      problem, [&](const Problem& of) { return largestOver(device, longestRow(of)); }, 2, range);
}

std::unique_ptr<Matrix> timesPowerOfTwo(Device& device, const Matrix& X, int exponent,
                                        const CancelFlag& cancelled) {
  if (auto sparse = device.sparseTimesPowerOfTwo(X, exponent)) return sparse;
  auto copy = device.createMatrix(X.rows(), X.columns(), X.dtype(), X.placing());
  readAll(X, [&](std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) {
    if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
    multiplyByPowerOfTwo(bytes, X.dtype(), exponent);
    const auto upload = copy->beginUpload(first, count);
    std::copy(bytes.begin(), bytes.end(), upload->bytes().begin());
    upload->commit();
    copy->include(summarize(bytes, X.dtype(), X.columns(), first));
  });
  return copy;
}

Scaling::Scaling(Device& device, const Problem& given, const Held* held,
                 const DescentOptions& options, const CancelFlag& cancelled)
    : X_(&given.X), y_(&given.y), weights_(given.weights), all_(given.all), options_(options) {
  if (options.from) {
    features_ = options.from->features;
    targets_ = options.from->targets;
    degree_ = degreeOfScaling(options.objective);
  } else if (isLinear(options.run.optimizer)) {
    choose(device, given);
  }
  if (features_ != 0) X_ = (scaledX_ = timesPowerOfTwo(device, *X_, -features_, cancelled)).get();
  if (targets_ != 0) y_ = (scaledY_ = timesPowerOfTwo(device, *y_, -targets_, cancelled)).get();
  Objective& objective = options_.objective;
  const int theta = targets_ - features_;
  objective.l1 = penaltyIn(X_->dtype(), objective.l1, theta - lossExponent());
  objective.l2 = penaltyIn(X_->dtype(), objective.l2, 2 * theta - lossExponent());
  multiplyByPowerOfTwo(std::span(options_.theta), -theta);
  multiplyByPowerOfTwo(std::span(options_.intercepts), -targets_);
  if (options_.learningRate)
    options_.learningRate = std::ldexp(*options_.learningRate, -rateExponent());
  options_.schedule.least = std::ldexp(options_.schedule.least, -rateExponent());
  options_.stopping.minDelta = std::ldexp(options_.stopping.minDelta, -lossExponent());
  if (held != nullptr) setHeld(device, *held, cancelled);
}

void Scaling::choose(Device& device, const Problem& given) {
  const std::optional<double>& rate = options_.learningRate;
  const Objective& objective = options_.objective;
  if (!rate || !objective.fitIntercept)
    features_ = featureExponent(device, given,
                                curvature(objective, largestOver(device, largestTarget(given))));
  // A penalty that outweighs the data sets the scale itself, and so does an odd rate.
  if (std::ldexp(objective.l2, -2 * features_) > 0x1p20) features_ = 0;
  if (rate && !std::isnormal(std::ldexp(*rate, 2 * features_))) features_ = 0;
  degree_ = degreeOfScaling(objective);
  if (degree_ > 0) {
    targets_ = exponentOfCounted(
        given, [&](const Problem& of) { return sizeOfTargets(device, of, options_); }, degree_,
        rangeOf(y_->dtype(), given.allRows()));
  }
}

void Scaling::setHeld(Device& device, const Held& held, const CancelFlag& cancelled) {
  const Matrix* X = &held.X;
  const Matrix* y = &held.y;
  if (features_ != 0) X = (scaledHeldX_ = timesPowerOfTwo(device, *X, -features_, cancelled)).get();
  if (targets_ != 0) y = (scaledHeldY_ = timesPowerOfTwo(device, *y, -targets_, cancelled)).get();
  heldWeights_.emplace(device, held.weights, cancelled, "validation.sampleWeight");
  heldOfAll_ = allRowsOf(device, *X, heldWeights_->get());
  held_.emplace(Problem{*X, *y, options_.objective, heldWeights_->get(),
                        heldOfAll_ ? &*heldOfAll_ : nullptr});
}

int Scaling::lossExponent() const noexcept { return degree_ * targets_; }

int Scaling::rateExponent() const noexcept { return 2 * (targets_ - features_) - lossExponent(); }

double Scaling::loss(double scaled) const noexcept { return std::ldexp(scaled, lossExponent()); }

void Scaling::describe(DescentState& state) const noexcept {
  state.features = features_;
  state.targets = targets_;
}

void Scaling::restore(DescentResult& result) const noexcept {
  describe(result.state);
  for (double& loss : result.validationLoss) loss = this->loss(loss);
  if (result.best) result.best->loss = loss(result.best->loss);
  multiplyByPowerOfTwo(std::span(result.theta), targets_ - features_);
  multiplyByPowerOfTwo(std::span(result.intercepts), targets_);
  for (double& loss : result.loss) loss = this->loss(loss);
  if (result.learningRate) *result.learningRate = std::ldexp(*result.learningRate, rateExponent());
}

}  // namespace thalweg
