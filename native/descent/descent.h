#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"
#include "schedule.h"
#include "state.h"
#include "validation.h"

namespace thalweg {

enum class Strategy { batch, stochastic, miniBatch };
enum class Sampling { withReplacement, shuffle };
enum class Plan {
  fused,
  gram,
  sequential,
  local,  ///< sequential, of several ranks each by itself
};

/// L-BFGS in place of steps along the gradient: batch only, without a learning rate.
struct LbfgsOptions {
  std::size_t history = 10;  ///< steps that are remembered, 1 or more
  std::uint64_t mostPasses = std::numeric_limits<std::uint64_t>::max();  ///< over X
  /// A linear neuron with squared loss, without l1: solved first (least_squares.h), where it can
  /// be.
  bool isDirect = false;
};

struct DescentOptions {
  Strategy strategy = Strategy::batch;
  Objective objective;
  std::optional<double> learningRate;  ///< none: a stable one is found
  Schedule schedule;                   ///< what becomes of it
  std::uint64_t passes = 0;            ///< iterations of batch, epochs of the others
  std::uint64_t batchSize = 32;
  /// Mini-batches over ranks: steps that each takes by itself between two averages of all; none:
  /// all take each step together.
  std::optional<std::uint64_t> averageEvery;
  std::uint32_t seed = 0;
  Sampling sampling = Sampling::withReplacement;
  RunOptions run;
  Plan plan = Plan::fused;
  std::optional<LbfgsOptions> lbfgs;
  double maxSeconds = std::numeric_limits<double>::infinity();
  std::vector<double> theta;  ///< where it starts; n·K values, feature by feature; none: zeros
  std::vector<double> intercepts;    ///< K values; none: zeros
  std::optional<DescentState> from;  ///< what it goes on from, in place of θ and b
  Stopping stopping;                 ///< where there are rows to validate with
};

/// Rows to validate with, and how much each counts (m×1; null: 1), of the descent's device and
/// dtype.
struct Held {
  const Matrix& X;
  const Matrix& y;
  const Matrix* weights = nullptr;
};

/// Why a descent is over.
enum class Stop {
  completed,  ///< all passes are done
  converged,
  early,  ///< before that
};

struct DescentResult {
  std::vector<double> theta;
  std::vector<double> intercepts;
  /// At the θ each iteration starts from, and of L-BFGS at the last θ too; or after each epoch.
  std::vector<double> loss;
  std::uint64_t iterations = 0;  ///< steps taken
  Stop stopped = Stop::completed;
  std::vector<double> validationLoss{};  ///< of each validation
  std::optional<BestState> best{};       ///< of them, where there were any
  DescentState state{};                  ///< at the end
  Plan plan = Plan::fused;
  std::optional<double> learningRate;  ///< none of L-BFGS
  double seconds = 0;
};

/// `passes` done, the latest loss, and the seconds since the descent began.
struct Progress {
  std::uint64_t passes;
  double loss;
  double seconds;
};

/// How the outside watches a descent and stops it.
struct Control {
  using Report = std::function<void(const Progress&)>;

  const CancelFlag& cancelled;
  Report report;  ///< called on the device's thread, at most 20 times a second; may be empty
  std::function<void(DescentState)> checkpoint{};  ///< likewise, every so many seconds
  double checkpointSeconds = 0;
};

/// X (m×n), y (m×K, or m×1 labels) and how much each row counts (m×1; null: 1), of one dtype on one
/// device.
struct Data {
  const Matrix& X;
  const Matrix& y;
  const Matrix* weights = nullptr;
};

/// Runs a descent over data on the device that holds them, validated with `held` where that is not
/// null. Throws Error diverged, Cancelled, that of labels or weights which are not allowed, and
/// what the device throws.
[[nodiscard]] DescentResult descend(Device& device, const Data& data, const Held* held,
                                    const DescentOptions& options, const Control& control);

struct LossGradient {
  double loss;
  std::vector<double> gradient;    ///< n·K values, feature by feature
  std::vector<double> intercepts;  ///< ∂/∂b; 0 without fitIntercept
};

/// One pass at `options.theta` and `options.intercepts`: the loss, and its gradient.
[[nodiscard]] LossGradient lossGradient(Device& device, const Data& data,
                                        const DescentOptions& options, const CancelFlag& cancelled);

}  // namespace thalweg
