#pragma once

#include <memory>
#include <optional>

#include "descent.h"
#include "row_weights.h"

namespace thalweg {

/// A descent over X' = 2⁻ˢX and y' = 2⁻ᵏy in place of X and y, where squares of their values, or
/// sums of these over the rows, leave the range of their dtype. A product with a power of two is
/// exact, so that the steps are the same but for what would overflow or underflow:
/// - X = 2ˢX' has the outputs of θ = 2⁻ˢθ', whatever the activation and the loss.
/// - y = 2ᵏy' has the descent of θ = 2ᵏθ' and b = 2ᵏb', and L = 2ᵈᵏL', where a factor of z and y
///   is one of the loss (`degreeOfScaling` d).
/// The rate for θ' is 2²ˢ times that for θ, while b keeps its own: with an intercept X is scaled
/// only where the rate is left to the descent, which finds one that suits both.
///
/// An optimiser whose steps do not grow with the gradient has other steps there: it gets X and y as
/// they are.
///
/// Where everything fits nothing is copied or changed. X and y must outlive it.
class Scaling {
 public:
  /// A descent that goes on has the powers of the one before.
  Scaling(Device& device, const Problem& given, const Held* held, const DescentOptions& options,
          const CancelFlag& cancelled);

  /// What to descend on, and how.
  [[nodiscard]] Problem problem() const noexcept {
    return {*X_, *y_, options_.objective, weights_, all_};
  }
  [[nodiscard]] const DescentOptions& options() const noexcept { return options_; }
  /// What to validate with.
  [[nodiscard]] const std::optional<Problem>& held() const noexcept { return held_; }

  /// A loss of `problem()` as one of the problem given; infinite where no double is so large.
  [[nodiscard]] double loss(double scaled) const noexcept;
  /// Adds the powers to a state of `problem()`.
  void describe(DescentState& state) const noexcept;
  /// Turns what was found for `problem()` into what holds for the problem given.
  void restore(DescentResult& result) const noexcept;

 private:
  /// Which powers the data need.
  void choose(Device& device, const Problem& given);
  void setHeld(Device& device, const Held& held, const CancelFlag& cancelled);

  /// L = 2^lossExponent·L'.
  [[nodiscard]] int lossExponent() const noexcept;
  /// The rate for θ is 2^rateExponent times that for θ'.
  [[nodiscard]] int rateExponent() const noexcept;

  const Matrix* X_;
  const Matrix* y_;
  const Weights* weights_;
  const AllRows* all_;
  std::unique_ptr<Matrix> scaledX_;
  std::unique_ptr<Matrix> scaledY_;
  std::unique_ptr<Matrix> scaledHeldX_;
  std::unique_ptr<Matrix> scaledHeldY_;
  std::optional<RowWeights> heldWeights_;
  std::optional<AllRows> heldOfAll_;
  std::optional<Problem> held_;
  DescentOptions options_;
  int features_ = 0;  ///< s
  int targets_ = 0;   ///< k
  int degree_ = 0;    ///< d
};

/// s, for which the longest row of 2⁻ˢX is between 1 and 2; 0 where squares of X's values, `bend`
/// times these, and sums of them over all rows, fit its dtype.
[[nodiscard]] int featureExponent(Device& device, const Problem& problem, double bend = 1);

/// X·2^exponent, on the same device.
[[nodiscard]] std::unique_ptr<Matrix> timesPowerOfTwo(Device& device, const Matrix& X, int exponent,
                                                      const CancelFlag& cancelled);

/// d in ℓ(φ(cz), cy) = cᵈℓ(φ(z), y) for c > 0; 0 where activation or loss is no such function.
[[nodiscard]] int degreeOfScaling(const Objective& objective) noexcept;

/// Whether sums of squares of the targets leave the range of their dtype.
[[nodiscard]] bool squaresOverflow(Device& device, const Problem& problem);

}  // namespace thalweg
