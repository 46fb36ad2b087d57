#pragma once

#include <cstddef>
#include <functional>

#include "../device.h"
#include "blocks.h"
#include "level.h"
#include "operands.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Rows that a pass takes at a time. Those of one sequence follow each other, in one thread.
struct Piece {
  std::size_t sequence = 0;
  std::size_t first = 0;
  std::size_t count = 0;
  bool isFirst = true;  ///< of its sequence
};

/// The sequences of a pass, each of every so manieth block.
class PieceOrder {
 public:
  /// As many sequences as there are blocks.
  explicit PieceOrder(const Blocks& blocks) : PieceOrder(blocks, blocks.count()) {}
  PieceOrder(const Blocks& blocks, std::size_t sequences)
      : blocks_(blocks), sequences_(std::min(sequences, blocks.count())) {}

  [[nodiscard]] std::size_t sequences() const noexcept { return sequences_; }
  [[nodiscard]] Piece first(std::size_t sequence) const noexcept {
    return pieceAt(sequence, blocks_.first(sequence), true);
  }
  /// What follows a piece in its sequence; of no rows where it was the last.
  [[nodiscard]] Piece next(const Piece& piece) const noexcept;

 private:
  [[nodiscard]] Piece pieceAt(std::size_t sequence, std::size_t first,
                              bool isFirst) const noexcept {
    const std::size_t left = first < blocks_.rows ? blocks_.rows - first : 0;
    return {sequence, first, std::min(blocks_.rowsPerPiece, left), isFirst};
  }

  Blocks blocks_;
  std::size_t sequences_;
};

template <typename T>
using OverPiece = std::function<void(const Rows<T>& rows, const Piece& piece, std::size_t thread)>;

/// Calls `use` for each piece of X. Throws Cancelled, and Error file where a piece cannot be read.
template <typename T>
void overPieces(ThreadPool& pool, const Operands<T>& on, const PieceOrder& order,
                const CancelFlag& cancelled, const OverPiece<T>& use);

}  // namespace thalweg::cpu
