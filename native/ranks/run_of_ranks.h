#pragma once

#include <memory>
#include <span>
#include <vector>

#include "../device/device.h"
#include "../device/halt.h"
#include "../device/host_step.h"
#include "batch_share.h"

namespace thalweg {

/// A run over the rows of all ranks: each makes the pass over its own, their shares of the loss and
/// of its gradient are added up, and every rank takes the same step from the sums, in float64.
class RunOfRanks final : public Run {
 public:
  /// `problem` says what all ranks have, and its matrices are the rows of this one; none of these
  /// need count.
  RunOfRanks(Device& here, Ranks& ranks, const Problem& problem, const RunOptions& options,
             const CancelFlag& cancelled);

  void setTheta(std::span<const double> theta, std::span<const double> intercepts) override;
  void setMoments(std::span<const double> moments, std::uint64_t taken) override;
  void readMoments(std::span<double> moments) override;
  void setLossBefore(double loss) override { halt_.setPrevious(loss); }

  void batchSteps(std::uint64_t count, StepRates rates) override;
  /// Each rank makes the pass over its own of the rows, which are numbered in the order of ranks.
  void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                       StepRates rates) override;
  void measureLoss() override;
  RunStatus wait(std::vector<double>& losses) override;
  void readTheta(std::span<double> theta, std::span<double> intercepts) override;
  double gradient(std::span<double> gradient, std::span<double> interceptGradient) override;

 private:
  /// The mean loss over all rows and its gradient at θ and b, without the penalty.
  double pass();
  void record(double loss);

  Device& here_;
  Ranks& ranks_;
  Objective objective_;
  Problem share_;             ///< without a penalty, which counts once
  std::unique_ptr<Run> run_;  ///< null: no row of this rank counts
  double meanWeight_;
  std::unique_ptr<BatchShare> batches_;  ///< null before the first steps over some rows
  const CancelFlag& cancelled_;
  HostStep step_;
  HaltRule halt_;
  std::vector<double> theta_;
  std::vector<double> intercepts_;
  std::vector<double> sums_;  ///< the gradient, feature by feature, that of b, and the loss
  std::vector<double> unread_;
};

}  // namespace thalweg
