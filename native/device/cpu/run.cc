#include "run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../../error.h"

namespace thalweg::cpu {

template <typename T>
CpuRun<T>::CpuRun(ThreadPool& pool, const Level& level, const Problem& problem, double tolerance,
                  const CancelFlag& cancelled)
    : kernels_(kernelsOf<T>(level)),
      objective_(problem.objective),
      cancelled_(cancelled),
      rowCount_(problem.X.rows()),
      pool_(pool),
      passes_(pool, level, problem, cancelled),
      fetches_(isWorthFetching(pool, rowCount_, problem.X.columns() * sizeof(T))),
      halt_(tolerance),
      theta_(problem.X.columns()),
      rounded_(padded<T>(problem.X.columns())) {}

template <typename T>
void CpuRun<T>::setTheta(std::span<const double> theta, double intercept) {
  std::copy(theta.begin(), theta.end(), theta_.begin());
  std::transform(theta.begin(), theta.end(), rounded_.begin(),
                 [](double value) { return static_cast<T>(value); });
  intercept_ = intercept;
}

template <typename T>
double CpuRun<T>::penalty() const noexcept {
  double absolute = 0;
  double squared = 0;
  if (objective_.l1 == 0 && objective_.l2 == 0) return 0;
  for (const double weight : theta_) {
    absolute += std::abs(weight);
    squared += weight * weight;
  }
  return objective_.l1 * absolute + objective_.l2 / 2 * squared;
}

/// θ ← S(θ − rate·(Xᵀδ/rows + l2·θ), rate·l1), S the soft threshold: the proximal map of
/// rate·l1·Σ|θⱼ| (Parikh and Boyd, "Proximal Algorithms", 2014, §6.5.2).
template <typename T>
void CpuRun<T>::step(const PassSums& sums, std::size_t rows, double learningRate) {
  const double scale = learningRate / static_cast<double>(rows);
  const double shrink = 1 - learningRate * objective_.l2;
  const double threshold = learningRate * objective_.l1;
  const std::size_t n = theta_.size();
  for (std::size_t j = 0; j < n; ++j) theta_[j] = shrink * theta_[j] - scale * sums.gradient[j];
  if (threshold > 0) {
    for (double& weight : theta_)
      weight = std::copysign(std::max(std::abs(weight) - threshold, 0.0), weight);
  }
  for (std::size_t j = 0; j < n; ++j) rounded_[j] = static_cast<T>(theta_[j]);
  if (objective_.fitIntercept) intercept_ -= scale * sums.intercept;
}

template <typename T>
void CpuRun<T>::batchSteps(std::uint64_t count, double learningRate) {
  for (std::uint64_t k = 0; k < count && !halt_.halted(); ++k) {
    const PassSums& sums = passes_.gradient(parameters());
    const double loss = sums.loss / static_cast<double>(rowCount_) + penalty();
    halt_.see(loss);
    unread_.push_back(loss);
    if (halt_.status().halt != Halt::diverged) step(sums, rowCount_, learningRate);
  }
}

template <typename T>
void CpuRun<T>::sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                                double learningRate) {
  if (halt_.halted()) return;
  if (batchSize == 1) {
    stochasticSteps(rows, learningRate);
  } else {
    miniBatchSteps(rows, batchSize, learningRate);
  }
}

template <typename T>
bool CpuRun<T>::leaveProcessorsIdle(std::uint64_t batchSize) const {
  if (batchSize == 1 && fetches_ && pool_.threads() == 2) return false;
  return passes_.leaveThreadsIdle(std::min<std::uint64_t>(batchSize, rowCount_));
}

template <typename T>
void CpuRun<T>::stochasticSteps(std::span<const std::uint32_t> rows, double learningRate) {
  // A millisecond or two at the speed of memory: the flag is read between slices.
  const std::size_t slice =
      std::max<std::size_t>(1, std::size_t{1 << 22} / std::max<std::size_t>(theta_.size(), 64));
  T intercept = static_cast<T>(intercept_);
  const auto stepOver = [&](const Rows<T>& some) {
    kernels_.stochastic(some, objective_,
                        {rounded_.data(), &intercept, static_cast<T>(learningRate)});
  };
  for (std::size_t first = 0; first < rows.size(); first += slice) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const Rows<T> some = passes_.rows(rows, first, std::min(slice, rows.size() - first));
    if (fetches_) {
      withRowsFetched<T>(pool_, some, stepOver);
    } else {
      stepOver(some);
    }
  }
  intercept_ = static_cast<double>(intercept);
  std::copy_n(rounded_.begin(), theta_.size(), theta_.begin());
}

template <typename T>
void CpuRun<T>::miniBatchSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                               double learningRate) {
  for (std::size_t first = 0; first < rows.size(); first += batchSize) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    const std::size_t count = std::min<std::size_t>(batchSize, rows.size() - first);
    step(passes_.gradient(rows.subspan(first), count, parameters()), count, learningRate);
  }
}

template <typename T>
void CpuRun<T>::measureLoss() {
  if (halt_.halted()) return;
  const double loss = passes_.loss(parameters()) / static_cast<double>(rowCount_) + penalty();
  halt_.see(loss);
  unread_.push_back(loss);
}

template <typename T>
RunStatus CpuRun<T>::wait(std::vector<double>& losses) {
  losses.insert(losses.end(), unread_.begin(), unread_.end());
  unread_.clear();
  return halt_.status();
}

template <typename T>
void CpuRun<T>::readTheta(std::span<double> theta, double& intercept) {
  std::copy(theta_.begin(), theta_.end(), theta.begin());
  intercept = intercept_;
}

template <typename T>
double CpuRun<T>::gradient(std::span<double> gradient, double& interceptGradient) {
  const PassSums& sums = passes_.gradient(parameters());
  const auto rows = static_cast<double>(rowCount_);
  for (std::size_t j = 0; j < theta_.size(); ++j)
    gradient[j] = sums.gradient[j] / rows + objective_.l2 * theta_[j];
  interceptGradient = objective_.fitIntercept ? sums.intercept / rows : 0;
  return sums.loss / rows + penalty();
}

template class CpuRun<float>;
template class CpuRun<double>;

}  // namespace thalweg::cpu
