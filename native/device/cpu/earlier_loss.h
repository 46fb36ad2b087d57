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
  EarlierLoss(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns) {}

  [[nodiscard]] bool underWay() const noexcept { return underWay_; }

  /// Starts at a copy of these parameters, with no row added.
  void begin(const Parameters<T>& at, double penalty) {
    theta_.assign(at.theta, at.theta + paddedSize<T>(columns_));
    intercept_ = at.intercept;
    penalty_ = penalty;
    rowsAdded_ = 0;
    sum_ = 0;
    underWay_ = true;
  }

  [[nodiscard]] Parameters<T> at() const noexcept { return {theta_.data(), intercept_}; }
  /// What l1 and l2 add to the mean loss there.
  [[nodiscard]] double penalty() const noexcept { return penalty_; }

  /// Takes in Σℓ of so many rows; each row once.
  void add(double sum, std::size_t rows) noexcept {
    sum_ += sum;
    rowsAdded_ += rows;
  }

  [[nodiscard]] bool complete() const noexcept { return rowsAdded_ == rows_; }
  [[nodiscard]] double sum() const noexcept { return sum_; }
  void end() noexcept { underWay_ = false; }

 private:
  std::size_t rows_;
  std::size_t columns_;
  bool underWay_ = false;
  std::vector<T> theta_;
  T intercept_ = 0;
  double penalty_ = 0;
  std::size_t rowsAdded_ = 0;
  double sum_ = 0;
};

}  // namespace thalweg::cpu
