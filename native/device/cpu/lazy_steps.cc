#include "lazy_steps.h"

#include <algorithm>
#include <cmath>

#include "../../error.h"
#include "../host_math.h"

namespace thalweg::cpu {
namespace {

/// Below it weights are settled, before what they are multiplied with leaves the range of a double.
constexpr double leastFactor = 1e-9;
/// Decays below it are done at once.
constexpr double leastDecay = 0.5;
/// Rows ahead that are asked for.
constexpr std::size_t rowsAhead = 8;
/// Rows ahead whose columns are here, and whose weights are asked for.
constexpr std::size_t weightsAhead = 3;
/// Fewer are in a cache near the processor, from which compressed rows have theirs at once.
constexpr std::size_t manyWeights = std::size_t{1} << 17U;

/// z becomes p − onehot(label).
void softmaxResiduals(std::span<double> z, double label) {
  const std::size_t top =
      static_cast<std::size_t>(std::max_element(z.begin(), z.end()) - z.begin());
  const double most = z[top];
  double rest = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    z[k] = HostMath::exp_of_negative(z[k] - most);
    if (k != top) rest += z[k];
  }
  for (double& part : z) part = HostMath::softmax_share(part, rest);
  z[static_cast<std::size_t>(label)] -= 1;
}

/// Σxⱼwⱼ over what a row holds, in four sums side by side.
template <typename T>
double plainDot(const SparseColumns<T>& sparse, std::size_t row, const double* weights) {
  double sums[4] = {};
  for (std::size_t c = 0; c < sparse.codeCount; ++c)
    sums[0] += weights[sparse.codes[c].first + sparse.codes[c].at(row)];
  if (sparse.values == nullptr) return sums[0];
  const std::uint64_t end = sparse.begins[row + 1];
  std::uint64_t e = sparse.begins[row];
  for (; e + 4 <= end; e += 4) {
    for (std::size_t p = 0; p < 4; ++p)
      sums[p] += static_cast<double>(sparse.values[e + p]) * weights[sparse.columns[e + p]];
  }
  for (; e < end; ++e)
    sums[0] += static_cast<double>(sparse.values[e]) * weights[sparse.columns[e]];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// The same after what each weight owes is taken off it.
template <typename T>
double payingDot(const SparseColumns<T>& sparse, std::size_t row, double owed, double* paid,
                 double* weights) {
  double dot = 0;
  eachEntry(sparse, row, [&](std::size_t column, T value) {
    const double weight = HostMath::soft_threshold(weights[column], owed - paid[column]);
    paid[column] = owed;
    weights[column] = weight;
    dot += static_cast<double>(value) * weight;
  });
  return dot;
}

/// wⱼ −= by·xⱼ likewise.
template <typename T>
void plainMove(const SparseColumns<T>& sparse, std::size_t row, double by, double* weights) {
  for (std::size_t c = 0; c < sparse.codeCount; ++c)
    weights[sparse.codes[c].first + sparse.codes[c].at(row)] -= by;
  if (sparse.values == nullptr) return;
  const std::uint64_t end = sparse.begins[row + 1];
  for (std::uint64_t e = sparse.begins[row]; e < end; ++e)
    weights[sparse.columns[e]] -= by * static_cast<double>(sparse.values[e]);
}

constexpr std::size_t lineBytes = 64;

template <typename V>
[[gnu::always_inline]] inline void fetchValues(const V* values, std::uint64_t begin,
                                               std::uint64_t end) {
  for (std::uint64_t e = begin; e < end; e += lineBytes / sizeof(V)) __builtin_prefetch(values + e);
  __builtin_prefetch(values + end);
}

/// Asks for what the rows that come hold, and for the weights of their columns. In line always: a
/// function that does nothing else is one that a compiler leaves out.
template <typename T>
[[gnu::always_inline]] inline void fetchAhead(const Rows<T>& all,
                                              std::span<const std::uint32_t> rows, std::size_t at,
                                              const double* weights, std::size_t outputs) {
  const SparseColumns<T>& sparse = *all.sparse;
  if (sparse.values != nullptr && at + 2 * rowsAhead < rows.size())
    __builtin_prefetch(sparse.begins + rows[at + 2 * rowsAhead]);
  if (at + weightsAhead < rows.size()) {
    const std::uint32_t soon = rows[at + weightsAhead];
    for (std::size_t c = 0; c < sparse.codeCount; ++c)
      __builtin_prefetch(weights + (sparse.codes[c].first + sparse.codes[c].at(soon)) * outputs);
    if (sparse.values != nullptr && sparse.count * outputs >= manyWeights) {
      for (std::uint64_t e = sparse.begins[soon]; e < sparse.begins[soon + 1]; ++e)
        __builtin_prefetch(weights + std::size_t{sparse.columns[e]} * outputs);
    }
  }
  if (at + rowsAhead >= rows.size()) return;
  const std::uint32_t row = rows[at + rowsAhead];
  __builtin_prefetch(all.targets + row);
  if (all.columns > 0) fetchValues(all.row(row), 0, all.columns - 1);
  for (std::size_t c = 0; c < sparse.codeCount; ++c) {
    const CodeColumn& column = sparse.codes[c];
    __builtin_prefetch(static_cast<const std::byte*>(column.codes) + row * column.bytes);
  }
  if (sparse.values == nullptr) return;
  fetchValues(sparse.values, sparse.begins[row], sparse.begins[row + 1]);
  fetchValues(sparse.columns, sparse.begins[row], sparse.begins[row + 1]);
}

}  // namespace

template <typename T>
std::optional<LazySteps<T>> LazySteps<T>::of(const Problem& problem,
                                             const OptimizerConstants& optimizer,
                                             std::uint64_t batchSize) {
  const Matrix& X = problem.X;
  if (!X.isSparse() || !optimizer.isPlain()) return std::nullopt;
  if (problem.objective.l1 != 0 && !X.layout().means.empty()) return std::nullopt;
  const std::uint64_t held = X.layout().held();
  const std::uint64_t ofRow =
      X.layout().dense + std::max<std::uint64_t>(1, asCpu(X).sparse()->entries() / X.rows());
  const std::uint64_t ofStep = ofRow * std::min(batchSize, X.rows());
  if (ofStep > held / 4) return std::nullopt;
  // Moving every weight then takes a part of the time of the steps between.
  return LazySteps(problem, batchSize, Run::inGrains(16 * held / ofStep));
}

template <typename T>
LazySteps<T>::LazySteps(const Problem& problem, std::uint64_t batchSize, std::uint64_t grain)
    : objective_(problem.objective),
      outputs_(objective_.outputs),
      dense_(problem.X.layout().dense),
      sparse_(problem.X.layout().sparse()),
      batchSize_(std::min(batchSize, problem.X.rows())),
      grain_(grain),
      meanWeight_(problem.meanWeight()),
      paid_(objective_.l1 == 0 ? 0 : sparse_),
      push_(outputs_),
      shifted_(outputs_),
      batch_(batchSize_ * outputs_) {
  const Layout& layout = problem.X.layout();
  if (layout.scales.empty() && !layout.leavesOut()) return;
  inverses_.assign(sparse_, 1);
  shifts_.assign(layout.scales.empty() ? 0 : sparse_, 0);
  for (std::size_t j = 0; j < sparse_; ++j) {
    if (layout.place(dense_ + j) == Layout::nowhere) {
      inverses_[j] = 0;
    } else if (!layout.scales.empty()) {
      inverses_[j] = 1 / layout.scales[j];
      shifts_[j] = layout.means[j] / layout.scales[j];
      shiftSquares_ += shifts_[j] * shifts_[j];
    }
  }
}

template <typename T>
void LazySteps<T>::take(const Rows<T>& all, std::span<const std::uint32_t> rows, StepRates rates,
                        std::span<double> theta, std::span<double> intercepts,
                        const CancelFlag& cancelled) {
  begin(theta, intercepts);
  std::uint64_t taken = 0;
  for (std::size_t first = 0; first < rows.size(); first += batchSize_, ++taken) {
    if (taken % 256 == 0 && cancelled.load(std::memory_order_relaxed)) throw Cancelled();
    if (taken % grain_ == 0 && taken > 0) settle();
    const std::size_t count = std::min(batchSize_, rows.size() - first);
    for (std::size_t i = 0; i < count; ++i) fetchAhead(all, rows, first + i, sparseOf(0), outputs_);
    step(all, rows.subspan(first, count), rates.at(taken));
  }
  settle();
}

template <typename T>
void LazySteps<T>::begin(std::span<double> theta, std::span<double> intercepts) {
  theta_ = theta;
  intercepts_ = intercepts;
  settle();
}

template <typename T>
void LazySteps<T>::settle() {
  const bool isShrunk = owed_ != 0;
  std::fill(shifted_.begin(), shifted_.end(), 0);
  if (factor_ != 1) {
    for (double& weight : theta_.first(dense_ * outputs_)) weight *= factor_;
  }
  if (factor_ != 1 || isShrunk || isShifted()) {
    for (std::size_t j = 0; j < sparse_; ++j) {
      if (isShrunk) {
        payOff(j);
        paid_[j] = 0;
      }
      double* const weights = sparseOf(j);
      for (std::size_t k = 0; k < outputs_; ++k) {
        if (isShifted()) weights[k] += shifts_[j] * push_[k];
        weights[k] *= factor_;
        if (isShifted()) shifted_[k] += shifts_[j] * weights[k];
      }
    }
  }
  factor_ = 1;
  owed_ = 0;
  std::fill(push_.begin(), push_.end(), 0);
}

template <typename T>
void LazySteps<T>::payOff(std::size_t column) {
  const double due = owed_ - paid_[column];
  if (due == 0) return;
  paid_[column] = owed_;
  double* const weights = sparseOf(column);
  for (std::size_t k = 0; k < outputs_; ++k) weights[k] = HostMath::soft_threshold(weights[k], due);
}

template <typename T>
void LazySteps<T>::step(const Rows<T>& all, std::span<const std::uint32_t> batch, double rate) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    double* const z = batch_.data() + i * outputs_;
    if (outputs_ == 1) {
      dotsOfOne(all, batch[i], z);
    } else {
      dots(all, batch[i], z);
    }
    residuals(all, batch[i], z);
  }
  const double decay = 1 - rate * objective_.l2;
  if (decay < leastDecay) {
    settle();
    for (double& weight : theta_) weight *= decay;
    for (double& sum : shifted_) sum *= decay;
  } else {
    factor_ *= decay;
  }
  const double scale = rate / (static_cast<double>(batch.size()) * meanWeight_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    double* const moves = batch_.data() + i * outputs_;
    for (std::size_t k = 0; k < outputs_; ++k) {
      const double moved = scale * moves[k];
      if (objective_.fitIntercept) intercepts_[k] -= moved;
      moves[k] = moved / factor_;
      push_[k] += moves[k];
    }
    move(all, batch[i], moves);
  }
  if (objective_.l1 != 0) {
    const double due = rate * objective_.l1 / factor_;
    owed_ += due;
    for (double& weight : theta_.first(dense_ * outputs_))
      weight = HostMath::soft_threshold(weight, due);
  }
  if (factor_ < leastFactor) settle();
}

template <typename T>
void LazySteps<T>::dotsOfOne(const Rows<T>& all, std::size_t row, double* z) {
  double* const weights = sparseOf(0);
  double dot = 0;
  const T* const x = all.row(row);
  for (std::size_t j = 0; j < dense_; ++j) dot += static_cast<double>(x[j]) * theta_[j];
  if (isPlain()) {
    dot += owed_ == 0 ? plainDot(*all.sparse, row, weights)
                      : payingDot(*all.sparse, row, owed_, paid_.data(), weights);
    *z = intercepts_[0] + factor_ * dot;
    return;
  }
  double shift = 0;
  eachEntry(*all.sparse, row, [&](std::size_t column, T value) {
    if (owed_ != 0) payOff(column);
    const double by = scaled(column, value);
    dot += by * weights[column];
    if (isShifted()) shift += by * shifts_[column];
  });
  if (isShifted()) dot += push_[0] * (shift - shiftSquares_) - shifted_[0];
  *z = intercepts_[0] + factor_ * dot;
}

template <typename T>
void LazySteps<T>::dots(const Rows<T>& all, std::size_t row, double* z) {
  const T* const x = all.row(row);
  for (std::size_t k = 0; k < outputs_; ++k) {
    z[k] = 0;
    const double* const weights = denseOf(k);
    for (std::size_t j = 0; j < dense_; ++j) z[k] += static_cast<double>(x[j]) * weights[j];
  }
  double shift = 0;
  const bool isShrunk = owed_ != 0;
  eachEntry(*all.sparse, row, [&](std::size_t column, T value) {
    if (isShrunk) payOff(column);
    const double by = scaled(column, value);
    const double* const weights = sparseOf(column);
    for (std::size_t k = 0; k < outputs_; ++k) z[k] += by * weights[k];
    if (isShifted()) shift += by * shifts_[column];
  });
  for (std::size_t k = 0; k < outputs_; ++k) {
    if (isShifted()) z[k] += push_[k] * (shift - shiftSquares_) - shifted_[k];
    z[k] = intercepts_[k] + factor_ * z[k];
  }
}

template <typename T>
void LazySteps<T>::residuals(const Rows<T>& all, std::size_t row, double* z) const {
  if (objective_.activation == Activation::softmax) {
    softmaxResiduals({z, outputs_}, static_cast<double>(all.target(row)));
  } else if (objective_.activation == Activation::sigmoid && objective_.loss == Loss::log) {
    for (std::size_t k = 0; k < outputs_; ++k) {
      const auto y = static_cast<double>(all.target(row * outputs_ + k));
      z[k] = HostMath::sigmoid_log_outcome(z[k], y).residual;  // without the logarithm of the loss
    }
  } else {
    for (std::size_t k = 0; k < outputs_; ++k) {
      const auto y = static_cast<double>(all.target(row * outputs_ + k));
      z[k] = HostMath::outcome_of(z[k], y, codeOf(objective_.activation), codeOf(objective_.loss))
                 .residual;
    }
  }
  if (all.weights == nullptr) return;
  for (std::size_t k = 0; k < outputs_; ++k) z[k] *= static_cast<double>(all.weight(row));
}

template <typename T>
void LazySteps<T>::move(const Rows<T>& all, std::size_t row, const double* moves) {
  const T* const x = all.row(row);
  for (std::size_t k = 0; k < outputs_; ++k) {
    double* const weights = denseOf(k);
    for (std::size_t j = 0; j < dense_; ++j) weights[j] -= moves[k] * static_cast<double>(x[j]);
  }
  if (outputs_ == 1 && isPlain()) return plainMove(*all.sparse, row, moves[0], sparseOf(0));
  double shift = 0;
  const std::size_t outputs = outputs_;
  eachEntry(*all.sparse, row, [&](std::size_t column, T value) {
    const double by = scaled(column, value);
    double* const weights = sparseOf(column);
    for (std::size_t k = 0; k < outputs; ++k) weights[k] -= moves[k] * by;
    if (isShifted()) shift += by * shifts_[column];
  });
  for (std::size_t k = 0; isShifted() && k < outputs_; ++k) shifted_[k] -= moves[k] * shift;
}

template class LazySteps<float>;
template class LazySteps<double>;

}  // namespace thalweg::cpu
