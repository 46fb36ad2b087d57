#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thalweg::kernels {

/// Compiled kernels on disk, an entry a file, found again by everything that decided what they
/// became: source, options, instruction set, driver. An entry that does not hold its whole key and
/// an intact payload is as good as none, and so is one that another user may have written
/// (PrivateFolder). A folder that cannot be used is no error: kernels are then compiled each time.
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
  [[nodiscard]] static std::string nameOf(const std::string& key);

  std::filesystem::path folder_;
};

}  // namespace thalweg::kernels
