#include "parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "../error.h"
#include "cross_products.h"
#include "curvature.h"
#include "lbfgs.h"
#include "pace.h"
#include "row_weights.h"
#include "scaling.h"
#include "start.h"
#include "strategies.h"
#include "targets.h"

namespace thalweg {
namespace {

/// A mean of more deviations than these takes digits from what is summed: as many as its square.
double mostDeviations(Dtype dtype, bool givesWeights) noexcept {
  if (dtype == Dtype::float32) return 4;
  return givesWeights ? 32 : 256;
}

/// Of a loss by AᵀWA, what may be rounding where weights are given away with it.
constexpr double mostDoubt = 1e-8;

/// A pivot of AᵀWA below this share of its diagonal asks for passes that mend what it solves.
constexpr double leastPivot = 1e-4;

/// Some of the rows, checked, without a penalty.
class Part {
 public:
  Part(Device& device, const Data& data, const DescentOptions& options, const CancelFlag& cancelled)
      : weights_(device, data.weights, cancelled),
        problem_{data.X, data.y, withoutPenalty(options.objective), weights_.get()},
        isOrdinary_(data.weights == nullptr || &weights_.get()->values == data.weights) {
    const Scaling scaling(device, problem_, nullptr, options, cancelled);
    const Problem scaled = scaling.problem();
    isOrdinary_ = isOrdinary_ && &scaled.X == &data.X && &scaled.y == &data.y;
  }
  ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  [[nodiscard]] const Problem& problem() const noexcept { return problem_; }
  /// Whether its values are taken as they are.
  [[nodiscard]] bool isOrdinary() const noexcept { return isOrdinary_; }

  [[nodiscard]] Run& run(Device& device, const CancelFlag& cancelled) {
    if (!run_) run_ = device.begin(problem_, {}, cancelled);
    return *run_;
  }

 private:
  static Objective withoutPenalty(Objective objective) {
    objective.l1 = objective.l2 = 0;
    return objective;
  }

  RowWeights weights_;
  Problem problem_;
  bool isOrdinary_;
  std::unique_ptr<Run> run_;
};

using Parts = std::vector<std::unique_ptr<Part>>;

std::uint64_t rowsOf(const Parts& parts, const PartsOptions& options) noexcept {
  if (!options.products.empty()) return options.rows;
  std::uint64_t rows = 0;
  for (const auto& part : parts) rows += part->problem().X.rows();
  return rows;
}

std::size_t widthOfGram(const Problem& problem) noexcept {
  return problem.X.columns() + 1 + problem.y.columns();
}

/// Device::gram of all parts together.
std::vector<double> gramOfAll(Device& device, const Parts& parts, const CancelFlag& cancelled) {
  const std::size_t width = widthOfGram(parts.front()->problem());
  std::vector<double> values(width * width);
  for (const auto& part : parts) {
    const std::vector<double> some = CrossProducts::gramOf(device, part->problem(), cancelled);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += some[i];
  }
  return values;
}

/// Device::gram of all rows.
class Gram {
 public:
  /// @param like some of them
  Gram(const Problem& like, std::vector<double> values)
      : columns_(like.X.columns()), width_(widthOfGram(like)), values_(std::move(values)) {}

  [[nodiscard]] double totalWeight() const noexcept { return at(columns_, columns_); }
  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] double at(std::size_t p, std::size_t q) const noexcept {
    return values_[p * width_ + q];
  }
  [[nodiscard]] const std::vector<double>& values() const noexcept { return values_; }

  /// None where a mean is too far from 0.
  [[nodiscard]] std::optional<Columns> columns(const PartsOptions& options, Dtype dtype) const {
    Columns found{std::vector<double>(columns_), std::vector<double>(columns_, 1)};
    for (std::size_t j = 0; j < columns_; ++j) {
      if (at(j, j) == 0) continue;
      const double mean = at(j, columns_) / totalWeight();
      const double deviation = std::sqrt(at(j, j) / totalWeight() - mean * mean);
      if (!(std::abs(mean) <= mostDeviations(dtype, options.givesWeights) * deviation)) return {};
      if (options.descent.objective.fitIntercept) found.means[j] = mean;
      if (options.standardize) found.scales[j] = deviation;
    }
    return found;
  }

  /// A becomes [X′, 1, y].
  void take(const Columns& columns) {
    const auto mean = [&](std::size_t p) { return p < columns_ ? columns.means[p] : 0; };
    const auto scale = [&](std::size_t p) { return p < columns_ ? columns.scales[p] : 1; };
    std::vector<double> taken(values_.size());
    for (std::size_t p = 0; p < width_; ++p) {
      for (std::size_t q = 0; q < width_; ++q) {
        const double moved = at(p, q) - mean(p) * at(columns_, q) - mean(q) * at(p, columns_) +
                             mean(p) * mean(q) * totalWeight();
        taken[p * width_ + q] = moved / (scale(p) * scale(q));
      }
    }
    values_ = std::move(taken);
  }

  /// The same, but that a column which is 0 everywhere has a curvature, by which its weight is 0.
  [[nodiscard]] std::vector<double> withoutEmptyColumns() const {
    std::vector<double> values(values_);
    for (std::size_t j = 0; j < columns_; ++j) {
      if (at(j, j) == 0) values[j * (width_ + 1)] = 1;
    }
    return values;
  }

 private:
  std::size_t columns_;
  std::size_t width_;
  std::vector<double> values_;
};

/// Over the rows of parts, as a function of the weights for x′.
class LossOfParts final : public LossOverRows {
 public:
  LossOfParts(Device& device, const Parts& parts, Gram gram, Columns columns,
              const PartsOptions& options, const CancelFlag& cancelled)
      : LossOverRows(options.descent.objective, columns.means.size(),
                     parts.front()->problem().X.dtype()),
        device_(device),
        parts_(parts),
        gram_(std::move(gram)),
        map_(std::move(columns)),
        totalWeight_(gram_.totalWeight()),
        atZero_(options.atZero),
        passed_(options.passed),
        guess_(options.guess),
        givesWeights_(options.givesWeights),
        rows_(static_cast<double>(rowsOf(parts, options))),
        cancelled_(cancelled) {
    gram_.take(map_);
  }

  /// From here on the loss is that which AᵀWA tells.
  void solve() { isByGram_ = true; }
  [[nodiscard]] const Columns& map() const noexcept { return map_; }
  [[nodiscard]] const std::optional<AtZero>& knownAtZero() const noexcept { return atZero_; }
  [[nodiscard]] const std::optional<Passed>& passed() const noexcept { return passed_; }
  /// How much of a loss that AᵀWA tells, at most, may be rounding: the terms of vᵀAᵀWAv cancel as
  /// the fit becomes close, and at the optimum those of the targets are the largest.
  [[nodiscard]] double doubt(double loss) const noexcept {
    double squares = 0;
    for (std::size_t target = columns() + 1; target < gram_.width(); ++target)
      squares += gram_.at(target, target);
    const double sums = static_cast<double>(columns() + 2) + std::sqrt(rows_);
    return std::numeric_limits<double>::epsilon() * sums * squares / totalWeight_ / loss;
  }

  /// What is evaluated in float32 is θ for x.
  void round(std::span<double> x) const noexcept override {
    if (!isFloat32() || isByGram_) return;
    const auto rounded = [](double value) {
      return static_cast<double>(static_cast<float>(value));
    };
    for (std::size_t k = 0; k < outputs(); ++k) {
      double moved = 0;
      for (std::size_t j = 0; j < columns(); ++j) {
        double& value = x[j * outputs() + k];
        const double weight = rounded(value / map_.scales[j]);
        value = weight * map_.scales[j];
        moved += weight * map_.means[j];
      }
      if (objective().fitIntercept) {
        double& intercept = x[weights() + k];
        intercept = rounded(intercept - moved) + moved;
      }
    }
  }

  [[nodiscard]] AtZero atZero(const Evaluated& begun) override {
    if (!atZero_) atZero_ = LossOverRows::atZero(begun);
    return *atZero_;
  }

  [[nodiscard]] std::optional<LeastSquares> leastSquares(const CancelFlag& cancelled) override {
    return LeastSquares::byGram(products(), objective().l2, leastPivot, cancelled);
  }
  [[nodiscard]] std::optional<Cholesky> curvature(const CancelFlag& cancelled) override {
    return curvatureOf(products(), objective(), cancelled);
  }
  [[nodiscard]] std::vector<double> guess() const override {
    return isByGram_ ? std::vector<double>() : guess_;
  }
  [[nodiscard]] bool isForLosses() const noexcept override { return l1() == 0 && !givesWeights_; }
  /// AᵀWA is there.
  [[nodiscard]] std::uint64_t stepsBeforeCurvature() const noexcept override { return 0; }

 private:
  [[nodiscard]] CrossProducts products() const {
    return {parts_.front()->problem(), totalWeight_,
            givesWeights_ ? gram_.withoutEmptyColumns() : gram_.values()};
  }

  double lossAt(std::span<const double> theta, std::span<const double> intercepts,
                std::span<double> gradient, std::span<double> interceptGradient) override {
    const double loss = isByGram_ ? lossByGram(theta, intercepts, gradient, interceptGradient)
                                  : lossPassed(theta, intercepts, gradient, interceptGradient);
    double squares = 0;
    double magnitudes = 0;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      squares += theta[i] * theta[i];
      magnitudes += std::abs(theta[i]);
      gradient[i] += objective().l2 * theta[i];
    }
    return loss + objective().l2 / 2 * squares + objective().l1 * magnitudes;
  }

  /// By a pass, or as the last one has found it there.
  double lossPassed(std::span<const double> theta, std::span<const double> intercepts,
                    std::span<double> gradient, std::span<double> interceptGradient) {
    std::vector<double> x(theta.begin(), theta.end());
    x.insert(x.end(), intercepts.begin(), intercepts.end());
    if (!passed_ || passed_->x != x) {
      const double loss = lossByPass(theta, intercepts, gradient, interceptGradient);
      passed_ = Passed{std::move(x), {gradient.begin(), gradient.end()}, loss};
      passed_->gradient.insert(passed_->gradient.end(), interceptGradient.begin(),
                               interceptGradient.end());
      return loss;
    }
    const std::span<const double> known(passed_->gradient);
    std::copy_n(known.begin(), gradient.size(), gradient.begin());
    std::copy_n(known.begin() + static_cast<std::ptrdiff_t>(gradient.size()),
                interceptGradient.size(), interceptGradient.begin());
    return passed_->loss;
  }

  double lossByPass(std::span<const double> theta, std::span<const double> intercepts,
                    std::span<double> gradient, std::span<double> interceptGradient) {
    const std::size_t K = outputs();
    std::vector<double> weights(theta.begin(), theta.end());
    std::vector<double> moved(intercepts.begin(), intercepts.end());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] /= map_.scales[i / K];
      moved[i % K] -= weights[i] * map_.means[i / K];
    }
    std::vector<double> some(gradient.size());
    std::vector<double> someIntercepts(interceptGradient.size());
    std::fill(gradient.begin(), gradient.end(), 0.0);
    std::fill(interceptGradient.begin(), interceptGradient.end(), 0.0);
    double loss = 0;
    for (const auto& part : parts_) {
      const double share = part->problem().totalWeight() / totalWeight_;
      Run& run = part->run(device_, cancelled_);
      run.setTheta(weights, moved);
      loss += share * run.gradient(some, someIntercepts);
      for (std::size_t i = 0; i < some.size(); ++i) gradient[i] += share * some[i];
      for (std::size_t k = 0; k < K; ++k) interceptGradient[k] += share * someIntercepts[k];
    }
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] =
          (gradient[i] - map_.means[i / K] * interceptGradient[i % K]) / map_.scales[i / K];
    }
    return loss;
  }

  /// Squared loss: with v = (θ, b, −1) of one output and its column of y, vᵀAᵀWAv/Σw, and its
  /// gradient twice the first rows of AᵀWAv/Σw.
  [[nodiscard]] double lossByGram(std::span<const double> theta, std::span<const double> intercepts,
                                  std::span<double> gradient,
                                  std::span<double> interceptGradient) const {
    const std::size_t n = columns();
    const std::size_t K = outputs();
    double loss = 0;
    for (std::size_t k = 0; k < K; ++k) {
      const std::size_t target = n + 1 + k;
      const auto product = [&](std::size_t p) {
        double sum = 0;
        for (std::size_t q = 0; q < n; ++q) sum += gram_.at(p, q) * theta[q * K + k];
        return (sum + gram_.at(p, n) * intercepts[k] - gram_.at(p, target)) / totalWeight_;
      };
      for (std::size_t p = 0; p < n; ++p) {
        const double value = product(p);
        loss += theta[p * K + k] * value;
        gradient[p * K + k] = 2 * value;
      }
      const double value = product(n);
      loss += intercepts[k] * value - product(target);
      interceptGradient[k] = objective().fitIntercept ? 2 * value : 0;
    }
    return std::max(loss, 0.0);
  }

  Device& device_;
  const Parts& parts_;
  Gram gram_;
  Columns map_;
  double totalWeight_;
  std::optional<AtZero> atZero_;
  std::optional<Passed> passed_;
  std::vector<double> guess_;
  bool givesWeights_;
  double rows_;
  const CancelFlag& cancelled_;
  bool isByGram_ = false;
};

/// Those of which a row counts.
Parts checked(Device& device, std::span<const Data> parts, const DescentOptions& options,
              const CancelFlag& cancelled) {
  Parts found;
  for (const Data& data : parts) {
    checkTargets(options.objective, data.y);
    // Refused with what it holds, unless that is nothing at all.
    if (data.weights != nullptr && data.weights->summary().largest == 0 &&
        !data.weights->summary().firstNegative)
      continue;
    found.push_back(std::make_unique<Part>(device, data, options, cancelled));
  }
  return found;
}

/// What steps have shown of the curvature, as it is with another penalty.
std::vector<double> memoryFor(const PartsOptions& options, std::size_t penalised) {
  if (options.memory.empty()) return {};
  const double more = options.descent.objective.l2 - options.l2Before;
  return Lbfgs::carried(
      options.memory,
      options.descent.theta.size() +
          (options.descent.objective.fitIntercept ? options.descent.intercepts.size() : 0),
      penalised, more);
}

}  // namespace

std::optional<PartsResult> descendOverParts(Device& device, std::span<const Data> parts,
                                            const PartsOptions& given, const Control& control) {
  Pace pace(control);
  PartsOptions options = given;
  options.descent = completed(given.descent, parts.front(), device);
  if (!options.descent.lbfgs) return {};
  const LbfgsOptions& lbfgs = *options.descent.lbfgs;
  const Parts some = checked(device, parts, options.descent, control.cancelled);
  if (some.empty()) return {};
  for (const auto& part : some)
    if (!part->isOrdinary()) return {};
  const std::size_t width = widthOfGram(some.front()->problem());
  // Passes need all rows.
  if (!options.products.empty() && (!lbfgs.isDirect || options.products.size() != width * width))
    return {};
  Gram gram(some.front()->problem(), options.products.empty()
                                         ? gramOfAll(device, some, control.cancelled)
                                         : std::move(options.products));
  auto columns = gram.columns(options, some.front()->problem().X.dtype());
  if (!columns) return {};
  LossOfParts function(device, some, std::move(gram), std::move(*columns), options,
                       control.cancelled);
  if (lbfgs.isDirect) {
    if (!function.leastSquares(control.cancelled)) return {};
    function.solve();
  }
  LearningRates rates(options.descent.schedule, 0);
  const Descending descending{
      device,
      some.front()->problem(),
      options.descent,
      rates,
      pace,
      nullptr,
      DescentState{.theta = options.descent.theta,
                   .intercepts = options.descent.intercepts,
                   .moments = memoryFor(options, options.descent.theta.size())}};
  PartsResult result;
  result.descent.plan = options.descent.plan;
  try {
    descendLbfgs(descending, lbfgs, function, control.cancelled, result.descent);
  } catch (const Error& error) {
    // A descent over one matrix tells more about it.
    if (error.code() != ErrorCode::diverged) throw;
    return {};
  }
  result.descent.theta = result.descent.state.theta;
  result.descent.intercepts = result.descent.state.intercepts;
  const auto isFinite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(result.descent.theta.begin(), result.descent.theta.end(), isFinite) ||
      !std::all_of(result.descent.intercepts.begin(), result.descent.intercepts.end(), isFinite))
    return {};
  if (options.givesWeights && lbfgs.isDirect &&
      !(function.doubt(result.descent.loss.back()) <= mostDoubt))
    return {};
  result.descent.seconds = pace.seconds();
  result.columns = function.map();
  result.atZero = function.knownAtZero().value_or(AtZero{});
  result.passed = function.passed();
  return result;
}

std::optional<std::vector<double>> productsOf(Device& device, const Data& part,
                                              const DescentOptions& given,
                                              const CancelFlag& cancelled) {
  const DescentOptions options = completed(given, part, device);
  const Data one[] = {part};
  const Parts parts = checked(device, one, options, cancelled);
  if (parts.empty()) {
    const std::size_t width = part.X.columns() + 1 + part.y.columns();
    return std::vector<double>(width * width);
  }
  if (!parts.front()->isOrdinary()) return {};
  return device.gram(parts.front()->problem(), cancelled);
}

}  // namespace thalweg
