#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host_math.h"
#include "layout.h"
#include "objective.h"
#include "optimizer.h"
#include "ranks.h"
#include "spool/spool_place.h"
#include "step_rates.h"
#include "summary.h"

namespace thalweg {

[[nodiscard]] constexpr std::size_t sizeOf(Dtype dtype) noexcept {
  return dtype == Dtype::float32 ? sizeof(float) : sizeof(double);
}

/// The bytes of so many values; the largest number where they are more than 64 bits count.
[[nodiscard]] constexpr std::uint64_t matrixBytes(std::uint64_t rows, std::uint64_t columns,
                                                  Dtype dtype) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t rowLimit = most / sizeOf(dtype) / (columns == 0 ? 1 : columns);
  return rows > rowLimit ? most : rows * columns * sizeOf(dtype);
}

enum class DeviceType { cpu, gpu, accelerator };

/// What `devices()` reports of one device.
struct DeviceInfo {
  std::string id;       ///< 'cpu', 'opencl:0', 'hip:0', …
  std::string backend;  ///< 'cpu', 'opencl' or 'hip'
  std::string name;
  DeviceType type = DeviceType::cpu;
  std::string vendor;
  std::string driver;  ///< version of the driver, or the vector level of the CPU device
  std::optional<std::string> isa{};
  std::optional<std::string> pci{};  ///< '0000:03:00.0': the same card has it in every backend
  std::uint32_t computeUnits = 1;
  std::uint64_t memoryBytes = 0;
  bool float64 = true;
};

/// A parameter of a device that is a matter of speed, by name.
struct Setting {
  std::string name;
  std::uint64_t value = 0;
};

/// What a plan is asked for.
struct KernelPlanQuestion {
  Dtype dtype = Dtype::float32;
  std::uint64_t rows = 1;
  std::uint64_t mostColumns = 1;
  std::uint64_t batchSize = 1;
};

/// Which kernels rows of so many columns take, as text, and how many of them at a time.
struct KernelPlan {
  std::string gradient{};
  std::string forward{};
  std::string steps{};           ///< of batches; 'passes' where each is a pass of its own
  std::string update{};          ///< the step after a pass
  std::uint64_t tileRows = 0;    ///< a group takes at once
  std::uint64_t groups = 0;      ///< of a gradient pass
  std::uint64_t launchRows = 0;  ///< at most
  std::uint64_t allocationRows = 0;
};

/// Where a matrix's rows are: in the device's memory, in the host's, from which they go to the
/// device block by block, or in a file. Of a CPU the first two are one.
enum class Residency { device, host, disk };

/// What a matrix is made with.
struct Placing {
  Residency residency = Residency::device;
  SpoolPlace spool{};  ///< of those on disk
};

/// Rows on their way to a matrix: whoever holds it fills `bytes` on any thread, then commits on the
/// device's thread.
class Upload {
 public:
  virtual ~Upload() = default;
  /// The rows in the matrix's dtype, row-major.
  [[nodiscard]] virtual std::span<std::byte> bytes() noexcept = 0;
  virtual void commit() = 0;
};

/// What a gram matrix was made of besides X, for as long as that lives.
struct KnownGram {
  std::weak_ptr<const int> y;
  bool isWeighted = false;
  std::weak_ptr<const int> weights;
  std::vector<double> values;
};

/// A row-major m×n matrix for a device to compute on; in its memory it holds zeros until rows are
/// uploaded, elsewhere all rows are to be uploaded before any is read.
class Matrix {
 public:
  Matrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype, Placing placing = {})
      : Matrix(rows, Layout{.dense = columns}, dtype, std::move(placing)) {}
  Matrix(std::uint64_t rows, Layout layout, Dtype dtype, Placing placing = {})
      : placing_(std::move(placing)),
        layout_(std::move(layout)),
        rows_(rows),
        columns_(layout_.columns()),
        dtype_(dtype) {}
  virtual ~Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t columns() const noexcept { return columns_; }
  [[nodiscard]] Dtype dtype() const noexcept { return dtype_; }
  [[nodiscard]] std::uint64_t rowBytes() const noexcept { return columns_ * sizeOf(dtype_); }
  /// How its rows are held: as dense columns alone, unless it was made with another.
  [[nodiscard]] const Layout& layout() const noexcept { return layout_; }
  [[nodiscard]] bool isSparse() const noexcept { return layout_.sparse() > 0; }
  /// Another that goes with this one is made with the same.
  [[nodiscard]] const Placing& placing() const noexcept { return placing_; }

  /// Room for the dense columns of `count` rows from `first` on: all columns, unless some are
  /// sparse. Callable on any thread; touches no driver.
  [[nodiscard]] virtual std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                            std::uint64_t count) = 0;
  /// Copies `count` rows from `first` on into `bytes`, written out, on the device's thread. Where
  /// they are not in its memory another thread may, while the device's leaves them alone.
  virtual void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const = 0;

  /// The sparse columns of the next rows, before the dense ones of the same. Of matrices that were
  /// made with a layout. Callable on any thread; touches no driver.
  virtual void appendSparse(const SparseRows& /*rows*/) {}
  /// All rows are here, and all that is known of them has been asked for; on the device's thread.
  virtual void complete() {}
  /// What is known of rows with sparse columns once they are here; nothing of other matrices.
  [[nodiscard]] virtual Summary sparseSummary(std::uint64_t /*first*/,
                                              std::uint64_t /*count*/) const {
    return {};
  }
  /// Σx² of each column where some are sparse, once all rows are here; empty: it is not known, or
  /// all are centred and scaled alike.
  [[nodiscard]] virtual std::vector<double> squares() const { return {}; }
  /// The memory that it takes.
  [[nodiscard]] virtual std::uint64_t heldBytes() const noexcept { return rows_ * rowBytes(); }

  /// What is known of the rows uploaded so far; on the device's thread.
  [[nodiscard]] const Summary& summary() const noexcept { return summary_; }
  void include(const Summary& rows) noexcept { summary_.include(rows); }
  /// The same only of this matrix, and only while it lives.
  [[nodiscard]] const std::shared_ptr<const int>& identity() const noexcept { return identity_; }
  /// Device::gram of this X as it was made last: fits that differ in penalties alone need it again.
  [[nodiscard]] KnownGram& knownGram() const noexcept { return gram_; }
  /// The same of all its values, as targets are: of several columns read back once. The places in
  /// it count values.
  [[nodiscard]] const Summary& targetSummary() const;

 protected:
  /// Of the same X.
  void hold(Layout layout) noexcept { layout_ = std::move(layout); }

 private:
  Placing placing_;
  Layout layout_;
  Summary summary_;
  mutable std::optional<Summary> targets_;
  mutable KnownGram gram_;
  std::shared_ptr<const int> identity_ = std::make_shared<const int>();
  std::uint64_t rows_;
  std::uint64_t columns_;
  Dtype dtype_;
};

using CancelFlag = std::atomic<bool>;

/// How much each row counts.
struct Weights {
  const Matrix& values;       ///< m×1, of y's dtype and on its device; 0 or more
  double total = 0;           ///< their sum
  double largest = 0;         ///< above 0
  std::uint64_t counted = 0;  ///< of them above 0: the rows of the others are as if not there
  std::vector<std::uint32_t> rows{};  ///< those, where they are not all
};

/// The rows of all ranks together.
struct AllRows {
  std::uint64_t rows = 0;
  double weight = 0;              ///< Σw
  double largestWeight = 1;       ///< above 0
  std::uint64_t counted = 0;      ///< rows that count
  std::uint64_t mostCounted = 0;  ///< of the rank that has most of these
};

/// X (m×n) and y (m×K, or m×1 labels of K classes) of one dtype on one device, and what is
/// minimised over them.
struct Problem {
  const Matrix& X;
  const Matrix& y;
  Objective objective;
  const Weights* weights = nullptr;  ///< null: 1 each
  const AllRows* all = nullptr;      ///< null: X has all rows; otherwise it is the share of a rank

  /// What sums over all rows are divided by.
  [[nodiscard]] double totalWeight() const noexcept {
    if (all != nullptr) return all->weight;
    return weights != nullptr ? weights->total : static_cast<double>(X.rows());
  }
  [[nodiscard]] std::uint64_t allRows() const noexcept {
    return all != nullptr ? all->rows : X.rows();
  }
  /// The rows that count.
  [[nodiscard]] std::uint64_t countedRows() const noexcept {
    if (all != nullptr) return all->counted;
    return weights != nullptr ? weights->counted : X.rows();
  }
  /// Of the rows that count. Steps over a few rows divide sums over them by their count times this:
  /// what comes out is the gradient over all rows on average.
  [[nodiscard]] double meanWeight() const noexcept {
    return weights != nullptr ? totalWeight() / static_cast<double>(countedRows()) : 1;
  }
  /// How much the row does that counts most.
  [[nodiscard]] double largestWeight() const noexcept {
    if (all != nullptr) return all->largestWeight;
    return weights != nullptr ? weights->largest : 1;
  }
  /// Whether any row of X counts, and whether all of them do.
  [[nodiscard]] bool countsHere() const noexcept {
    return weights == nullptr || weights->counted > 0;
  }
  [[nodiscard]] bool countsAllHere() const noexcept {
    return weights == nullptr || weights->counted == X.rows();
  }
};

/// Why a run takes no more steps.
enum class Halt : std::uint32_t {
  none = HostMath::HALT_NONE,
  converged = HostMath::HALT_CONVERGED,
  diverged = HostMath::HALT_DIVERGED
};

struct RunStatus {
  std::uint64_t losses = 0;  ///< losses recorded since the run began
  Halt halt = Halt::none;
};

/// How a run steps, and when it halts by itself.
struct RunOptions {
  OptimizerConstants optimizer{};
  double tolerance = -1;  ///< below 0: never converges
};

/// θ, b and the loss history of one descent, held where the device computes. Steps are enqueued in
/// order and may still be under way when a call returns; `wait` and the reads wait for them.
///
/// The run halts by itself, on the device, so that the result never depends on how the steps were
/// cut into calls: at a loss that is not finite (diverged: the step of that loss is not taken), or
/// at one whose relative change from the loss before is below `tolerance` (converged: its step is
/// taken). Steps that are enqueued after that change nothing.
class Run {
 public:
  /// At most this many losses may be recorded between two calls of `wait`.
  static constexpr std::uint64_t lossesPerWait = HostMath::HISTORY_LAST;

  virtual ~Run() = default;

  /// Θ (n·K values, feature by feature) and K intercepts.
  virtual void setTheta(std::span<const double> theta, std::span<const double> intercepts) = 0;

  /// What the optimiser has kept in the steps before, by HostStep::moments, and how many these
  /// were: a run begins with none.
  virtual void setMoments(std::span<const double> moments, std::uint64_t taken) = 0;
  /// The same, as it stands; as many values as HostStep::moments has.
  virtual void readMoments(std::span<double> moments) = 0;
  /// The loss with which `tolerance` compares the first one of the run. Before any step.
  virtual void setLossBefore(double loss) = 0;

  /// Steps of a call of batchSteps, at least, but for the last: what can be recorded together.
  [[nodiscard]] virtual std::uint64_t leastSteps() const { return 1; }

  /// `count` times: record the loss at θ, take a full gradient step.
  virtual void batchSteps(std::uint64_t count, StepRates rates) = 0;

  /// Steps of one row come in chunks of a multiple of this, but for the last of an order of rows:
  /// a device may take a few of them at once, and they are the same ones whatever the chunks.
  static constexpr std::uint64_t stepGrain = 4;
  [[nodiscard]] static constexpr std::uint64_t inGrains(std::uint64_t steps,
                                                        std::uint64_t grain = stepGrain) noexcept {
    return (steps + grain - 1) / grain * grain;
  }
  /// The same of steps of so many rows, as this run takes them: it follows from the problem alone.
  [[nodiscard]] virtual std::uint64_t grain(std::uint64_t batchSize) {
    return batchSize == 1 ? stepGrain : 1;
  }

  /// All rows of some calls of `sequentialSteps` that follow.
  virtual void expectRows(std::span<const std::uint32_t> /*rows*/) {}

  /// Steps over the rows named, `batchSize` at a time (the last may be short), each with its mean
  /// gradient. `rows` may be reused when the call returns.
  virtual void sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                               StepRates rates) = 0;

  /// Whether such steps leave an idle processor to a device that is made of processors.
  [[nodiscard]] virtual bool leaveProcessorsIdle(std::uint64_t /*batchSize*/) const {
    return false;
  }

  /// Records the loss over all rows at the current θ.
  virtual void measureLoss() = 0;

  /// The same, but the loss may be recorded as late as by the next call of this or of measureLoss,
  /// before that one's own: if the steps until then take each row once, their reads of the rows can
  /// serve this loss too. Not of a run with a tolerance, which would halt late; one that diverges
  /// has taken those steps before it does.
  virtual void measureLossWithNextEpoch() { measureLoss(); }

  /// Waits, and appends the losses recorded since the last `wait`.
  virtual RunStatus wait(std::vector<double>& losses) = 0;

  virtual void readTheta(std::span<double> theta, std::span<double> intercepts) = 0;

  /// The loss and its gradient (without the l1 term, which steps take as a proximal map) at the
  /// current θ. Returns the loss.
  virtual double gradient(std::span<double> gradient, std::span<double> interceptGradient) = 0;
};

/// Everything a device can do. Used by one thread at a time: the device's own.
class Device {
 public:
  Device() = default;
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] virtual const DeviceInfo& info() const noexcept = 0;

  /// The processes whose devices hold other rows of the same problems; null: there are none.
  [[nodiscard]] virtual Ranks* ranks() noexcept { return nullptr; }
  /// The device whose runs are over the rows of this process alone: itself, where it has no ranks.
  [[nodiscard]] virtual Device& ofThisRank() noexcept { return *this; }

  /// What can be measured to suit the device better than what its class has, as it stands.
  [[nodiscard]] virtual std::vector<Setting> settings() const { return {}; }
  /// Computes with these from now on, as far as the device allows, and with what its class has for
  /// those left out. Not while a run lives.
  virtual void configure(std::span<const Setting> /*settings*/) {}

  /// What is planned for 1, 2, … columns; nothing where kernels are not planned.
  [[nodiscard]] virtual std::vector<KernelPlan> plans(
      const KernelPlanQuestion& /*question*/) const {
    return {};
  }
  /// Whether equal steps may be recorded and enqueued together.
  [[nodiscard]] virtual bool recordsSteps() const noexcept { return false; }

  /// Whether its memory has room for a matrix of so many bytes now, and for what goes with it.
  [[nodiscard]] virtual bool hasRoomFor(std::uint64_t bytes) const = 0;

  [[nodiscard]] virtual std::unique_ptr<Matrix> createMatrix(std::uint64_t rows,
                                                             std::uint64_t columns, Dtype dtype,
                                                             const Placing& placing) = 0;
  /// In the device's memory.
  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                     Dtype dtype) {
    return createMatrix(rows, columns, dtype, Placing{});
  }
  /// Calls work(0) to work(count − 1), each once, on those of the host's threads that are its own;
  /// it must not throw.
  virtual void forEach(std::size_t count, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  }
  /// Whether it holds sparse columns as what they are.
  [[nodiscard]] virtual bool holdsSparseColumns() const noexcept { return false; }
  /// A matrix of this layout in the device's memory; null where it holds none, or none so large.
  [[nodiscard]] virtual std::unique_ptr<Matrix> createMatrix(std::uint64_t /*rows*/,
                                                             const Layout& /*layout*/,
                                                             Dtype /*dtype*/) {
    return nullptr;
  }
  /// The memory that such a matrix takes.
  [[nodiscard]] virtual std::uint64_t sparseBytes(std::uint64_t rows, const Layout& layout,
                                                  Dtype dtype) const {
    return layout.bytes(rows, sizeOf(dtype));
  }
  /// X·2^exponent where X has sparse columns, else null.
  [[nodiscard]] virtual std::unique_ptr<Matrix> sparseTimesPowerOfTwo(const Matrix& /*X*/,
                                                                      int /*exponent*/) {
    return nullptr;
  }

  /// The flag is read inside long passes, which then throw Cancelled; problem, flag and device
  /// outlive the run.
  [[nodiscard]] virtual std::unique_ptr<Run> begin(const Problem& problem,
                                                   const RunOptions& options,
                                                   const CancelFlag& cancelled) = 0;

  /// φ(XΘ + b) of every row, K outputs each, for n×K weights and K intercepts.
  virtual void predict(const Matrix& X, std::span<const double> theta,
                       std::span<const double> intercepts, Activation activation,
                       std::span<double> outputs, const CancelFlag& cancelled) = 0;

  /// The (n+1+K)×(n+1+K) matrix AᵀWA of A = [X, 1, y] and the weights W, row-major, both triangles:
  /// everything that linear neurons with squared loss need of the data. Sums are in float64, or
  /// compensated where the device has none.
  [[nodiscard]] virtual std::vector<double> gram(const Problem& problem,
                                                 const CancelFlag& cancelled) = 0;

  /// Reads every byte of X so many times as fast as the device can, and does nothing else with it:
  /// what a pass over X is measured against. Returns the sum, modulo 2³², of its 32-bit words.
  [[nodiscard]] virtual std::uint32_t readWords(const Matrix& X, std::uint64_t times,
                                                const CancelFlag& cancelled) = 0;
};

/// The largest of a value that each rank knows of its own rows.
[[nodiscard]] inline double largestOver(Device& device, double value) {
  return device.ranks() == nullptr ? value : device.ranks()->largest(value);
}

}  // namespace thalweg
