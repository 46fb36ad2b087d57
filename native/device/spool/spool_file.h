#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../../private_folder.h"

namespace thalweg {

/// A file of pieces of one size for as long as a process needs them. It has no name: nobody else
/// opens, changes or cuts it, and it is gone with the process, however that ends. Where the system
/// allows, it goes past the page cache, in which pieces that are read in turns would push each
/// other out before they are wanted again.
class SpoolFile {
 public:
  /// Sizes and addresses of pieces are multiples of this.
  static constexpr std::uint64_t alignment = 4096;

  /// Takes the room of all pieces at once. Throws Error file, which names the folder, where it is
  /// missing and cannot be made, cannot be written, or has not so much room.
  SpoolFile(std::string folder, std::uint64_t pieceBytes, std::uint64_t pieces);

  [[nodiscard]] std::uint64_t pieceBytes() const noexcept { return pieceBytes_; }

  /// Throws Error file. One thread at a time.
  void write(std::uint64_t piece, const std::byte* bytes);
  /// Any thread. Throws Error file where not all of it can be read.
  void read(std::uint64_t piece, std::byte* into) const;
  /// Throws Error file unless these are the bytes that were written. Any thread.
  void check(std::uint64_t piece, const std::byte* bytes) const;

 private:
  [[nodiscard]] bool usePageCache() noexcept;
  [[noreturn]] void fail(const std::string& what, int reason) const;
  [[noreturn]] void failForRoom(std::uint64_t bytes) const;

  std::string folder_;
  std::uint64_t pieceBytes_;
  std::vector<std::uint64_t> checksums_;
  Descriptor file_;
  bool isDirect_ = true;
};

/// Bytes that a folder's file system has left for this user; 0 where it cannot be told.
[[nodiscard]] std::uint64_t availableBytesIn(const std::string& folder);

}  // namespace thalweg
