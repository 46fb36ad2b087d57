#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace thalweg {

/// Host memory for rows on their way to a device. Two pieces are kept for uploads to take in turns,
/// one filled while the other is copied: fresh memory costs a page fault every 4 KiB. It is
/// pageable, since pinned memory has lost copies (ROCm 5.6 on gfx1034) and is slow on APUs. Safe to
/// use from several threads.
class Staging {
 public:
  class Piece {
   public:
    Piece() = default;
    explicit Piece(std::size_t bytes)
        : room_(bytes), bytes_(std::make_unique_for_overwrite<std::byte[]>(bytes)) {}

    [[nodiscard]] std::size_t room() const noexcept { return room_; }
    [[nodiscard]] std::span<std::byte> first(std::size_t bytes) const noexcept {
      return {bytes_.get(), bytes};
    }

   private:
    std::size_t room_ = 0;
    std::unique_ptr<std::byte[]> bytes_;
  };

  /// Room for `bytes` or more. Throws std::bad_alloc.
  [[nodiscard]] Piece take(std::size_t bytes);
  void giveBack(Piece piece) noexcept;
  /// Keeps nothing from now on: what is left to come is the last.
  void close() noexcept;

 private:
  std::mutex mutex_;
  std::vector<Piece> kept_;
  bool closed_ = false;
};

}  // namespace thalweg
