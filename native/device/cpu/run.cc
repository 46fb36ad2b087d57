#include "run.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "../../counts.h"
#include "../../error.h"
#include "../host_math.h"
#include "../step_options.h"
#include "held_order.h"
#include "moments.h"

namespace thalweg::cpu {

template <typename T>
CpuRun<T>::CpuRun(ThreadPool& pool, const Level& level, const Problem& problem,
                  const RunOptions& options, const CancelFlag& cancelled)
    : kernels_(kernelsOf<T>(level)),
      problem_(problem),
      objective_(problem.objective),
      cancelled_(cancelled),
      X_(problem.X),
      rowCount_(problem.X.rows()),
      totalWeight_(problem.totalWeight()),
      meanWeight_(problem.meanWeight()),
      pool_(pool),
      passes_(pool, level, problem, cancelled),
      rounded_(X_, objective_.outputs),
      earlier_(isSparse() ? rowCount_ : problem.countedRows(), rounded_.size(),
               X_.layout().sparse() * objective_.outputs, objective_.outputs),
      halt_(options.tolerance),
      step_(objective_, options.optimizer, X_.layout().held()),
      theta_(X_.layout().held() * objective_.outputs),
      intercepts_(objective_.outputs) {}

template <typename T>
void CpuRun<T>::setTheta(std::span<const double> theta, std::span<const double> intercepts) {
  pool_.forRanges(X_.layout().held(), weightsOfRange, [&](std::size_t first, std::size_t end) {
    eachHeldWeight(X_.layout(), objective_.outputs, first, end,
                   [&](std::size_t at, std::size_t ofX) { theta_[at] = theta[ofX]; });
  });
  intercepts_.assign(intercepts.begin(), intercepts.end());
  round();
}

template <typename T>
void CpuRun<T>::setMoments(std::span<const double> moments, std::uint64_t taken) {
  step_.restore(heldMoments(X_.layout(), moments, objective_.outputs), taken);
}

template <typename T>
void CpuRun<T>::readMoments(std::span<double> moments) {
  momentsOfColumns(X_.layout(), step_.moments(), objective_.outputs, moments);
}

template <typename T>
void CpuRun<T>::setLossBefore(double loss) {
  halt_.setPrevious(loss);
}

template <typename T>
double CpuRun<T>::penalty() const {
  const auto by = penalties<HostMath>(objective_);
  if (!HostMath::is_penalised(by)) return 0;
  std::vector<WeightSums> ranges(divideUp(theta_.size(), weightsOfRange));
  pool_.forRanges(theta_.size(), weightsOfRange, [&](std::size_t first, std::size_t end) {
    ranges[first / weightsOfRange] = sumsOf(std::span(theta_).subspan(first, end - first));
  });
  WeightSums total;
  for (const WeightSums& sums : ranges) {
    total.sizes += sums.sizes;
    total.squares += sums.squares;
  }
  return HostMath::penalty(by, total.sizes, total.squares);
}

template <typename T>
void CpuRun<T>::step(const PassSums& sums, double weight, double learningRate) {
  if (goInTiles(objective_.outputs, isSparse())) {
    step_.step(sums.gradient, sums.intercepts, weight, learningRate, theta_, intercepts_,
               [](std::size_t, double) {});
    round();
    return;
  }
  step_.step(sums.gradient, sums.intercepts, weight, learningRate, theta_, intercepts_,
             [this](std::size_t j, double value) { rounded_.theta()[j] = static_cast<T>(value); });
  rounded_.intercept() = static_cast<T>(intercepts_.front());
}

template <typename T>
void CpuRun<T>::batchSteps(std::uint64_t count, StepRates rates) {
  for (std::uint64_t k = 0; k < count && !halt_.halted(); ++k) {
    const PassSums& sums = passes_.gradient(rounded_);
    recordLoss(sums.loss, penalty());
    if (halt_.status().halt != Halt::diverged) step(sums, totalWeight_, rates.at(k));
  }
}

template <typename T>
LazySteps<T>* CpuRun<T>::lazySteps(std::uint64_t batchSize) {
  if (batchSize_ != batchSize) {
    lazy_ = LazySteps<T>::of(problem_, step_.optimizer(), batchSize);
    batchSize_ = batchSize;
  }
  return lazy_ ? &*lazy_ : nullptr;
}

template <typename T>
std::uint64_t CpuRun<T>::grain(std::uint64_t batchSize) {
  const LazySteps<T>* const lazy = lazySteps(batchSize);
  return lazy == nullptr ? Run::grain(batchSize) : lazy->grain();
}

template <typename T>
void CpuRun<T>::sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                                StepRates rates) {
  if (halt_.halted()) return;
  if (LazySteps<T>* const lazy = lazySteps(batchSize)) {
    takeLazySteps(*lazy, rows, rates);
    step_.take(divideUp(rows.size(), batchSize));
    round();
  } else if (batchSize == 1 && objective_.outputs == 1) {
    if (isSparse()) return sparseStochasticSteps(rows, rates);
    stochasticSteps(rows, rates);
  } else if (gainByReadingAhead(batchSize) && passes_.areOneBlock(batchSize)) {
    miniBatchStepsReadAhead(rows, batchSize, rates);
  } else {
    miniBatchSteps(rows, batchSize, rates);
  }
}

template <typename T>
bool CpuRun<T>::stepsFormLoss() const noexcept {
  if (isSparse()) return lazy_ && pool_.threads() > 1;
  // Single rows may be drawn more than once in an epoch, and others never.
  return batchSize_ > 1 && batchesGainByReadingAhead(rowCount_, X_.rowBytes());
}

/// They are the work of one thread: another forms the earlier loss.
template <typename T>
void CpuRun<T>::takeLazySteps(LazySteps<T>& lazy, std::span<const std::uint32_t> rows,
                              StepRates rates) {
  const auto take = [&] {
    lazy.take(passes_.rows({}, 0, rowCount_), rows, rates, theta_, intercepts_, cancelled_);
  };
  if (!earlier_.underWay() || earlier_.complete()) return take();
  std::atomic<bool> areDone{false};
  bool isCancelled = false;
  pool_.forEach(2, [&](std::size_t block, std::size_t) {
    if (block == 1) return addToEarlierLoss(areDone);
    try {
      take();
    } catch (const Cancelled&) {
      isCancelled = true;
    }
    areDone.store(true, std::memory_order_relaxed);
  });
  if (isCancelled) throw Cancelled();
}

template <typename T>
bool CpuRun<T>::gainByReadingAhead(std::uint64_t batchSize) const noexcept {
  if (isSparse()) return false;
  const std::size_t rowBytes = X_.rowBytes();
  return batchSize == 1 ? stepsGainByReadingAhead(rowCount_, rowBytes)
                        : batchesGainByReadingAhead(rowCount_, rowBytes);
}

template <typename T>
bool CpuRun<T>::leaveProcessorsIdle(std::uint64_t batchSize) const {
  // One steps, one reads ahead or forms a loss.
  const std::size_t busy = gainByReadingAhead(batchSize) || isSparse() ? 2 : 1;
  return passes_.areOneBlock(std::min<std::uint64_t>(batchSize, rowCount_)) &&
         pool_.threads() > busy;
}

template <typename T>
std::size_t CpuRun<T>::rowsPerSlice() const noexcept {
  return std::max<std::size_t>(1, std::size_t{1 << 22} / std::max<std::size_t>(theta_.size(), 64));
}

template <typename T>
void CpuRun<T>::stochasticSteps(std::span<const std::uint32_t> rows, StepRates rates) {
  const std::size_t slice = inGrains(rowsPerSlice());
  const bool readsAhead = gainByReadingAhead(1);
  T& intercept = rounded_.intercept();
  Moments<T> moments(step_, theta_.size());
  std::size_t done = 0;
  const auto stepOver = [&](const Rows<T>& some) {
    const double* each = rates.areEqual() ? nullptr : rates.from(done).each().data();
    kernels_.stochastic(
        some, objective_,
        {rounded_.theta().data(), &intercept, rates.at(done), each, static_cast<T>(1 / meanWeight_),
         &step_.optimizer(), moments.view(step_.taken())});
    step_.take(some.count);
    done += some.count;
  };
  for (std::size_t first = 0; first < rows.size(); first += slice) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const Rows<T> some = passes_.rows(rows, first, std::min(slice, rows.size() - first));
    if (readsAhead) {
      withRowsReadAhead<T>(pool_, some, 1, stepOver, touching<T>());
    } else {
      stepOver(some);
    }
  }
  moments.writeTo(step_);
  intercepts_.front() = static_cast<double>(intercept);
  std::copy_n(rounded_.theta().begin(), theta_.size(), theta_.begin());
}

/// Over rows that are written out, a few at a time: each step moves all weights, as it does where
/// columns are dense.
template <typename T>
void CpuRun<T>::sparseStochasticSteps(std::span<const std::uint32_t> rows, StepRates rates) {
  constexpr std::size_t mostBytes = std::size_t{256} << 10U;
  const CpuMatrix& X = asCpu(X_);
  const Rows<T> all = passes_.rows({}, 0, rowCount_);
  const std::size_t n = X.layout().held();
  const std::size_t most = inGrains(std::clamp<std::size_t>(mostBytes / X.rowBytes(), 1, 1024));
  Padded<T> written(paddedSize<T>(most * n), T{0});
  std::vector<T> targets(paddedSize<T>(most));
  std::vector<T> weights(all.weights == nullptr ? 0 : paddedSize<T>(most));
  std::vector<std::uint32_t> order(most);
  std::iota(order.begin(), order.end(), 0U);
  Padded<T> theta(paddedSize<T>(n), T{0});
  std::transform(theta_.begin(), theta_.end(), theta.begin(),
                 [](double value) { return static_cast<T>(value); });
  T intercept = static_cast<T>(intercepts_.front());
  Moments<T> moments(step_, n);
  for (std::size_t done = 0; done < rows.size();) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const std::size_t count = std::min(most, rows.size() - done);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t row = rows[done + i];
      X.writeHeld(row, written.data() + i * n);
      targets[i] = all.targets[row];
      if (all.weights != nullptr) weights[i] = all.weights[row];
    }
    const Rows<T> some{.data = written.data(),
                       .targets = targets.data(),
                       .columns = n,
                       .indices = order.data(),
                       .first = 0,
                       .count = count,
                       .following = 0,
                       .weights = all.weights == nullptr ? nullptr : weights.data()};
    const double* each = rates.areEqual() ? nullptr : rates.from(done).each().data();
    kernels_.stochastic(
        some, objective_,
        {theta.data(), &intercept, rates.at(done), each, static_cast<T>(1 / meanWeight_),
         &step_.optimizer(), moments.view(step_.taken())});
    step_.take(count);
    done += count;
  }
  moments.writeTo(step_);
  std::copy_n(theta.begin(), n, theta_.begin());
  intercepts_.front() = static_cast<double>(intercept);
  round();
}

template <typename T>
void CpuRun<T>::miniBatchSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                               StepRates rates) {
  const Parameters<T> earlier = earlier_.underWay() ? earlier_.at() : Parameters<T>{};
  for (std::size_t first = 0; first < rows.size(); first += batchSize) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const std::size_t count = std::min<std::size_t>(batchSize, rows.size() - first);
    const PassSums& sums = passes_.gradient(rows.subspan(first), count, rounded_,
                                            earlier_.underWay() ? &earlier : nullptr);
    if (earlier_.underWay()) earlier_.add(sums.earlierLoss, count);
    step(sums, weightOf(count), rates.at(first / batchSize));
  }
}

/// Batches that are the work of one thread: another reads their rows first, and forms their part of
/// the earlier loss.
template <typename T>
void CpuRun<T>::miniBatchStepsReadAhead(std::span<const std::uint32_t> rows,
                                        std::uint64_t batchSize, StepRates rates) {
  const std::size_t slice = std::max<std::size_t>(1, rowsPerSlice() / batchSize) * batchSize;
  const ReadAhead<T> read = earlier_.underWay() ? formingEarlierLoss(batchSize) : touching<T>();
  const auto stepOver = [&](const Rows<T>& some) {
    for (std::size_t done = 0; done < some.count; done += batchSize) {
      const std::size_t count = std::min<std::size_t>(batchSize, some.count - done);
      const std::size_t at = some.first + done;
      step(passes_.gradient(rows.subspan(at), count, rounded_), weightOf(count),
           rates.at(at / batchSize));
    }
  };
  for (std::size_t first = 0; first < rows.size(); first += slice) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const Rows<T> some = passes_.rows(rows, first, std::min(slice, rows.size() - first));
    withRowsReadAhead<T>(pool_, some, batchSize, stepOver, read);
  }
}

/// Batch by batch: the sum then depends on nothing but the batches.
template <typename T>
ReadAhead<T> CpuRun<T>::formingEarlierLoss(std::size_t batchSize) {
  return {.together = batchSize, .onlyToFetch = false, .rows = [this](const Rows<T>& batch) {
            earlier_.add(passes_.loss(batch, earlier_.at()), batch.count);
          }};
}

template <typename T>
void CpuRun<T>::recordLoss(double sum, double penalty) {
  const double loss = sum / totalWeight_ + penalty;
  halt_.see(loss);
  unread_.push_back(loss);
}

template <typename T>
void CpuRun<T>::addToEarlierLoss(const std::atomic<bool>& areDone) {
  const Blocks blocks = passes_.lossBlocks();
  while (!earlier_.complete() && !areDone.load(std::memory_order_relaxed)) {
    const std::size_t block = earlier_.rowsAdded() / blocks.rowsPerBlock;
    const std::size_t count = blocks.rowsIn(block);
    earlier_.add(passes_.loss(passes_.rows({}, blocks.first(block), count), earlier_.at()), count);
  }
}

template <typename T>
void CpuRun<T>::finishEarlierLoss() {
  if (!earlier_.underWay()) return;
  double sum = earlier_.sum();
  if (!earlier_.complete()) {
    const std::size_t blocks = earlier_.rowsAdded() / passes_.lossBlocks().rowsPerBlock;
    sum = lazy_ ? passes_.lossFrom(blocks, sum, earlier_.at()) : passes_.loss(earlier_.at());
  }
  recordLoss(sum, earlier_.penalty());
  earlier_.end();
}

template <typename T>
void CpuRun<T>::measureLoss() {
  finishEarlierLoss();
  if (!halt_.halted()) recordLoss(passes_.loss(rounded_.at()), penalty());
}

template <typename T>
void CpuRun<T>::measureLossWithNextEpoch() {
  if (!stepsFormLoss()) {
    measureLoss();
    return;
  }
  finishEarlierLoss();
  if (!halt_.halted()) earlier_.begin(rounded_.at(), penalty());
}

template <typename T>
RunStatus CpuRun<T>::wait(std::vector<double>& losses) {
  losses.insert(losses.end(), unread_.begin(), unread_.end());
  unread_.clear();
  return halt_.status();
}

template <typename T>
void CpuRun<T>::readTheta(std::span<double> theta, std::span<double> intercepts) {
  weightsOfColumns(X_.layout(), theta_, objective_.outputs, theta);
  std::copy(intercepts_.begin(), intercepts_.end(), intercepts.begin());
}

template <typename T>
double CpuRun<T>::gradient(std::span<double> gradient, std::span<double> interceptGradient) {
  const PassSums& sums = passes_.gradient(rounded_);
  const auto by = penalties<HostMath>(objective_);
  pool_.forRanges(X_.layout().held(), weightsOfRange, [&](std::size_t first, std::size_t end) {
    eachHeldWeight(
        X_.layout(), objective_.outputs, first, end, [&](std::size_t at, std::size_t ofX) {
          gradient[ofX] =
              HostMath::penalised_slope(by, sums.gradient[at] / totalWeight_, theta_[at]);
        });
  });
  for (std::size_t k = 0; k < interceptGradient.size(); ++k)
    interceptGradient[k] = objective_.fitIntercept ? sums.intercepts[k] / totalWeight_ : 0;
  return sums.loss / totalWeight_ + penalty();
}

template class CpuRun<float>;
template class CpuRun<double>;

}  // namespace thalweg::cpu
