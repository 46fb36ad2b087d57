#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../../counts.h"
#include "matrix.h"

namespace thalweg::cpu {

/// How a pass over `rows` is cut into blocks, each with sums of its own, and blocks into the pieces
/// that a loop goes over at a time. It depends on the shape alone, never on the count of threads or
/// on where the rows are: the sums, added in the order of the blocks, are then the same bits on any
/// machine. Blocks hold whole pieces, and pieces are the same whatever the count of outputs.
struct Blocks {
  std::size_t rows;
  std::size_t rowsPerPiece = 0;
  std::size_t rowsPerBlock = 0;

  /// With several outputs sums are so many times as large.
  Blocks(std::size_t rowCount, std::size_t columns, std::size_t elementSize,
         std::size_t outputs = 1)
      : rows(rowCount) {
    // Each piece is asked of a disk at once, and ends with sums of T that move to float64: few
    // beside its rows.
    constexpr std::size_t pieceBytes = std::size_t{2} << 20U;
    constexpr std::size_t fewestRowsOfPieces = 256;
    const std::size_t rowBytes = std::max<std::size_t>(columns * elementSize, 1);
    const std::size_t rowsOfPieces =
        std::max(fewestRowsOfPieces, pieceBytes / rowBytes / grain * grain);
    const std::size_t rowsOfOneOutput = sharedOut(rowBytes, manyBlocks);
    rowsPerPiece = std::min(rowsOfOneOutput, rowsOfPieces);
    const std::size_t mostBlocks =
        std::clamp<std::size_t>(sumBytes / (columns * outputs * sizeof(double)), 16, manyBlocks);
    rowsPerBlock =
        roundUp(outputs == 1 ? rowsOfOneOutput : sharedOut(rowBytes, mostBlocks), rowsPerPiece);
  }

  /// Of some rows of an X that has sparse columns. Their sums are as many as the columns, however
  /// little the rows hold: neither may all take more memory than others, nor each be much beside
  /// what it sums up. Such rows are in memory, and a block is one piece.
  [[nodiscard]] static Blocks ofSparse(std::size_t rowCount, const CpuMatrix& X,
                                       std::size_t outputs) {
    constexpr std::size_t entriesPerSum = 32;
    const std::size_t sums = X.layout().held() * outputs;
    const auto share = static_cast<double>(rowCount) / static_cast<double>(X.rows());
    const double entries = share * static_cast<double>(X.sparse()->entries()) +
                           static_cast<double>(X.layout().dense) * static_cast<double>(rowCount);
    const double most = std::min(static_cast<double>(sumBytes) / sizeof(double),
                                 entries * static_cast<double>(outputs) / entriesPerSum) /
                        static_cast<double>(sums);
    return {rowCount, X, static_cast<std::size_t>(std::clamp<double>(most, 1, manyBlocks))};
  }
  /// Of all its rows where no block has sums but its loss.
  [[nodiscard]] static Blocks ofSparseLoss(const CpuMatrix& X) {
    return {static_cast<std::size_t>(X.rows()), X, manyBlocks};
  }

  [[nodiscard]] std::size_t count() const noexcept { return divideUp(rows, rowsPerBlock); }
  [[nodiscard]] std::size_t first(std::size_t block) const noexcept { return block * rowsPerBlock; }
  [[nodiscard]] std::size_t rowsIn(std::size_t block) const noexcept {
    return std::min(rowsPerBlock, rows - first(block));
  }

 private:
  static constexpr std::size_t grain = 16;
  static constexpr std::size_t manyBlocks = 256;
  /// Of the sums of all blocks.
  static constexpr std::size_t sumBytes = std::size_t{64} << 20U;

  /// At most so many blocks of rows with sparse columns, of a piece each.
  Blocks(std::size_t rowCount, const CpuMatrix& X, std::size_t mostBlocks) : rows(rowCount) {
    rowsPerBlock = sharedOut(std::max<std::size_t>(X.passBytes(), 1), mostBlocks);
    rowsPerPiece = rowsPerBlock;
  }

  /// Rows of each of at most so many blocks.
  [[nodiscard]] std::size_t sharedOut(std::size_t rowBytes, std::size_t mostBlocks) const noexcept {
    // Microseconds of reading: more than telling a spinning thread costs. Of rows in an order of
    // their own they are as many of drawing it, which a thread without a block can do meanwhile.
    constexpr std::size_t worthwhileBytes = std::size_t{64} << 10U;
    // The block's sums of n float64 values stay small beside its rows: where those of all blocks go
    // through memory, beside many.
    constexpr std::size_t fewRows = 32;
    constexpr std::size_t longRowBytes = std::size_t{8} << 10U;
    constexpr std::size_t manyRows = 256;
    constexpr std::size_t blocksOfLongRows = 16;
    const std::size_t fewestRows =
        rowBytes < longRowBytes ? fewRows : std::clamp(rows / blocksOfLongRows, fewRows, manyRows);
    const auto least =
        std::max<std::size_t>({fewestRows, worthwhileBytes / rowBytes, divideUp(rows, mostBlocks)});
    // Of one size, so that none is waited for: what does not fill a block is shared out.
    const std::size_t blocks = std::max<std::size_t>(rows / least, 1);
    return roundUp(divideUp(rows, blocks), grain);
  }
};

}  // namespace thalweg::cpu
