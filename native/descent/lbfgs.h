#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "cholesky.h"
#include "function.h"

namespace thalweg {

/// Steps by L-BFGS: along −Hg, H the inverse of the curvature as the last few steps have shown it
/// (two-loop recursion), with a line search (line_search.h). Source: Liu and Nocedal, "On the
/// Limited Memory BFGS Method for Large Scale Optimization", 1989. With an l1 term by OWL-QN
/// (Andrew and Gao, 2007). Vectors are in float64 on the host, whose threads share them where they
/// are long: beside a pass over dense rows they are nothing, beside one over words they are not.
class Lbfgs {
 public:
  /// Evaluates the function at `start`; goes on from what another had in its `memory` there, if
  /// that is not empty. Throws Error state where it is none.
  Lbfgs(Function& function, std::vector<double> start, std::size_t history,
        std::span<const double> memory = {});

  /// All that the next steps need besides `at`.
  [[nodiscard]] std::vector<double> memory() const;

  /// A memory for another function of so many unknowns, whose curvature is larger by `more` in the
  /// first `penalised` of them: it keeps the steps and their changes alone.
  [[nodiscard]] static std::vector<double> carried(std::span<const double> memory,
                                                   std::size_t unknowns, std::size_t penalised,
                                                   double more);

  /// Takes B for what the pairs tell nothing of, from where the next step begins; of a function
  /// without an l1 term. Source: Nocedal and Wright, "Numerical Optimization", 2006, §7.2: H₀ of
  /// algorithm 7.4.
  void curveBy(Cholesky curvature);
  /// Takes for what the pairs tell nothing of what is known of the second derivative by each
  /// unknown alone; empty: nothing is. Until curveBy.
  void scaleBy(std::span<const double> curvatures);
  [[nodiscard]] bool isCurved() const noexcept { return curvature_.has_value(); }

  /// Moves to a lower point. Returns whether there was one: false where no more can be had in the
  /// function's arithmetic.
  [[nodiscard]] bool step();

  /// Evaluates the function where its optimum may be, and goes there if it is lower. Returns
  /// whether it was. Of a function without an l1 term.
  [[nodiscard]] bool leap(std::vector<double> x);

  /// Goes on from another point, with nothing remembered.
  void moveTo(Evaluated to);

  [[nodiscard]] const Evaluated& at() const noexcept { return at_; }
  /// maxⱼ |gⱼ| of the gradient, or with an l1 term of the pseudo-gradient, which is 0 at the
  /// optimum as well.
  [[nodiscard]] double gradientSize() const noexcept { return gradientSize_; }
  /// How far the value is above the least one, as far as the steps have shown the curvature:
  /// gᵀHg/2.
  [[nodiscard]] double expectedDecrease();

 private:
  /// A step and what the gradient changed by.
  struct Pair {
    std::vector<double> step;
    std::vector<double> change;
    /// stepᵀchange; with an l1 term it changes with the unknowns that are held at 0.
    double product = 0;
  };

  /// Looks at `at_` anew.
  void arrived();
  /// The gradient, or with an l1 term the pseudo-gradient.
  [[nodiscard]] std::span<const double> steepestAscent() const noexcept {
    return function_.l1() > 0 ? pseudoGradient_ : at_.gradient;
  }
  [[nodiscard]] double noise() const noexcept;
  /// aᵀb, of those unknowns alone that are not held at 0 by the l1 term.
  [[nodiscard]] double freeDot(std::span<const double> a, std::span<const double> b) const;
  [[nodiscard]] double freeDot(std::span<const double> a, std::span<const double> b,
                               std::size_t begin, std::size_t end, bool isFree) const noexcept;
  /// d ← d + by·v. Returns freeDot(next, d), 0 where there is no next.
  double add(std::span<double> d, double by, std::span<const double> v,
             const std::vector<double>* next) const;
  /// Finds stepᵀchange. Whether it tells of a curvature above 0, and not of rounding.
  [[nodiscard]] bool curves(Pair& pair) const;
  /// d becomes H₀d, but for a factor.
  void precondition(std::span<double> d) const;
  /// −Hg into `direction_`, and its slope.
  void findDirection();
  [[nodiscard]] bool search(double firstStep);
  void remember(const Evaluated& to);
  [[nodiscard]] bool standsStill();

  Function& function_;
  std::size_t history_;
  Evaluated at_;
  Evaluated spare_;  ///< where a line search looks
  double startValue_;
  std::deque<Pair> pairs_;
  Pair next_;  ///< the memory of one that is no longer needed
  std::optional<Cholesky> curvature_;
  std::vector<double> scales_;          ///< of each unknown; none: 1
  std::vector<double> pseudoGradient_;  ///< with an l1 term
  std::vector<double> direction_;
  bool directed_ = false;  ///< `direction_` is that of `at_`
  double slope_ = 0;
  double gradientSize_ = 0;
  // The last value and gradient that were lower than those before by more than rounding.
  double idleValue_ = std::numeric_limits<double>::infinity();
  double idleGradient_ = std::numeric_limits<double>::infinity();
  int idleSteps_ = 0;
};

}  // namespace thalweg
