#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "../spool/piece_stream.h"
#include "matrix.h"
#include "queue.h"

namespace thalweg::kernels {

/// X whose rows are in the host's memory or on disk, brought to the device part by part, or that
/// has sparse columns, written out there: launches are those of an X that is there. Of two buffers
/// one is filled from the host while the other is computed on. Of an X on the device parts are what
/// they were.
class StreamedRows {
 public:
  /// For parts of at most so many rows, as rowsTogether has them.
  StreamedRows(KernelQueue& queue, const KernelMatrix& X, std::uint64_t mostRows);

  /// The part with its rows of X on the device, until the part after the next is asked for. Parts
  /// are read ahead in the order of X, over and over. Throws Error file.
  [[nodiscard]] Part onDevice(const Part& part);

 private:
  struct Room {
    std::unique_ptr<Buffer> buffer;
    std::unique_ptr<Fence> used;  ///< after what computes on it
  };

  [[nodiscard]] Part written(const Part& part);
  void fill(const Buffer& buffer, std::uint64_t first, std::uint64_t rows);
  [[nodiscard]] const std::byte* piece(std::uint64_t number);

  KernelQueue& queue_;
  const KernelMatrix& X_;
  std::uint64_t mostRows_;
  std::array<Room, 2> rooms_;
  std::size_t last_ = 0;
  std::unique_ptr<PieceStream> stream_;  ///< null: X is on the device
  std::uint64_t atHand_ = 0;             ///< the piece that the stream has first
  std::uint64_t asked_ = 0;              ///< the next that it is asked for
  std::optional<Part> there_;            ///< what `last_` holds
};

/// `most` rows, or fewer where they are written out.
[[nodiscard]] std::uint64_t rowsTogether(const KernelMatrix& X, std::uint64_t most);

}  // namespace thalweg::kernels
