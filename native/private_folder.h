#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thalweg {

/// An open file or folder, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const noexcept { return number_; }
  /// Given to another owner.
  int release() noexcept { return std::exchange(number_, -1); }
  [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

/// What a folder for private files is good for.
struct FolderState {
  enum class Kind : std::uint8_t {
    ready,
    absent,  ///< and was not to be made
    /// Another user may write there, or has led there: nothing of it is read or written.
    unsafe,
    failed,  ///< the system refuses
  };
  Kind kind = Kind::ready;
  std::string why{};  ///< in words, where it is unsafe or failed
};

/// A folder whose files are believed, since nobody else can have made them: compiled kernels are
/// code, and measurements decide what runs. It belongs to the effective user and nobody else may
/// write it, no link on the way belongs to another user than root and this one, and each file is
/// held to the same. Every file is reached through the folder's descriptor, so that what was looked
/// at is what is used. Files appear whole or not at all.
class PrivateFolder {
 public:
  /// Closed where the state is not `ready`.
  ///
  /// @param make Makes what is missing, with mode 0700, in folders of root's or this user's.
  explicit PrivateFolder(const std::filesystem::path& path, bool make = false);

  [[nodiscard]] const FolderState& state() const noexcept { return state_; }
  [[nodiscard]] bool isOpen() const noexcept { return static_cast<bool>(folder_); }

  struct File {
    bool isThere = false;
    /// None where it is not to be believed, cannot be read, or is larger than was asked for.
    std::optional<std::vector<std::byte>> content{};
  };

  [[nodiscard]] File read(const std::string& name, std::uint64_t largest) const;
  /// @return why not, in words; empty where it is written
  [[nodiscard]] std::string write(const std::string& name,
                                  std::span<const std::byte> content) const;
  void remove(const std::string& name) const noexcept;
  /// The names of what is not believed there, hidden ones left out.
  [[nodiscard]] std::vector<std::string> untrusted() const;
  /// Why this process can write nothing there, in words; empty where it can.
  [[nodiscard]] std::string whyNotWritable() const;

 private:
  Descriptor folder_;
  FolderState state_;
};

}  // namespace thalweg
