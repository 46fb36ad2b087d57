#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "../device/halt.h"
#include "lbfgs.h"
#include "least_squares.h"
#include "loss_over_rows.h"
#include "strategies.h"

namespace thalweg {
namespace {

/// When a point counts as the optimum: by its gradient as a share of that where all unknowns are 0,
/// wherever the descent began, and by how much the loss is expected to fall yet.
class Optimum {
 public:
  Optimum(LossOverRows& function, const Lbfgs& begun)
      : isFloat32_(function.isFloat32()),
        isForLosses_(function.isForLosses()),
        atZero_(function.atZero(begun.at())) {}

  /// At the optimum.
  [[nodiscard]] bool isAt(Lbfgs& lbfgs) const {
    // A loss of other rows is off by about the root of that, times by how much their gradient is.
    if (isForLosses_ && lbfgs.isCurved())
      return isWithin(lbfgs, isFloat32_ ? 1e-6 : 1e-7, isFloat32_ ? 2e-12 : 1e-14);
    return isWithin(lbfgs, isFloat32_ ? 1e-7 : 1e-8, isFloat32_ ? 1e-9 : 1e-11);
  }
  /// As near to it as rounding may keep one: where the curvature is known, by how far it leads yet.
  [[nodiscard]] bool isNear(Lbfgs& lbfgs) const {
    const double ofLoss = isFloat32_ ? 1e-7 : 1e-10;
    if (lbfgs.isCurved()) return lbfgs.expectedDecrease() <= ofLoss * range(lbfgs.at().value);
    return isWithin(lbfgs, isFloat32_ ? 3e-5 : 1e-6, ofLoss);
  }

  /// Whether what least squares gave is the optimum: by the gradient, or by how far it leads yet.
  [[nodiscard]] bool isSolved(const Lbfgs& lbfgs, const LeastSquares& squares) const {
    if (lbfgs.gradientSize() <= (isFloat32_ ? 3e-5 : 1e-6) * atZero_.gradient) return true;
    const std::vector<double>& gradient = lbfgs.at().gradient;
    return dot(gradient, squares.step(gradient)) / 2 <=
           (isFloat32_ ? 1e-7 : 1e-11) * range(lbfgs.at().value);
  }

 private:
  /// What a change of the loss is large or small beside.
  [[nodiscard]] double range(double loss) const noexcept {
    return std::max(std::abs(loss), std::abs(atZero_.loss - loss));
  }
  [[nodiscard]] bool isWithin(Lbfgs& lbfgs, double ofGradient, double ofLoss) const {
    if (lbfgs.gradientSize() > ofGradient * atZero_.gradient) return false;
    return lbfgs.expectedDecrease() <= ofLoss * range(lbfgs.at().value);
  }

  bool isFloat32_;
  bool isForLosses_;
  AtZero atZero_;
};

/// The solution, mended by steps from the gradients that passes over X find while these still
/// shrink.
Evaluated refined(Function& function, const LeastSquares& squares) {
  constexpr int mostSteps = 5;
  const auto evaluated = [&](std::vector<double> x) {
    Evaluated at{std::move(x), std::vector<double>(function.unknowns()), 0};
    function.round(at.x);
    at.value = function.at(at.x, at.gradient);
    return at;
  };
  Evaluated best = evaluated(squares.solution());
  // QR knows the solution better than a gradient tells.
  for (int k = 0; k < mostSteps && squares.isByGram(); ++k) {
    std::vector<double> x(best.x);
    const std::vector<double> step = squares.step(best.gradient);
    for (std::size_t j = 0; j < x.size(); ++j) x[j] -= step[j];
    Evaluated next = evaluated(std::move(x));
    const bool shrinks = largest(next.gradient) < largest(best.gradient) / 2;
    if (shrinks) best = std::move(next);
    if (!shrinks) break;
  }
  return best;
}

/// Never with an l1 term.
std::uint64_t stepsBeforeCurvature(const LossOverRows& function) {
  if (function.l1() > 0) return std::numeric_limits<std::uint64_t>::max();
  return function.stepsBeforeCurvature();
}

std::vector<double> unknownsOf(const DescentState& begin, bool fitIntercept) {
  std::vector<double> unknowns(begin.theta);
  if (fitIntercept)
    unknowns.insert(unknowns.end(), begin.intercepts.begin(), begin.intercepts.end());
  return unknowns;
}

}  // namespace

void descendLbfgs(const Descending& descending, const LbfgsOptions& how, LossOverRows& function,
                  const CancelFlag& cancelled, DescentResult& result) {
  const DescentOptions& options = descending.options;
  const bool fitIntercept = options.objective.fitIntercept;
  const DescentState& begin = descending.begin;
  Lbfgs lbfgs(function, unknownsOf(begin, fitIntercept), how.history, begin.moments);
  lbfgs.scaleBy(function.curvatures());
  HaltRule halt(options.run.tolerance);
  const auto arrive = [&] {
    result.loss.push_back(lbfgs.at().value);
    halt.see(lbfgs.at().value);
    if (halt.status().halt == Halt::diverged) throwDiverged(result);
  };
  const auto state = [&] {
    const std::span x(lbfgs.at().x);
    return descending.stateAt(x.first(function.weights()), function.interceptsOf(x), lbfgs.memory(),
                              descending.stageOf(result.iterations), result);
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
  if (how.isDirect && !isThere) {
    const auto squares = function.leastSquares(cancelled);
    if (squares) {
      lbfgs.moveTo(refined(function, *squares));
      if (squares->isByGram()) result.plan = Plan::gram;
      ++result.iterations;
      arrive();
      isThere = optimum.isSolved(lbfgs, *squares);
    }
  }
  bool isCurved = false;
  const auto curve = [&] {
    if (isCurved || begin.passes + result.iterations < stepsBeforeCurvature(function)) return;
    isCurved = true;
    if (auto curvature = function.curvature(cancelled)) lbfgs.curveBy(std::move(*curvature));
  };
  auto guess = function.guess();
  if (!isThere && guess.size() == function.unknowns() && function.l1() == 0) {
    curve();
    if (lbfgs.leap(std::move(guess))) {
      ++result.iterations;
      arrive();
      isThere = optimum.isAt(lbfgs);
    }
  }
  while (!isThere && !halt.halted() && result.iterations < options.passes &&
         function.passes() < how.mostPasses && !descending.isLate(result)) {
    curve();
    if (!lbfgs.step()) {
      isThere = optimum.isNear(lbfgs);
      break;
    }
    ++result.iterations;
    arrive();
    isThere = optimum.isAt(lbfgs);
    const auto at = std::span<const double>(lbfgs.at().x);
    const std::uint64_t passes = begin.passes + result.iterations;
    if (!descending.validated(at.first(function.weights()), function.interceptsOf(at), passes,
                              result))
      break;
    descending.pace.report(result.iterations, lbfgs.at().value);
    if (descending.pace.isStateDue()) descending.pace.keep(state());
  }
  if (isThere || halt.halted()) result.stopped = Stop::converged;
  result.state = state();
}

}  // namespace thalweg
