#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "../device.h"
#include "blocks.h"
#include "level.h"
#include "matrix.h"
#include "spooled_matrix.h"

namespace thalweg::cpu {

/// X, its targets and its weights as passes take them, wherever X is. Sparse columns are in memory
/// always. X outlives them, and they the rows that they give.
template <typename T>
class Operands {
 public:
  explicit Operands(const Problem& problem)
      : Operands(problem.X, &problem.y, problem.weights ? &problem.weights->values : nullptr) {}
  /// Of X alone.
  explicit Operands(const Matrix& X) : Operands(X, nullptr, nullptr) {}

  /// Null where X is in memory.
  [[nodiscard]] const SpooledMatrix* spooled() const noexcept { return spooled_; }

  [[nodiscard]] bool isSparse() const noexcept { return sparse_.has_value(); }
  /// Null where X is dense, or a gradient over its rows goes row by row always.
  [[nodiscard]] EntriesByColumns* byColumns() const noexcept {
    return isSparse() ? asCpu(X_).byColumns() : nullptr;
  }
  /// Null where X is dense.
  [[nodiscard]] const SparseColumns<T>* sparse() const noexcept {
    return sparse_ ? &*sparse_ : nullptr;
  }
  /// Of a pass over so many rows of X.
  [[nodiscard]] Blocks blocks(std::size_t rowCount, std::size_t outputs) const noexcept {
    return isSparse() ? Blocks::ofSparse(rowCount, asCpu(X_), outputs)
                      : Blocks(rowCount, columns_, sizeof(T), outputs);
  }
  /// Of a pass over all rows of X that forms Σℓ alone.
  [[nodiscard]] Blocks lossBlocks(std::size_t outputs) const noexcept {
    return isSparse() ? Blocks::ofSparseLoss(asCpu(X_)) : blocks(X_.rows(), outputs);
  }

  /// Rows [first, first + count) of those that `indices` names, or of X where it is empty: of an X
  /// in memory.
  [[nodiscard]] Rows<T> rows(std::span<const std::uint32_t> indices, std::size_t first,
                             std::size_t count) const noexcept {
    return {.data = data_,
            .targets = targets_,
            .columns = columns_,
            .indices = indices.empty() ? nullptr : indices.data(),
            .first = first,
            .count = count,
            .following = 0,
            .weights = weights_,
            .sparse = sparse()};
  }

  /// Rows [first, first + count) of X that are at hand there.
  [[nodiscard]] Rows<T> rowsAt(const std::byte* rows, std::size_t first,
                               std::size_t count) const noexcept {
    return {.data = reinterpret_cast<const T*>(rows),
            .targets = targets_ == nullptr ? nullptr : targets_ + first * targetsPerRow_,
            .columns = columns_,
            .indices = nullptr,
            .first = 0,
            .count = count,
            .following = 0,
            .weights = weights_ == nullptr ? nullptr : weights_ + first};
  }

 private:
  Operands(const Matrix& X, const Matrix* y, const Matrix* weights)
      : X_(X),
        spooled_(dynamic_cast<const SpooledMatrix*>(&X)),
        data_(spooled_ == nullptr ? valuesOf(&X) : nullptr),
        targets_(valuesOf(y)),
        weights_(valuesOf(weights)),
        columns_(X.layout().dense),
        targetsPerRow_(y == nullptr ? 0 : y->columns()) {
    if (X.isSparse()) sparse_ = asCpu(X).sparse()->template view<T>();
  }

  [[nodiscard]] static const T* valuesOf(const Matrix* matrix) noexcept {
    return matrix == nullptr ? nullptr : asCpu(*matrix).template values<T>();
  }

  const Matrix& X_;
  const SpooledMatrix* spooled_;
  const T* data_;        ///< null where X is spooled
  const T* targets_;     ///< null where only outputs are asked for
  const T* weights_;     ///< null: 1 each
  std::size_t columns_;  ///< dense ones
  std::size_t targetsPerRow_;
  std::optional<SparseColumns<T>> sparse_;
};

}  // namespace thalweg::cpu
