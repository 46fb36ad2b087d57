#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace thalweg::cpu {

/// Zeroed, page-aligned memory for a matrix, readable `slackBytes` past its end. Throws Error
/// outOfMemory.
class Memory {
 public:
  explicit Memory(std::uint64_t bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  std::uint64_t bytes_;
  std::size_t mapped_;
};

}  // namespace thalweg::cpu
