#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace thalweg::cpu {

/// Zeroed, page-aligned memory for a matrix, readable `slackBytes` past its end. Asks the machine
/// first: Linux would grant more than there is and kill the process later, so a request past the
/// available memory (or the container's limit) throws Error outOfMemory.
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

/// Bytes that this process may still take without swapping: the machine's, or what is left of a
/// container's limit.
[[nodiscard]] std::uint64_t availableBytes();

/// Bytes of memory in the machine.
[[nodiscard]] std::uint64_t totalBytes();

}  // namespace thalweg::cpu
