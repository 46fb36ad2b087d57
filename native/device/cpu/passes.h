#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../device.h"
#include "blocks.h"
#include "level.h"
#include "operands.h"
#include "padded.h"
#include "rounded.h"
#include "thread_pool.h"

namespace thalweg::cpu {

template <typename T>
[[nodiscard]] const Kernels<T>& kernelsOf(const Level& level) noexcept;
template <>
inline const Kernels<float>& kernelsOf<float>(const Level& level) noexcept {
  return level.float32;
}
template <>
inline const Kernels<double>& kernelsOf<double>(const Level& level) noexcept {
  return level.float64;
}

/// The sums of one pass: Xᵀδ, Σδ and Σℓ, and Σℓ at an earlier θ, set only where that is wanted.
struct PassSums {
  std::vector<double> gradient;    ///< in the order of weight_order.h
  std::vector<double> intercepts;  ///< one an output
  double loss = 0;
  double earlierLoss = 0;
};

/// Full passes over X: what the run and the power iteration share. Keeps the blocks' sums from pass
/// to pass.
template <typename T>
class Passes {
 public:
  Passes(ThreadPool& pool, const Level& level, const Problem& problem, const CancelFlag& cancelled);

  /// Sums over all rows. Throws Cancelled.
  const PassSums& gradient(const RoundedParameters<T>& at) { return gradient({}, rowCount_, at); }
  /// Sums over the first `count` rows of those that `indices` names; the others are wanted next.
  /// With the loss at `earlier` where that is not null. Throws Cancelled.
  const PassSums& gradient(std::span<const std::uint32_t> indices, std::size_t count,
                           const RoundedParameters<T>& at, const Parameters<T>* earlier = nullptr);
  /// Σℓ over all rows. Throws Cancelled.
  double loss(const Parameters<T>& at);
  /// The same of an X in memory, whose blocks before number `first` came to `sum`.
  double lossFrom(std::size_t first, double sum, const Parameters<T>& at);
  /// How Σℓ over all rows is added up.
  [[nodiscard]] Blocks lossBlocks() const noexcept { return on_.lossBlocks(objective_.outputs); }
  /// Σℓ over those rows, on this thread.
  [[nodiscard]] double loss(const Rows<T>& some, const Parameters<T>& at) const {
    Padded<T> scratch(tileScratchSize(objective_.outputs, on_.isSparse()));
    return kernels_.loss(some, at, objective_, scratch.data());
  }

  /// Whether a gradient over so many rows is one block, the work of one thread.
  [[nodiscard]] bool areOneBlock(std::size_t rows) const noexcept {
    return blocksOf(rows).count() == 1;
  }

  /// Rows [first, first + count) of those that `indices` names, or of X where it is empty.
  [[nodiscard]] Rows<T> rows(std::span<const std::uint32_t> indices, std::size_t first,
                             std::size_t count) const noexcept {
    return on_.rows(indices, first, count);
  }

 private:
  /// All rows of an X with few entries a column: δ of each row first, and then what columns add up.
  const PassSums& gradientInTwo(EntriesByColumns& entries, const RoundedParameters<T>& at);
  /// Adds up δ·x of the compressed rows.
  void addCompressed(EntriesByColumns& entries, double* gradient);
  [[nodiscard]] PassSums noSums() const { return noSums(sums_); }
  [[nodiscard]] PassSums noSums(std::size_t weights) const;
  static void clear(PassSums& sums);
  /// The sums of these blocks, in their order; of their first weights alone where they have no
  /// more.
  void addUp(std::span<const PassSums> blocks);
  [[nodiscard]] Blocks blocksOf(std::size_t rows) const noexcept {
    return on_.blocks(rows, objective_.outputs);
  }

  ThreadPool& pool_;
  const Kernels<T>& kernels_;
  const Objective& objective_;
  const CancelFlag& cancelled_;
  Operands<T> on_;
  std::size_t rowCount_;
  std::uint64_t processes_;  ///< among which all rows are shared out, about
  std::size_t sums_;         ///< of a gradient
  PassSums total_;
  std::vector<PassSums> blockSums_;
  std::vector<PassSums> denseSums_;  ///< of blocks whose sparse columns are added up after
  std::vector<T> deltas_;            ///< of each row by outputs, for that
  std::vector<Padded<T>> scratch_;   ///< one a thread
};

}  // namespace thalweg::cpu
