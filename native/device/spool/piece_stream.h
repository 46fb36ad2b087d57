#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "spooled_rows.h"

namespace thalweg {

/// Pieces of a spool in the order in which one thread asks for them, the next ones on their way
/// while it works on one.
class PieceStream {
 public:
  /// Room for so many pieces at once.
  PieceStream(const SpooledRows& rows, std::size_t room);
  /// Waits for what is on its way.
  ~PieceStream();
  PieceStream(PieceStream&& other) noexcept = default;
  PieceStream& operator=(PieceStream&&) = delete;
  PieceStream(const PieceStream&) = delete;
  PieceStream& operator=(const PieceStream&) = delete;

  [[nodiscard]] bool hasRoom() const noexcept { return asked_.size() < slots_.size(); }
  [[nodiscard]] bool isEmpty() const noexcept { return asked_.empty(); }
  /// Asks for a piece; where there is room.
  void ask(std::uint64_t piece);
  /// Of the pieces asked for the first, when it is there; it stays until `drop`. Throws Error file.
  [[nodiscard]] const std::byte* front();
  /// Makes room of the first, for which it waits.
  void drop() noexcept;
  /// Of all.
  void clear() noexcept;

 private:
  struct Slot {
    explicit Slot(std::uint64_t bytes) : memory(bytes) { reading.into = memory.data(); }
    cpu::Memory memory;
    PieceReaders::Reading reading{};
  };
  /// Of a piece that is in memory no slot is used.
  struct Asked {
    std::uint64_t piece;
    std::size_t slot;
    bool isThere;
  };

  const SpooledRows* rows_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::deque<Asked> asked_;
  std::size_t next_ = 0;  ///< slot; they are taken in turns
};

}  // namespace thalweg
