#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../device.h"
#include "level.h"
#include "matrix.h"
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

/// How a pass over `rows` is cut into blocks, each with sums of its own. It depends on the shape
/// alone, never on the count of threads: the sums, added in the order of the blocks, are then the
/// same bits on any machine.
struct Blocks {
  std::size_t rows;
  std::size_t rowsPerBlock = 0;

  /// With several outputs sums are so many times as large.
  Blocks(std::size_t rowCount, std::size_t columns, std::size_t elementSize,
         std::size_t outputs = 1)
      : Blocks(rowCount, columns * elementSize,
               outputs == 1 ? usualBlocks
                            : std::clamp<std::size_t>(
                                  sumBytes / (columns * outputs * sizeof(double)), 16, usualBlocks),
               Exactly{}) {}

  /// Of some rows of X, some of whose columns may be sparse. Their sums are as many as the columns,
  /// however little the rows hold: neither may all take more memory than others, nor each be much
  /// beside what it sums up.
  Blocks(std::size_t rowCount, const CpuMatrix& X, std::size_t outputs)
      : Blocks(X.sparse() == nullptr ? Blocks(rowCount, X.columns(), sizeOf(X.dtype()), outputs)
                                     : Blocks(rowCount, X.passBytes(),
                                              mostOfSparse(rowCount, X, outputs), Exactly{})) {}

  [[nodiscard]] std::size_t count() const noexcept {
    return (rows + rowsPerBlock - 1) / rowsPerBlock;
  }
  [[nodiscard]] std::size_t first(std::size_t block) const noexcept { return block * rowsPerBlock; }
  [[nodiscard]] std::size_t rowsIn(std::size_t block) const noexcept {
    return std::min(rowsPerBlock, rows - first(block));
  }

 private:
  static constexpr std::size_t usualBlocks = 256;
  /// Of the sums of all blocks.
  static constexpr std::size_t sumBytes = std::size_t{64} << 20U;

  struct Exactly {};

  static std::size_t mostOfSparse(std::size_t rowCount, const CpuMatrix& X, std::size_t outputs) {
    constexpr std::size_t entriesPerSum = 8;
    const std::size_t sums = X.layout().held() * outputs;
    const auto share = static_cast<double>(rowCount) / static_cast<double>(X.rows());
    const double entries = share * static_cast<double>(X.sparse()->entries()) +
                           static_cast<double>(X.denseColumns()) * static_cast<double>(rowCount);
    const double most = std::min(static_cast<double>(sumBytes) / sizeof(double),
                                 entries * static_cast<double>(outputs) / entriesPerSum) /
                        static_cast<double>(sums);
    return static_cast<std::size_t>(std::clamp<double>(most, 1, usualBlocks));
  }

  Blocks(std::size_t rowCount, std::size_t bytesOfRow, std::size_t mostBlocks, Exactly /*as said*/)
      : rows(rowCount) {
    // Microseconds of reading: more than telling a spinning thread costs. Of rows in an order of
    // their own they are as many of drawing it, which a thread without a block can do meanwhile.
    constexpr std::size_t worthwhileBytes = std::size_t{64} << 10U;
    // The block's sums of n float64 values stay small beside its rows: where those of all blocks go
    // through memory, beside many.
    constexpr std::size_t fewRows = 32;
    constexpr std::size_t longRowBytes = std::size_t{8} << 10U;
    constexpr std::size_t manyRows = 256;
    constexpr std::size_t blocksOfLongRows = 16;
    const std::size_t rowBytes = std::max<std::size_t>(bytesOfRow, 1);
    const std::size_t fewestRows = rowBytes < longRowBytes
                                       ? fewRows
                                       : std::clamp(rowCount / blocksOfLongRows, fewRows, manyRows);
    const std::size_t least = std::max(
        {fewestRows, worthwhileBytes / rowBytes, (rowCount + mostBlocks - 1) / mostBlocks});
    // Of one size, so that none is waited for: what does not fill a block is shared out.
    const std::size_t blocks = std::max<std::size_t>(rowCount / least, 1);
    rowsPerBlock = ((rowCount + blocks - 1) / blocks + 15) / 16 * 16;
  }
};

/// The weights of a problem's rows; null where each counts 1.
template <typename T>
[[nodiscard]] const T* weightsOf(const Problem& problem) noexcept {
  if (problem.weights == nullptr) return nullptr;
  return asCpu(problem.weights->values).values<T>();
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
  /// Σℓ over those rows, on this thread.
  [[nodiscard]] double loss(const Rows<T>& some, const Parameters<T>& at) const {
    Padded<T> scratch(tileScratchSize(objective_.outputs, isSparse()));
    return kernels_.loss(some, at, objective_, scratch.data());
  }

  /// Whether a gradient over so many rows is one block, the work of one thread.
  [[nodiscard]] bool areOneBlock(std::size_t rows) const noexcept {
    return blocksOf(rows).count() == 1;
  }

  /// Rows [first, first + count) of those that `indices` names, or of X where it is empty.
  [[nodiscard]] Rows<T> rows(std::span<const std::uint32_t> indices, std::size_t first,
                             std::size_t count) const noexcept;

 private:
  void throwIfCancelled() const;
  [[nodiscard]] PassSums noSums() const;
  [[nodiscard]] bool isSparse() const noexcept { return X_.sparse() != nullptr; }
  [[nodiscard]] Blocks blocksOf(std::size_t rows) const noexcept {
    return {rows, X_, objective_.outputs};
  }

  ThreadPool& pool_;
  const Kernels<T>& kernels_;
  const Objective& objective_;
  const CancelFlag& cancelled_;
  const CpuMatrix& X_;
  const T* targets_;
  const T* weights_;  ///< null: 1 each
  SparseColumns<T> sparse_;
  std::size_t rowCount_;
  PassSums total_;
  std::vector<PassSums> blockSums_;
  std::vector<Padded<T>> scratch_;  ///< one a thread
};

}  // namespace thalweg::cpu
