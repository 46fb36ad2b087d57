#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "../counts.h"
#include "learning_rate.h"
#include "row_draws.h"
#include "strategies.h"

// Local SGD (Stich, "Local SGD Converges Fast and Communicates Little", 2019), also known as
// parallel restarted SGD and as FedAvg (McMahan, Moore, Ramage, Hampson, Agüera y Arcas,
// "Communication-Efficient Learning of Deep Networks from Decentralized Data", 2017). It is not the
// descent over the rows of all: between two averages each rank goes towards the optimum of its own
// rows. What is done about ranks that differ:
//
// - Averages are weighted by what the rows of each rank count in all, as FedAvg's are, so that an
//   average of one step each is a step along an unbiased gradient over all rows.
// - All ranks take as many steps, however many rows they have: otherwise the averages go to the
//   optimum of another objective (Wang, Liu, Liang, Joshi, Poor, "Tackling the Objective
//   Inconsistency Problem in Heterogeneous Federated Optimization", 2020).
// - What the optimiser keeps is averaged with the weights: momentum by Yu, Jin, Yang, "On the
//   Linear Speedup Analysis of Communication Efficient Momentum SGD for Distributed Non-Convex
//   Optimization" (2019); squares of gradients that stay each rank's own may not converge at all
//   (Chen, Li, Li, "Toward Communication Efficient Adaptive Gradient Method", 2020).

namespace thalweg {
namespace {

/// The rows of this rank as if they were all.
Problem ofThisRank(Problem problem) {
  problem.all = nullptr;
  return problem;
}

/// θ, b and what the optimiser keeps, which the ranks bring to their average.
class Averaged {
 public:
  explicit Averaged(const Descending& descending)
      : ranks_(*descending.device.ranks()),
        share_(ofThisRank(descending.problem).totalWeight() / descending.problem.totalWeight()),
        weights_(descending.begin.theta.size()),
        intercepts_(descending.begin.intercepts.size()),
        values_(weights_ + intercepts_ +
                momentsOf(descending.options, descending.problem.X.columns())) {}

  void readFrom(Run& run) {
    run.readTheta(theta(), intercepts());
    if (!moments().empty()) run.readMoments(moments());
  }

  /// What a rank has whose rows do not count is left out.
  void average() {
    if (ranks_.size() == 1) return;
    for (double& value : values_) value = share_ > 0 ? share_ * value : 0;
    ranks_.sum(values_);
  }

  /// @param taken steps since the descent began
  void writeTo(Run& run, std::uint64_t taken) {
    run.setTheta(theta(), intercepts());
    if (!moments().empty()) run.setMoments(moments(), taken);
  }

 private:
  [[nodiscard]] std::span<double> theta() noexcept { return std::span(values_).first(weights_); }
  [[nodiscard]] std::span<double> intercepts() noexcept {
    return std::span(values_).subspan(weights_, intercepts_);
  }
  [[nodiscard]] std::span<double> moments() noexcept {
    return std::span(values_).subspan(weights_ + intercepts_);
  }

  Ranks& ranks_;
  double share_;
  std::size_t weights_;
  std::size_t intercepts_;
  std::vector<double> values_;
};

/// The steps of one rank over its own rows: one permutation after the other, cut into batches.
class OwnSteps {
 public:
  OwnSteps(const Descending& descending, const CancelFlag& cancelled)
      : descending_(descending),
        problem_(ofThisRank(descending.problem)),
        rows_(problem_.countedRows()),
        batchSize_(std::min(descending.options.batchSize, rows_)),
        begin_(drawsOfRank(descending)) {
    if (rows_ == 0) return;
    run_ = descending.device.ofThisRank().begin(
        problem_, {.optimizer = descending.options.run.optimizer}, cancelled);
    setTo(*run_, descending.begin, descending.options);
    const std::uint64_t steps =
        descending.options.passes * stepsAnEpoch(descending.problem, descending.options);
    draws_ = std::make_unique<RowDraws>(
        DrawPlan{.epochs = divideUp(steps, divideUp(rows_, batchSize_)),
                 .epochRows = rows_,
                 .sliceRows = rows_,
                 .rows = problem_.weights != nullptr ? problem_.weights->rows
                                                     : std::span<const std::uint32_t>{},
                 .permuted = true,
                 .ahead = descending.mayPrepare(*run_, batchSize_),
                 .isAsked = true},
        begin_);
  }

  /// Null where no row of this rank counts.
  [[nodiscard]] Run* run() noexcept { return run_.get(); }

  /// Takes so many steps of the epoch of that number.
  void take(std::uint64_t count, std::uint64_t epoch, DescentResult& result) {
    if (!run_) {
      descending_.pace.throwIfCancelled();
      result.iterations += count;
      return;
    }
    const std::uint64_t grain = run_->grain(batchSize_);
    for (std::uint64_t left = count; left > 0;) {
      if (done_ == order_.size()) {
        order_ = draws_->next();
        done_ = 0;
        run_->expectRows(order_);
      }
      const std::uint64_t most = std::min(left, divideUp(order_.size() - done_, batchSize_));
      const std::uint64_t paced = descending_.pace.chunk(most, most);
      const std::uint64_t steps = std::min(Run::inGrains(paced, grain), most);
      const std::uint64_t rows = std::min(steps * batchSize_, order_.size() - done_);
      run_->sequentialSteps(
          order_.subspan(done_, rows), batchSize_,
          descending_.rates.of(descending_.stage(epoch, result.iterations), steps));
      std::ignore = run_->wait(noLosses_);
      done_ += rows;
      left -= steps;
      result.iterations += steps;
      descending_.pace.throwIfCancelled();
    }
  }

  [[nodiscard]] DrawState draws() const { return draws_ ? draws_->after(done_) : begin_; }

 private:
  /// Each rank draws by a seed of its own, so that ranks of alike rows do not take alike steps.
  static DrawState drawsOfRank(const Descending& descending) {
    DescentOptions own = descending.options;
    own.seed += static_cast<std::uint32_t>(descending.device.ranks()->rank());
    return drawsOf(own);
  }

  const Descending& descending_;
  Problem problem_;
  std::uint64_t rows_;
  std::uint64_t batchSize_;
  DrawState begin_;
  std::unique_ptr<Run> run_;
  std::unique_ptr<RowDraws> draws_;
  std::span<const std::uint32_t> order_;
  std::uint64_t done_ = 0;  ///< rows of these
  std::vector<double> noLosses_;
};

}  // namespace

void descendLocally(const Descending& descending, Run& run, const CancelFlag& cancelled,
                    DescentResult& result) {
  const std::uint64_t steps = stepsAnEpoch(descending.problem, descending.options);
  const bool isAlone = descending.device.ranks()->size() == 1;
  if (!isAlone) result.plan = Plan::local;
  // One rank has nobody to wait for.
  const std::uint64_t every = isAlone ? steps : descending.options.averageEvery.value_or(steps);
  OwnSteps own(descending, cancelled);
  Averaged averaged(descending);
  for (std::uint64_t epoch = 0; epoch < descending.options.passes; ++epoch) {
    for (std::uint64_t done = 0; done < steps;) {
      const std::uint64_t count = std::min(every, steps - done);
      own.take(count, epoch, result);
      done += count;
      if (own.run() != nullptr) averaged.readFrom(*own.run());
      averaged.average();
      if (own.run() != nullptr && !isAlone)
        averaged.writeTo(*own.run(), descending.stage(epoch, result.iterations).steps);
    }
    averaged.writeTo(run, descending.stage(epoch, result.iterations).steps);
    if (!endEpoch(descending, run, epoch, steps, result)) break;
  }
  result.state =
      descending.stateOf(run, descending.stage(result.loss.size(), result.iterations), result);
  result.state.draws = own.draws();
}

double stableLocalRate(Device& device, const Problem& problem, const DescentOptions& options,
                       const CancelFlag& cancelled) {
  const double own =
      problem.countsHere()
          ? stableLearningRate(device.ofThisRank(), ofThisRank(problem), options, cancelled)
          : std::numeric_limits<double>::infinity();
  return -largestOver(device, -own);
}

}  // namespace thalweg
