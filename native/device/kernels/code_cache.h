#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thalweg::kernels {

/// Compiled kernels on disk, an entry a file, found again by everything that decided what they
/// became: source, options, instruction set, driver. Files are written under another name and
/// renamed, so that no reader sees half of one; an entry that does not hold its whole key and an
/// intact payload is as good as none. A folder that cannot be written is no error: kernels are then
/// compiled each time.
class CodeCache {
 public:
  /// An empty folder keeps nothing.
  explicit CodeCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool isOn() const noexcept { return !folder_.empty(); }

  [[nodiscard]] std::optional<std::vector<std::byte>> find(const std::string& key) const;
  void keep(const std::string& key, std::span<const std::byte> code) const noexcept;
  /// For an entry that the driver refuses.
  void forget(const std::string& key) const noexcept;

 private:
  [[nodiscard]] std::filesystem::path fileOf(const std::string& key) const;

  std::filesystem::path folder_;
};

}  // namespace thalweg::kernels
