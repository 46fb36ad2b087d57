#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "../../device.h"
#include "../../host_step.h"
#include "../arguments.h"
#include "../matrix.h"
#include "../plan/outputs.h"
#include "../plan/pass.h"
#include "../plan/sizes.h"
#include "../programs.h"
#include "../queue.h"
#include "../streamed_rows.h"
#include "forward.h"
#include "pacer.h"
#include "sparse_pass.h"
#include "step_blocks.h"
#include "values.h"

namespace thalweg::kernels {

/// A descent on a KernelDevice: what it holds on the device, and which kernels its steps enqueue.
class KernelRun final : public Run {
 public:
  KernelRun(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
            const Problem& problem, const RunOptions& options, const CancelFlag& cancelled);

  void setTheta(std::span<const double> theta, std::span<const double> intercepts) override;
  void setMoments(std::span<const double> moments, std::uint64_t taken) override;
  void readMoments(std::span<double> moments) override;
  void setLossBefore(double loss) override;
  [[nodiscard]] std::uint64_t leastSteps() const override;
  void batchSteps(std::uint64_t count, StepRates rates) override;
  void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                       StepRates rates) override;
  void measureLoss() override;
  RunStatus wait(std::vector<double>& losses) override;
  void readTheta(std::span<double> theta, std::span<double> intercepts) override;
  double gradient(std::span<double> gradient, std::span<double> interceptGradient) override;

  /// What a pass leaves of the gradient: rows of `stride` reals, of which the first are the sums
  /// that belong to the weights, output by output, and then those of the intercepts.
  struct Partials {
    const Buffer& sums;
    std::uint64_t count;
    std::uint64_t stride;
  };
  /// Enqueues a pass at θ, which is 0 unless it was set, by another run whose `state` this is.
  /// Until the next one.
  [[nodiscard]] Partials gradientOnly(const Launch& launch, const Buffer& state);

 private:
  /// The device's side of halting and of the loss history; see kernels/math/halting.h.
  struct Record {
    std::unique_ptr<Buffer> state;
    std::unique_ptr<Buffer> history;
  };

  [[nodiscard]] Record makeRecord();
  void findMostGroups();
  /// Whether equal steps may be recorded: nothing is brought to the device between them.
  [[nodiscard]] bool mayRecord() const {
    return queue_.records() && X_.spool() == nullptr && isSparse() == (sparse_ != nullptr);
  }
  [[nodiscard]] bool isSparse() const { return X_.sparse() != nullptr; }
  /// Whether rows by index are copied before they are computed on.
  [[nodiscard]] bool split() const { return parts_.size() > 1 || isSparse(); }
  [[nodiscard]] std::uint64_t rowBytes() const { return n_ * sizeOf(dtype_); }
  [[nodiscard]] bool isWeighted() const { return weights_ != nullptr; }
  /// Enqueues a kernel that moves so many bytes; groupSize 0 is the usual one.
  void launch(const Kernel& kernel, std::uint64_t groups,
              std::initializer_list<const Buffer*> buffers, std::span<const std::byte> arguments,
              std::uint64_t bytes, std::uint32_t groupSize = 0);
  /// The same, for others.
  [[nodiscard]] Launch launching();
  /// A kernel of update.cl: what follows a pass whose partials are sums over rows of so much
  /// weight.
  void launchUpdate(const char* name, std::uint64_t groups,
                    std::initializer_list<const Buffer*> buffers, double weight,
                    std::uint64_t bytes, double learningRate = 0, bool settled = true);
  /// Groups that step, or reduce, all columns.
  [[nodiscard]] std::uint64_t groupsOfColumns() const;
  [[nodiscard]] PassArguments passArguments(const Part& part, bool byIndex, bool accumulate) const;
  void checkRoom(std::uint64_t count) const;
  /// Makes room for `bytes` in a buffer that keeps nothing from launch to launch.
  void makeRoom(std::unique_ptr<Buffer>& buffer, std::uint64_t bytes);

  // Passes over rows; each leaves groups_ partials, and losses_ of the loss.
  void gradientPass(const Record& record);
  void gradientOfParts(const Buffer& state);
  void batchPass(std::uint64_t first, std::uint64_t count);
  [[nodiscard]] GradientShape gradientShapeOf(std::uint64_t rows, bool byIndex) const;
  void gradientLaunch(const Part& part, bool byIndex, bool accumulate, const Buffer& state);
  void slicesPass(const GradientShape& shape, const Part& part, bool byIndex, bool accumulate,
                  const Buffer& state);
  void lossPass();
  void expectPartials(std::uint64_t rows, bool byIndex);

  // The same with several outputs.
  [[nodiscard]] OutputsProblem outputsProblem() const {
    return {dtype_, n_, objective_.outputs, objective_.activation == Activation::softmax};
  }
  [[nodiscard]] OutputsShape outputsShapeOf(std::uint64_t rows) const;
  void outputsGradientLaunch(const Part& part, bool byIndex, bool accumulate, const Buffer& state);
  void outputsStretches(const OutputsShape& shape, const Part& part, bool byIndex, bool accumulate,
                        const Buffer& state);
  void outputsLossPass();

  // What follows a pass; see kernels/update.cl.
  void settle(const Record& record);
  void takeStep(double weight, bool settled, double learningRate);
  void settleAndStep(std::uint64_t groups, double learningRate);
  void batchStep(double learningRate);

  // Batches by row index.
  void batches(std::uint64_t count, std::uint64_t batchSize, StepRates rates);
  void smallBatches(std::uint64_t count, std::uint64_t batchSize, StepRates rates);
  /// `firstRate` is that of its first step among those that were written to rates_.
  void stepsLaunch(const Part& from, bool byIndex, std::uint64_t batchSize, StepRates rates,
                   std::uint64_t firstRate);
  [[nodiscard]] Part gather(std::uint64_t first, std::uint64_t count);
  /// The rows that so many indexes from `first` on name, of a matrix that is not split.
  [[nodiscard]] Part rowsByIndex(std::uint64_t first, std::uint64_t count) const;
  /// Room for `least` rows, or for as many as are worth a launch.
  void makeStaging(std::uint64_t least);

  KernelQueue& queue_;
  Programs& programs_;
  const KernelSizes& sizes_;
  Pacer pacer_;
  const KernelMatrix& X_;
  const KernelMatrix& y_;
  const KernelMatrix* weights_;  ///< null: 1 each
  double totalWeight_;
  double meanWeight_;
  Objective objective_;
  RunOptions options_;
  Dtype dtype_;
  std::uint64_t m_;
  std::uint64_t n_;
  std::uint64_t coefficients_;  ///< θ of all outputs
  std::uint64_t unknowns_;      ///< and their intercepts
  std::uint64_t stride_;

  std::unique_ptr<SparsePass> sparse_;  ///< null: rows are dense, or are written out
  const Launch* launch_ = nullptr;      ///< of another run, while that has this one pass over rows
  std::vector<Part> parts_;             ///< the matrix as it is allocated
  std::vector<Part> launches_;          ///< cut further, a launch each
  StreamedRows streamed_;               ///< of these
  std::uint64_t groups_ = 0;            ///< of the last pass, as partials of the gradient,
  std::uint64_t losses_ = 0;            ///< and of the loss
  std::uint64_t mostGroups_ = 0;
  std::uint64_t mostLosses_ = 0;

  std::unique_ptr<Buffer> theta_;  ///< θ and b, and what the optimiser keeps: see kernels/moments.h
  std::uint64_t taken_ = 0;        ///< steps before the run, and those it took one after the other
  std::unique_ptr<Buffer> partials_;
  std::unique_ptr<Buffer> lossPartials_;
  std::unique_ptr<Buffer> dots_;     ///< of two stretches of rows, for gradient.slices.wide.cl
  std::unique_ptr<Buffer> scratch_;  ///< of outputs.*.cl
  Record record_;
  // Of `gradient`, which records for itself.
  Record ownRecord_;
  std::unique_ptr<Buffer> gradients_;
  std::uint64_t pending_ = 0;   ///< losses that may have been recorded since the last wait
  std::uint64_t recorded_ = 0;  ///< losses read back
  std::uint64_t given_ = 0;     ///< of them, those that the run was given to begin with

  std::unique_ptr<Buffer> indexes_;
  std::unique_ptr<Buffer> residuals_;
  std::unique_ptr<Buffer> rates_;  ///< of small batches, where each has its own
  std::uint64_t stagingRows_ = 0;
  std::unique_ptr<Buffer> stagingX_;
  std::unique_ptr<Buffer> stagingY_;
  std::unique_ptr<Buffer> stagingWeights_;

  // Last, so that it goes before the buffers that it names.
  std::unique_ptr<StepBlocks> blocks_;
  double blocksRate_ = 0;
  std::uint64_t blockBytes_ = 0;  ///< that a recorded block moves
};

}  // namespace thalweg::kernels
