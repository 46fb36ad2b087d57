#pragma once

#include "descent.h"

namespace thalweg {

/// λmax of BᵀWB/Σw for B = [X, 1] (or X without an intercept), by power iteration through the fused
/// pass, with the weights W of a problem whose rows these are.
[[nodiscard]] double largestEigenvalue(Device& device, const Matrix& X, const Problem& of,
                                       bool intercept, int iterations, const CancelFlag& cancelled);

/// A bound of ∂²ℓ(φ(z), y)/∂z² over z, for |y| up to `y`. Where none exists, its value around the
/// targets.
[[nodiscard]] double curvature(const Objective& objective, double y) noexcept;

/// A rate at which the descent is stable: 1/L for batch, L the largest curvature of the objective,
/// and 1/(2𝓛) for random batches of b rows, 𝓛 the expected smoothness (Gower, Loizou, Qian,
/// Sailanbayev, Shulgin, Richtárik, "SGD: General Analysis and Improved Rates", 2019,
/// Proposition 3.8 for b-nice sampling), with each row's curvature times its weight over their
/// mean. Where the curvature has no bound it is a guess from the targets.
[[nodiscard]] double stableLearningRate(Device& device, const Problem& problem,
                                        const DescentOptions& options, const CancelFlag& cancelled);

/// How many times a descent at `stableLearningRate` may begin anew with a quarter of its rate. 0
/// where no step can rise above the loss it starts from: plain batch steps over a smooth objective.
[[nodiscard]] int retriesAtSmallerRates(const DescentOptions& options) noexcept;

/// The rate above which a linear neuron with squared loss diverges: 2/L for batch steps; for random
/// rows, the one up to which no single step overshoots its row, 1/max ‖xᵢ‖².
[[nodiscard]] double largestStableLearningRate(Device& device, const Problem& problem,
                                               Strategy strategy, const CancelFlag& cancelled);

}  // namespace thalweg
