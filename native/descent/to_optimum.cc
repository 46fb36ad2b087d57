#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "../device/halt.h"
#include "function.h"
#include "lbfgs.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// The penalised loss over all rows as a function of the weights and, where it is fitted, the
/// intercept after them.
class LossOverRows final : public Function {
 public:
  LossOverRows(Run& run, const Problem& problem) : run_(run), problem_(problem) {}

  [[nodiscard]] std::size_t unknowns() const noexcept override {
    return weights() + (problem_.objective.fitIntercept ? 1 : 0);
  }
  [[nodiscard]] double l1() const noexcept override { return problem_.objective.l1; }
  [[nodiscard]] std::size_t penalised() const noexcept override { return weights(); }

  void round(std::span<double> x) const noexcept override {
    if (!isFloat32()) return;
    for (double& value : x) value = static_cast<double>(static_cast<float>(value));
  }
  [[nodiscard]] double resolution() const noexcept override {
    return isFloat32() ? static_cast<double>(std::numeric_limits<float>::epsilon())
                       : 8 * std::numeric_limits<double>::epsilon();
  }

  double at(std::span<const double> x, std::span<double> gradient) override {
    ++passes_;
    double interceptGradient = 0;
    const bool fitted = problem_.objective.fitIntercept;
    run_.setTheta(x.first(weights()), fitted ? x.back() : 0);
    const double loss = run_.gradient(gradient.first(weights()), interceptGradient);
    if (fitted) gradient.back() = interceptGradient;
    return loss;
  }

  [[nodiscard]] bool isFloat32() const noexcept { return problem_.X.dtype() == Dtype::float32; }
  [[nodiscard]] std::size_t weights() const noexcept { return problem_.X.columns(); }
  [[nodiscard]] std::uint64_t passes() const noexcept { return passes_; }

 private:
  Run& run_;
  const Problem& problem_;
  std::uint64_t passes_ = 0;
};

/// When a point counts as the optimum: by its gradient as a share of that where all unknowns are 0,
/// wherever the descent began, and by how much the loss is expected to fall yet.
class Optimum {
 public:
  Optimum(LossOverRows& function, const Lbfgs& begun)
      : isFloat32_(function.isFloat32()), lossAtZero_(begun.at().value) {
    std::vector<double> gradient(begun.at().gradient);
    if (largest(begun.at().x) > 0)
      lossAtZero_ = function.at(std::vector<double>(gradient.size()), gradient);
    gradientAtZero_ = largest(gradient);
  }

  /// At the optimum.
  [[nodiscard]] bool isAt(Lbfgs& lbfgs) const {
    return isWithin(lbfgs, isFloat32_ ? 1e-7 : 1e-8, isFloat32_ ? 1e-9 : 1e-11);
  }
  /// As near to it as rounding may keep one.
  [[nodiscard]] bool isNear(Lbfgs& lbfgs) const {
    return isWithin(lbfgs, isFloat32_ ? 3e-5 : 1e-6, isFloat32_ ? 1e-7 : 1e-10);
  }

 private:
  [[nodiscard]] bool isWithin(Lbfgs& lbfgs, double ofGradient, double ofLoss) const {
    if (lbfgs.gradientSize() > ofGradient * gradientAtZero_) return false;
    const double loss = lbfgs.at().value;
    return lbfgs.expectedDecrease() <=
           ofLoss * std::max(std::abs(loss), std::abs(lossAtZero_ - loss));
  }

  bool isFloat32_;
  double lossAtZero_;
  double gradientAtZero_ = 0;
};

std::vector<double> unknownsOf(const DescentState& begin, bool fitIntercept) {
  std::vector<double> unknowns(begin.theta);
  if (fitIntercept) unknowns.push_back(begin.intercept);
  return unknowns;
}

}  // namespace

void descendLbfgs(const Descending& descending, const LbfgsOptions& how, Run& run,
                  DescentResult& result) {
  const DescentOptions& options = descending.options;
  LossOverRows function(run, descending.problem);
  const bool fitIntercept = options.objective.fitIntercept;
  const DescentState& begin = descending.begin;
  Lbfgs lbfgs(function, unknownsOf(begin, fitIntercept), how.history, begin.moments);
  HaltRule halt(options.run.tolerance);
  const auto arrive = [&] {
    result.loss.push_back(lbfgs.at().value);
    halt.see(lbfgs.at().value);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
  };
  const auto state = [&] {
    const std::vector<double>& x = lbfgs.at().x;
    return descending.stateAt(std::span(x).first(function.weights()), fitIntercept ? x.back() : 0,
                              lbfgs.memory(), descending.stageOf(result.iterations), result);
  };
  if (options.from) {
    // The descent before has judged the loss here.
    halt.setPrevious(lbfgs.at().value);
    result.loss.push_back(lbfgs.at().value);
  } else {
    arrive();
  }
  const Optimum optimum(function, lbfgs);
  bool isThere = optimum.isAt(lbfgs);
  while (!isThere && !halt.halted() && result.iterations < options.passes &&
         function.passes() < how.mostPasses && !descending.isLate(result)) {
    if (!lbfgs.step()) {
      isThere = optimum.isNear(lbfgs);
      break;
    }
    ++result.iterations;
    arrive();
    isThere = optimum.isAt(lbfgs);
    const auto at = std::span<const double>(lbfgs.at().x);
    const std::uint64_t passes = begin.passes + result.iterations;
    if (!descending.validated(at.first(function.weights()), fitIntercept ? at.back() : 0, passes,
                              result))
      break;
    descending.pace.report(result.iterations, lbfgs.at().value);
    if (descending.pace.isStateDue()) descending.pace.keep(state());
  }
  if (isThere || halt.halted()) result.stopped = Stop::converged;
  result.state = state();
}

}  // namespace thalweg
