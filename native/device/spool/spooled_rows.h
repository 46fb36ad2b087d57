#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "../../counts.h"
#include "../cpu/memory.h"
#include "piece_readers.h"
#include "spool_file.h"
#include "spool_place.h"

namespace thalweg {

/// Rows that are written once, in order, and read piece by piece as often as is wanted: the first
/// of them in memory, as far as that is given, the others in a file. Passes go over all of them in
/// turns: a part that always stays saves more than a cache of what was read last, which is gone
/// when it is wanted again.
class SpooledRows {
 public:
  /// Throws Error file, as SpoolFile does, and Error outOfMemory.
  SpooledRows(std::uint64_t rows, std::uint64_t rowBytes, std::uint64_t rowsPerPiece,
              const SpoolPlace& place);

  [[nodiscard]] std::uint64_t rowsPerPiece() const noexcept { return rowsPerPiece_; }
  [[nodiscard]] std::uint64_t pieces() const noexcept { return divideUp(rows_, rowsPerPiece_); }
  /// Bytes of a piece's room, which may be more than those of its rows.
  [[nodiscard]] std::uint64_t pieceRoom() const noexcept { return pieceRoom_; }

  /// The next rows; whole ones. What was not written yet may not be read. One thread.
  void append(std::span<const std::byte> rows);

  /// The piece with that number, if it is in memory; otherwise null.
  [[nodiscard]] const std::byte* kept(std::uint64_t piece) const noexcept;
  /// Of pieces that are not.
  void begin(std::uint64_t piece, PieceReaders::Reading& reading) const;
  /// Waits for it. Throws Error file where it was not read, or not as it was written.
  void finish(PieceReaders::Reading& reading) const;
  /// Waits for one that is of no use any more.
  void abandon(PieceReaders::Reading& reading) const noexcept;

  /// Copies rows [first, first + count). One thread, which may be another than that of `append`.
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const;

 private:
  [[nodiscard]] std::uint64_t inFile(std::uint64_t piece) const noexcept {
    return piece - keptPieces_;
  }
  [[nodiscard]] const std::byte* at(std::uint64_t piece) const;
  void writePiece();

  std::uint64_t rows_;
  std::uint64_t rowBytes_;
  std::uint64_t rowsPerPiece_;
  std::uint64_t pieceRoom_;
  std::uint64_t keptPieces_;
  std::uint64_t appended_ = 0;  ///< bytes
  cpu::Memory kept_;
  std::unique_ptr<SpoolFile> file_;  ///< null: all are in memory
  std::unique_ptr<PieceReaders> readers_;
  /// A piece that fills, and then the one that `read` has read last.
  std::unique_ptr<cpu::Memory> piece_;
  mutable std::optional<std::uint64_t> pieceAtHand_;
};

}  // namespace thalweg
