#pragma once

#include <cstddef>
#include <vector>

#include "level.h"
#include "padded.h"

namespace thalweg::cpu {

/// Σℓ over all rows at a θ that steps have left since. It is added up in pieces while the rows are
/// read for those steps: as far as a block of them fits a cache, it costs no read of X of its own.
template <typename T>
class EarlierLoss {
 public:
  /// `weights` is how many values of θ there are, padding included, and `sparse` how many of sparse
  /// columns.
  EarlierLoss(std::size_t rows, std::size_t weights, std::size_t sparse, std::size_t outputs)
      : rows_(rows), weights_(weights), sparseWeights_(sparse), outputs_(outputs) {}

  [[nodiscard]] bool underWay() const noexcept { return underWay_; }

  /// Starts at a copy of these parameters, with no row added.
  void begin(const Parameters<T>& at, double penalty) {
    theta_.assign(at.theta, at.theta + weights_);
    sparse_.assign(at.sparse, at.sparse + sparseWeights_);
    intercepts_.assign(at.intercepts, at.intercepts + outputs_);
    stride_ = at.stride;
    penalty_ = penalty;
    rowsAdded_ = 0;
    sum_ = 0;
    underWay_ = true;
  }

  /// Not before `begin`.
  [[nodiscard]] Parameters<T> at() const noexcept {
    return {theta_.data(), intercepts_.front(), intercepts_.data(), stride_, sparse_.data()};
  }
  /// What l1 and l2 add to the mean loss there.
  [[nodiscard]] double penalty() const noexcept { return penalty_; }

  /// Takes in Σℓ of so many rows; each row once.
  void add(double sum, std::size_t rows) noexcept {
    sum_ += sum;
    rowsAdded_ += rows;
  }

  [[nodiscard]] std::size_t rowsAdded() const noexcept { return rowsAdded_; }
  [[nodiscard]] bool complete() const noexcept { return rowsAdded_ == rows_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  void end() noexcept { underWay_ = false; }

 private:
  std::size_t rows_;
  std::size_t weights_;
  std::size_t sparseWeights_;
  std::size_t outputs_;
  bool underWay_ = false;
  std::vector<T> theta_;
  std::vector<T> sparse_;
  std::vector<T> intercepts_;
  std::size_t stride_ = 0;
  double penalty_ = 0;
  std::size_t rowsAdded_ = 0;
  double sum_ = 0;
};

}  // namespace thalweg::cpu
