#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "windows.h"

namespace thalweg {

/// A run over an X that is not in the device's memory: losses are passes over all of it, and steps
/// over rows in an order of chance are those of a second run, over the window that holds these rows
/// in the device's memory. θ and moments go from one to the other as they are.
class WindowedRun final : public Run {
 public:
  WindowedRun(Device& device, const Problem& problem, const RunOptions& options,
              const Windows& windows, const CancelFlag& cancelled);

  void setTheta(std::span<const double> theta, std::span<const double> intercepts) override;
  void setMoments(std::span<const double> moments, std::uint64_t taken) override;
  void readMoments(std::span<double> moments) override { whole_->readMoments(moments); }
  void setLossBefore(double loss) override { whole_->setLossBefore(loss); }
  void batchSteps(std::uint64_t count, StepRates rates) override {
    whole_->batchSteps(count, rates);
  }
  void expectRows(std::span<const std::uint32_t> rows) override;
  void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                       StepRates rates) override;
  void measureLoss() override { whole_->measureLoss(); }
  RunStatus wait(std::vector<double>& losses) override { return whole_->wait(losses); }
  void readTheta(std::span<double> theta, std::span<double> intercepts) override {
    whole_->readTheta(theta, intercepts);
  }
  double gradient(std::span<double> gradient, std::span<double> interceptGradient) override {
    return whole_->gradient(gradient, interceptGradient);
  }

 private:
  void copyRows(const Matrix& from, Matrix& to, std::uint64_t chunk, std::uint64_t slot) const;
  /// θ and moments, from one run to the other.
  void handOver(Run& from, Run& to);

  const Problem& problem_;
  const CancelFlag& cancelled_;
  std::uint64_t chunkRows_;
  std::unique_ptr<Matrix> X_;
  std::unique_ptr<Matrix> y_;
  std::unique_ptr<Matrix> weightValues_;
  std::optional<Weights> weights_;
  std::optional<Problem> window_;
  std::vector<std::uint32_t> slots_;  ///< of each chunk of X its place in the window
  std::vector<std::uint32_t> local_;
  std::vector<double> theta_;
  std::vector<double> intercepts_;
  std::vector<double> moments_;
  std::uint64_t taken_ = 0;
  // Last, so that they go before what they compute on.
  std::unique_ptr<Run> whole_;
  std::unique_ptr<Run> steps_;
};

}  // namespace thalweg
