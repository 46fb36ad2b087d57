#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// A window: that of an epoch which begins at a place in its order of rows.
struct Window {
  std::uint64_t epoch = 0;
  std::uint64_t first = 0;
};

/// How an epoch takes the rows of an X that is not in the device's memory: chunks of neighbours in
/// an order of chance, cut into windows that are brought there as a whole, within which any row may
/// be taken.
struct Windows {
  std::uint64_t rows = 0;       ///< of X
  std::uint64_t chunkRows = 0;  ///< the last chunk of X may be shorter
  std::uint64_t windowRows = 0;
  std::uint32_t seed = 0;

  /// Whether there is room for a window that is read beside the first one, on the device or on the
  /// way there: one of many rows a step may be as large as X.
  [[nodiscard]] bool leaveRoom(std::uint64_t rowBytes) const noexcept;
  /// The window that follows one, in the next epoch after the last of one.
  [[nodiscard]] Window after(const Window& window) const noexcept;
  /// The numbers of the chunks that a window has rows of, upwards.
  [[nodiscard]] std::vector<std::uint32_t> chunksOf(const Window& window) const;
  /// The order of an epoch's chunks, which follows from the seed and the epoch alone.
  [[nodiscard]] std::vector<std::uint32_t> chunks(std::uint64_t epoch) const;
  /// Chunks that a window has rows of, at most.
  [[nodiscard]] std::uint64_t mostChunks() const noexcept;
};

/// Those of X for steps of so many rows; none where it is in the device's memory.
[[nodiscard]] std::optional<Windows> windowsOf(const Matrix& X, std::uint64_t batchSize,
                                               std::uint32_t seed);

/// The rows of an order of chunks, one after the other.
class ChunkOrder {
 public:
  ChunkOrder(const Windows& windows, std::uint64_t epoch);

  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  /// The row of X at a place in the order.
  [[nodiscard]] std::uint32_t row(std::uint64_t place) const noexcept;

 private:
  std::uint64_t epoch_;
  std::uint64_t chunkRows_;
  std::vector<std::uint32_t> chunks_;
  std::uint64_t missing_;     ///< rows that the last chunk of X has less than others
  std::uint64_t afterShort_;  ///< places up to the end of that chunk
};

}  // namespace thalweg
