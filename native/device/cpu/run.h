#pragma once

#include <atomic>

#include "../device.h"
#include "../halt.h"
#include "../host_step.h"
#include "earlier_loss.h"
#include "fetch_ahead.h"
#include "lazy_steps.h"
#include "passes.h"
#include "rounded.h"

namespace thalweg::cpu {

/// A descent on the CPU. Calls return when their steps are done; θ is kept in float64 between batch
/// and mini-batch steps, and in T within a chunk of stochastic ones.
template <typename T>
class CpuRun final : public Run {
 public:
  CpuRun(ThreadPool& pool, const Level& level, const Problem& problem, const RunOptions& options,
         const CancelFlag& cancelled);

  void setTheta(std::span<const double> theta, std::span<const double> intercepts) override;
  void setMoments(std::span<const double> moments, std::uint64_t taken) override;
  void readMoments(std::span<double> moments) override;
  void setLossBefore(double loss) override;
  void batchSteps(std::uint64_t count, StepRates rates) override;
  [[nodiscard]] std::uint64_t grain(std::uint64_t batchSize) override;
  void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                       StepRates rates) override;
  [[nodiscard]] bool leaveProcessorsIdle(std::uint64_t batchSize) const override;
  void measureLoss() override;
  void measureLossWithNextEpoch() override;
  RunStatus wait(std::vector<double>& losses) override;
  void readTheta(std::span<double> theta, std::span<double> intercepts) override;
  double gradient(std::span<double> gradient, std::span<double> interceptGradient) override;

 private:
  /// Of weights, or columns, which the threads share where they are more.
  static constexpr std::size_t weightsOfRange = std::size_t{1} << 14U;

  [[nodiscard]] double penalty() const;
  [[nodiscard]] bool isSparse() const noexcept { return X_.isSparse(); }
  /// θ and b as the loops read them.
  void round() { rounded_.set(theta_, intercepts_); }
  /// Of the shape alone, not of the threads: the last bits of a loss depend on how it is formed.
  [[nodiscard]] bool gainByReadingAhead(std::uint64_t batchSize) const noexcept;
  /// Between slices of so many rows, a millisecond or two at the speed of memory, the flag is read.
  [[nodiscard]] std::size_t rowsPerSlice() const noexcept;
  /// With the sums over rows of so much weight.
  void step(const PassSums& sums, double weight, double learningRate);
  /// What a batch of so many rows weighs on average.
  [[nodiscard]] double weightOf(std::size_t rows) const noexcept {
    return static_cast<double>(rows) * meanWeight_;
  }
  /// The lazy steps over so many rows each, where they are taken so; null: as others are.
  [[nodiscard]] LazySteps<T>* lazySteps(std::uint64_t batchSize);
  /// Whether steps as the last ones form the loss of the epoch before.
  [[nodiscard]] bool stepsFormLoss() const noexcept;
  void takeLazySteps(LazySteps<T>& lazy, std::span<const std::uint32_t> rows, StepRates rates);
  void stochasticSteps(std::span<const std::uint32_t> rows, StepRates rates);
  void sparseStochasticSteps(std::span<const std::uint32_t> rows, StepRates rates);
  void miniBatchSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                      StepRates rates);
  void miniBatchStepsReadAhead(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                               StepRates rates);
  [[nodiscard]] ReadAhead<T> formingEarlierLoss(std::size_t batchSize);
  /// Adds blocks of rows to the earlier loss until others have done what they do.
  void addToEarlierLoss(const std::atomic<bool>& areDone);
  void finishEarlierLoss();
  void recordLoss(double sum, double penalty);

  const Kernels<T>& kernels_;
  const Problem& problem_;
  Objective objective_;
  const CancelFlag& cancelled_;
  const Matrix& X_;
  std::size_t rowCount_;
  double totalWeight_;
  double meanWeight_;
  ThreadPool& pool_;
  Passes<T> passes_;
  RoundedParameters<T> rounded_;
  EarlierLoss<T> earlier_;
  HaltRule halt_;
  HostStep step_;
  std::vector<double> theta_;       ///< in the order of weight_order.h
  std::vector<double> intercepts_;  ///< one an output
  std::vector<double> unread_;
  std::optional<LazySteps<T>> lazy_;
  std::uint64_t batchSize_ = 0;  ///< of the steps that were asked for last; 0: of none yet
};

}  // namespace thalweg::cpu
