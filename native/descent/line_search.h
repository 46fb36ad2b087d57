#pragma once

#include <span>

#include "function.h"

namespace thalweg {

/// Where a search begins: a point, a direction, and the slope along it there, below 0.
struct Line {
  const Evaluated& from;
  std::span<const double> direction;
  double slope;
  double noise;  ///< how much of a value may be rounding
};

/// A step along a line that meets the strong Wolfe conditions, f(x + αd) ≤ f(x) + 10⁻⁴·α·slope and
/// |slope there| ≤ 0.9·|slope|, found by bracketing and cubic interpolation (Nocedal and Wright,
/// "Numerical Optimization", 2006, section 3.5). Where values differ by no more than rounding the
/// slope there stands in for the first of them (Hager and Zhang, "A New Conjugate Gradient Method
/// with Guaranteed Descent and an Efficient Line Search", 2005, equation 4.1). `to`, of as many
/// unknowns, is moved there; returns false where there is no such step.
[[nodiscard]] bool searchSmooth(Function& function, const Line& line, double firstStep,
                                Evaluated& to);

/// The same of a function with an l1 term: candidates stay in the orthant in which `line.from` and
/// its steepest descent lie, `orthant` by signs, and the first is taken that lies low enough
/// (Andrew and Gao, "Scalable Training of L1-Regularized Log-Linear Models", 2007). `slope` is
/// along the pseudo-gradient.
[[nodiscard]] bool searchOrthant(Function& function, const Line& line,
                                 std::span<const double> pseudoGradient,
                                 std::span<const double> orthant, double firstStep, Evaluated& to);

}  // namespace thalweg
