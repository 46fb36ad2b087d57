#include "lbfgs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "../counts.h"
#include "../error.h"
#include "line_search.h"

namespace thalweg {
namespace {

/// Steps that together neither lower the value nor the gradient by more than rounding.
constexpr int mostIdleSteps = 20;

/// How many times the rounding of a value the next one may seem to be higher.
constexpr double roomOfValues = 8;

/// Of the value, by how much the first step is to lower it at least, if the slope went on as it is:
/// far more than the rounding of either dtype.
constexpr double leastFirstShare = 1e-4;

/// What a memory begins with.
constexpr std::size_t scalarsOfMemory = 4;

double signOf(double value) noexcept { return value > 0 ? 1 : value < 0 ? -1 : 0; }

/// The steepest ascent of smooth part and l1 term together: where xⱼ is 0, the one of its two
/// slopes that leads down, or 0 where neither does.
void pseudoGradient(const Function& function, const Evaluated& at, std::span<double> result) {
  for (std::size_t j = 0; j < at.x.size(); ++j) {
    const double slope = at.gradient[j];
    const double l1 = j < function.penalised() ? function.l1() : 0;
    if (at.x[j] != 0) {
      result[j] = slope + l1 * signOf(at.x[j]);
    } else {
      result[j] = slope + l1 < 0 ? slope + l1 : slope - l1 > 0 ? slope - l1 : 0;
    }
  }
}

}  // namespace

Lbfgs::Lbfgs(Function& function, std::vector<double> start, std::size_t history,
             std::span<const double> memory)
    : function_(function),
      history_(history),
      at_{std::move(start), std::vector<double>(function.unknowns()), 0},
      spare_{std::vector<double>(function.unknowns()), std::vector<double>(function.unknowns()), 0},
      pseudoGradient_(function.l1() > 0 ? function.unknowns() : 0),
      direction_(function.unknowns()) {
  function_.round(at_.x);
  at_.value = startValue_ = function_.at(at_.x, at_.gradient);
  arrived();
  if (memory.empty()) return;
  const std::size_t n = function_.unknowns();
  if (memory.size() < scalarsOfMemory || (memory.size() - scalarsOfMemory) % (2 * n) != 0) {
    throw Error(ErrorCode::state, "the state's \"moments\" are not those of this optimizer",
                {.option = "resumeFrom"});
  }
  startValue_ = memory[0];
  idleValue_ = memory[1];
  idleGradient_ = memory[2];
  idleSteps_ = static_cast<int>(memory[3]);
  for (auto rest = memory.subspan(scalarsOfMemory); !rest.empty(); rest = rest.subspan(2 * n)) {
    const auto part = [&](std::size_t at) {
      const auto values = rest.subspan(at, n);
      return std::vector<double>(values.begin(), values.end());
    };
    Pair pair{part(0), part(n)};
    // Where the penalty is less than where it was made, it may tell of nothing.
    if (curves(pair) || function_.l1() > 0) pairs_.push_back(std::move(pair));
  }
}

std::vector<double> Lbfgs::memory() const {
  // A state holds finite numbers.
  const auto finite = [](double value) {
    return std::min(value, std::numeric_limits<double>::max());
  };
  std::vector<double> memory;
  memory.reserve(scalarsOfMemory + 2 * pairs_.size() * function_.unknowns());
  memory = {startValue_, finite(idleValue_), finite(idleGradient_),
            static_cast<double>(idleSteps_)};
  for (const Pair& pair : pairs_) {
    memory.insert(memory.end(), pair.step.begin(), pair.step.end());
    memory.insert(memory.end(), pair.change.begin(), pair.change.end());
  }
  return memory;
}

std::vector<double> Lbfgs::carried(std::span<const double> memory, std::size_t unknowns,
                                   std::size_t penalised, double more) {
  constexpr double none = std::numeric_limits<double>::max();
  std::vector<double> found(memory.begin(), memory.end());
  if (found.size() < scalarsOfMemory) return {};
  found[1] = found[2] = none;
  found[3] = 0;
  for (std::size_t at = scalarsOfMemory; at + 2 * unknowns <= found.size(); at += 2 * unknowns) {
    for (std::size_t j = 0; j < penalised; ++j) found[at + unknowns + j] += more * found[at + j];
  }
  return found;
}

void Lbfgs::curveBy(Cholesky curvature) {
  curvature_ = std::move(curvature);
  directed_ = false;
}

void Lbfgs::scaleBy(std::span<const double> curvatures) {
  // Halfway between what it would be if columns had nothing to do with each other, 1/curvature, and
  // 1: the curvature of columns that go together is shared, and where the loss is nearly 0 there is
  // little but the penalty's. Over random texts and categories, with penalties from 1e-3 to 1e-6,
  // this mostly took a third to nine tenths of the passes that 1 took; over few rows of many
  // columns a tenth more at worst, where 1/curvature took twice as many.
  scales_.resize(curvatures.size());
  for (std::size_t j = 0; j < scales_.size(); ++j)
    scales_[j] =
        curvatures[j] > 0 && std::isfinite(curvatures[j]) ? 1 / std::sqrt(curvatures[j]) : 1;
  directed_ = false;
}

void Lbfgs::precondition(std::span<double> d) const {
  if (curvature_) {
    curvature_->solve(d);
  } else {
    if (scales_.empty()) return;
    function_.inRanges([&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) d[j] *= scales_[j];
    });
  }
}

void Lbfgs::moveTo(Evaluated to) {
  at_ = std::move(to);
  pairs_.clear();
  idleValue_ = at_.value;
  arrived();
  idleGradient_ = gradientSize_;
  idleSteps_ = 0;
}

bool Lbfgs::leap(std::vector<double> x) {
  Evaluated to{std::move(x), std::vector<double>(function_.unknowns()), 0};
  function_.round(to.x);
  to.value = function_.at(to.x, to.gradient);
  if (!(to.value < at_.value)) return false;
  remember(to);
  at_ = std::move(to);
  arrived();
  return true;
}

void Lbfgs::arrived() {
  if (function_.l1() > 0) pseudoGradient(function_, at_, pseudoGradient_);
  const std::span<const double> steepest = steepestAscent();
  gradientSize_ = largest(function_.ofRanges([&](std::size_t begin, std::size_t end) {
    return largest(steepest.subspan(begin, end - begin));
  }));
  directed_ = false;
}

double Lbfgs::noise() const noexcept {
  // Terms of a loss may cancel: a value near 0 is as uncertain as what it came from.
  return function_.resolution() * std::max(std::abs(at_.value), 1e-3 * std::abs(startValue_));
}

double Lbfgs::freeDot(std::span<const double> a, std::span<const double> b) const {
  const bool isFree = function_.l1() == 0;
  return function_.sumOfRanges(
      [&](std::size_t begin, std::size_t end) { return freeDot(a, b, begin, end, isFree); });
}

double Lbfgs::freeDot(std::span<const double> a, std::span<const double> b, std::size_t begin,
                      std::size_t end, bool isFree) const noexcept {
  const std::size_t count = end - begin;
  if (isFree) return dot(a.subspan(begin, count), b.subspan(begin, count));
  return summed(count, [&](std::size_t at) {
    const std::size_t j = begin + at;
    return pseudoGradient_[j] != 0 ? a[j] * b[j] : 0;
  });
}

double Lbfgs::add(std::span<double> d, double by, std::span<const double> v,
                  const std::vector<double>* next) const {
  const bool isFree = function_.l1() == 0;
  // The range is in a cache still when it is read again.
  return function_.sumOfRanges([&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) d[j] += by * v[j];
    return next == nullptr ? 0 : freeDot(*next, d, begin, end, isFree);
  });
}

void Lbfgs::findDirection() {
  if (directed_) return;
  std::vector<double>& d = direction_;
  const std::span<const double> steepest = steepestAscent();
  function_.inRanges([&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) d[j] = -steepest[j];
  });
  struct Use {
    const Pair* pair;
    double weight;
  };
  std::vector<Use> used;
  for (Pair& pair : pairs_)
    if (function_.l1() == 0 || curves(pair)) used.push_back({&pair, 0});
  double along = used.empty() ? 0 : freeDot(used.back().pair->step, d);
  for (std::size_t k = used.size(); k-- > 0;) {
    const Pair& pair = *used[k].pair;
    used[k].weight = along / pair.product;
    along = add(d, -used[k].weight, pair.change, k == 0 ? nullptr : &used[k - 1].pair->step);
  }
  precondition(d);
  if (!used.empty()) {
    const Pair& last = *used.back().pair;
    std::vector<double>& change = spare_.x;
    function_.inRanges([&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) change[j] = last.change[j];
    });
    precondition(change);
    const double scale = last.product / freeDot(last.change, change);
    function_.inRanges([&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) d[j] *= scale;
    });
    along = freeDot(used.front().pair->change, d);
  }
  for (std::size_t k = 0; k < used.size(); ++k) {
    const Pair& pair = *used[k].pair;
    const bool isLast = k + 1 == used.size();
    along = add(d, used[k].weight - along / pair.product, pair.step,
                isLast ? nullptr : &used[k + 1].pair->change);
  }
  // No unknown with an l1 term goes against its steepest descent.
  for (std::size_t j = 0; function_.l1() > 0 && j < function_.penalised(); ++j)
    if (d[j] * steepest[j] >= 0) d[j] = 0;
  slope_ = freeDot(d, steepest);
  directed_ = true;
}

bool Lbfgs::curves(Pair& pair) const {
  pair.product = freeDot(pair.step, pair.change);
  return pair.product >
             std::numeric_limits<double>::epsilon() * freeDot(pair.change, pair.change) &&
         std::isfinite(pair.product);
}

double Lbfgs::expectedDecrease() {
  findDirection();
  return -slope_ / 2;
}

bool Lbfgs::step() {
  findDirection();
  // With nothing remembered a step has no length of its own. One unit in the weight that moves most
  // is lost in the rounding of weights of 1e9 in float32, or 1e18 in float64.
  const auto first = [&] {
    if (!pairs_.empty() || curvature_) return 1.0;
    const double unit = 1 / largest(direction_);
    return std::min(1.0, std::max(unit, leastFirstShare * at_.value / -slope_));
  };
  bool found = slope_ < 0 && search(first());
  if (!found && !pairs_.empty()) {
    // What is remembered may be of another place, or rounding.
    pairs_.clear();
    directed_ = false;
    findDirection();
    found = slope_ < 0 && search(first());
  }
  return found && !standsStill();
}

bool Lbfgs::search(double firstStep) {
  const Line line{at_, direction_, slope_, roomOfValues * noise()};
  bool found = false;
  if (function_.l1() > 0) {
    std::vector<double> orthant(at_.x.size());
    for (std::size_t j = 0; j < orthant.size(); ++j)
      orthant[j] = signOf(at_.x[j] != 0 ? at_.x[j] : -pseudoGradient_[j]);
    found = searchOrthant(function_, line, pseudoGradient_, orthant, firstStep, spare_);
  } else {
    found = searchSmooth(function_, line, firstStep, spare_);
  }
  if (!found) return false;
  remember(spare_);
  std::swap(at_, spare_);
  arrived();
  return true;
}

void Lbfgs::remember(const Evaluated& to) {
  const std::size_t n = at_.x.size();
  next_.step.resize(n);
  next_.change.resize(n);
  function_.inRanges([&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) {
      next_.step[j] = to.x[j] - at_.x[j];
      next_.change[j] = to.gradient[j] - at_.gradient[j];
    }
  });
  if (!curves(next_)) return;
  pairs_.push_back(std::move(next_));
  if (pairs_.size() <= history_) return;
  next_ = std::move(pairs_.front());
  pairs_.pop_front();
}

bool Lbfgs::standsStill() {
  const bool lower = idleValue_ - at_.value > noise();
  const bool flatter = gradientSize_ < 0.9 * idleGradient_;
  if (lower) idleValue_ = at_.value;
  if (flatter) idleGradient_ = gradientSize_;
  idleSteps_ = lower || flatter ? 0 : idleSteps_ + 1;
  return idleSteps_ >= mostIdleSteps;
}

}  // namespace thalweg
