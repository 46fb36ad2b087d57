#include "line_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace thalweg {
namespace {

constexpr double enoughDecrease = 1e-4;
constexpr double enoughFlatness = 0.9;
constexpr int mostCandidates = 40;

/// A candidate on a line: the length of its step, and value and slope there.
struct Candidate {
  double step;
  double value;
  double slope;

  [[nodiscard]] bool isFinite() const noexcept {
    return std::isfinite(value) && std::isfinite(slope);
  }
};

/// Where the cubic through the values and slopes of two candidates is least; NaN where it is
/// nowhere.
double cubicMinimum(const Candidate& a, const Candidate& b) noexcept {
  const double width = b.step - a.step;
  const double bend = a.slope + b.slope - 3 * (b.value - a.value) / width;
  const double root = std::sqrt(bend * bend - a.slope * b.slope);
  const double signedRoot = width < 0 ? -root : root;
  return b.step - width * (b.slope + signedRoot - bend) / (b.slope - a.slope + 2 * signedRoot);
}

/// The next candidate between two, away from both of them.
double between(const Candidate& low, const Candidate& high) noexcept {
  constexpr double margin = 0.1;
  if (!high.isFinite()) return low.step + (high.step - low.step) * margin;
  const double width = high.step - low.step;
  const double least = cubicMinimum(low, high);
  if (!std::isfinite(least)) return low.step + width / 2;
  return std::clamp(least, low.step + margin * width, high.step - margin * width);
}

/// The next candidate beyond one from which the function still falls.
double beyond(const Candidate& before, const Candidate& low) noexcept {
  constexpr double leastGrowth = 2;
  constexpr double mostGrowth = 10;
  const double width = low.step - before.step;
  // Where the slope would be 0 if it went on as it does.
  const double flat = low.step - low.slope * width / (low.slope - before.slope);
  const double growth = (flat - before.step) / width;
  // A slope that does not rise leads as far as is allowed.
  const double taken = growth > 0 && std::isfinite(growth) ? growth : mostGrowth;
  return before.step + width * std::clamp(taken, leastGrowth, mostGrowth);
}

/// x ← from + step·direction, as the function sees it, and what it is there.
void evaluate(Function& function, const Line& line, double step, Evaluated& to) {
  function.inRanges([&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) to.x[j] = line.from.x[j] + step * line.direction[j];
    function.round(std::span(to.x).subspan(begin, end - begin));
  });
  to.value = function.at(to.x, to.gradient);
}

/// Whether a candidate is low enough, from where `decrease` (below 0) was to be expected and
/// `slope` (of as long a step) is left.
bool isLowEnough(const Line& line, double value, double decrease, double slope) noexcept {
  if (value <= line.from.value + enoughDecrease * decrease) return true;
  return value <= line.from.value + line.noise && slope <= (2 * enoughDecrease - 1) * decrease;
}

}  // namespace

bool searchSmooth(Function& function, const Line& line, double firstStep, Evaluated& to) {
  Candidate before{0, line.from.value, line.slope};
  Candidate low = before;
  std::optional<Candidate> high;
  double step = firstStep;
  for (int k = 0; k < mostCandidates; ++k) {
    evaluate(function, line, step, to);
    if (to.x == line.from.x) return false;
    const Candidate at{step, to.value,
                       function.sumOfRanges([&](std::size_t begin, std::size_t end) {
                         return dot(std::span(to.gradient).subspan(begin, end - begin),
                                    line.direction.subspan(begin, end - begin));
                       })};
    const bool falls =
        at.isFinite() && isLowEnough(line, at.value, step * line.slope, step * at.slope);
    if (falls && std::abs(at.slope) <= -enoughFlatness * line.slope) return true;
    if (!falls || at.slope > 0) {
      high = at;
    } else {
      before = std::exchange(low, at);
    }
    step = high ? between(low, *high) : beyond(before, low);
    if (!std::isfinite(step)) return false;
    if (high && high->step - low.step <= std::numeric_limits<double>::epsilon() * high->step)
      return false;
  }
  return false;
}

bool searchOrthant(Function& function, const Line& line, std::span<const double> pseudoGradient,
                   std::span<const double> orthant, double firstStep, Evaluated& to) {
  double step = firstStep;
  for (int k = 0; k < mostCandidates; ++k, step /= 2) {
    for (std::size_t j = 0; j < to.x.size(); ++j) {
      to.x[j] = line.from.x[j] + step * line.direction[j];
      if (j < function.penalised() && to.x[j] * orthant[j] < 0) to.x[j] = 0;
    }
    function.round(to.x);
    if (to.x == line.from.x) return false;
    to.value = function.at(to.x, to.gradient);
    double decrease = 0;
    double slope = 0;
    for (std::size_t j = 0; j < to.x.size(); ++j) {
      const double moved = to.x[j] - line.from.x[j];
      const double l1 = j < function.penalised() ? function.l1() * orthant[j] : 0;
      decrease += pseudoGradient[j] * moved;
      slope += (to.gradient[j] + l1) * moved;
    }
    if (decrease < 0 && std::isfinite(slope) && isLowEnough(line, to.value, decrease, slope))
      return true;
  }
  return false;
}

}  // namespace thalweg
