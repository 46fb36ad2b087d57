#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "window_reader.h"
#include "windows.h"

namespace thalweg {

/// A run over an X that is not in the device's memory: losses are passes over all of it, and steps
/// over rows in an order of chance are those of a second run, over the window that holds these rows
/// in the device's memory. θ and moments go from one to the other as they are. While steps go over
/// a window the next is read.
class WindowedRun final : public Run {
 public:
  /// \param first  the window that rows are expected of first
  /// \param epochs how many there are from its own on
  WindowedRun(Device& device, const Problem& problem, const RunOptions& options,
              const Windows& windows, const Window& first, std::uint64_t epochs,
              const CancelFlag& cancelled);

  void setTheta(std::span<const double> theta, std::span<const double> intercepts) override;
  void setMoments(std::span<const double> moments, std::uint64_t taken) override;
  void readMoments(std::span<double> moments) override { whole_->readMoments(moments); }
  void setLossBefore(double loss) override { whole_->setLossBefore(loss); }
  void batchSteps(std::uint64_t count, StepRates rates) override;
  void expectRows(std::span<const std::uint32_t> rows) override;
  void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                       StepRates rates) override;
  void measureLoss() override;
  RunStatus wait(std::vector<double>& losses) override { return whole_->wait(losses); }
  void readTheta(std::span<double> theta, std::span<double> intercepts) override {
    whole_->readTheta(theta, intercepts);
  }
  double gradient(std::span<double> gradient, std::span<double> interceptGradient) override;

 private:
  /// Rows in the device's memory, and the run of steps over them.
  struct Held {
    std::unique_ptr<Matrix> X{};
    std::unique_ptr<Matrix> y{};
    std::unique_ptr<Matrix> weightValues{};
    std::optional<Weights> weights{};
    std::optional<Problem> problem{};
    std::unique_ptr<Run> steps{};  // last, so that it goes before what it computes on
  };

  [[nodiscard]] std::unique_ptr<Held> room(Device& device, const RunOptions& options) const;
  /// Where there is room for a second window.
  void readAhead(Device& device, const RunOptions& options);
  /// The numbers of the chunks that have these rows, upwards.
  [[nodiscard]] std::vector<std::uint32_t> chunksWith(std::span<const std::uint32_t> rows) const;
  /// Has chunks in the window, from its first place on; of those that are read X is there.
  void hold(const std::vector<std::uint32_t>& chunks, bool isRead);
  void copyRows(const Matrix& from, Matrix& to, std::uint64_t chunk, std::uint64_t slot) const;
  /// θ and moments, from one run to the other.
  void handOver(Run& from, Run& to);

  const Problem& problem_;
  const CancelFlag& cancelled_;
  Windows windows_;
  Window next_;  ///< that rows will be expected of
  std::uint64_t endEpoch_;
  std::vector<std::uint32_t> slots_;  ///< of each chunk of X its place in the window
  std::vector<std::uint32_t> local_;
  std::vector<double> theta_;
  std::vector<double> intercepts_;
  std::vector<double> moments_;
  std::uint64_t taken_ = 0;
  std::array<std::unique_ptr<Held>, 2> held_;  ///< the second where windows are read ahead
  std::size_t now_ = 0;                        ///< of these the one that steps go over
  std::unique_ptr<Run> whole_;
  std::optional<WindowReader> reader_;  // last: it stops before what it reads into goes
};

}  // namespace thalweg
