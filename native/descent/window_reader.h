#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// Reads chunks of rows that are not in the device's memory on their way there, with a thread of
/// its own: steps go on meanwhile. While it reads nobody else may read that matrix.
class WindowReader {
 public:
  WindowReader(const Matrix& from, const CancelFlag& cancelled)
      : from_(from), cancelled_(cancelled) {}
  /// Stops after the chunk that is being read.
  ~WindowReader() { stop(); }
  WindowReader(const WindowReader&) = delete;
  WindowReader& operator=(const WindowReader&) = delete;

  /// Begins to read chunks of so many rows, for `to` in this order. Where there is no thread or no
  /// memory for that it does nothing.
  void begin(std::vector<std::uint32_t> chunks, std::uint64_t chunkRows, Matrix& to);
  /// Waits until all chunks are read, or the flag is set.
  void wait() noexcept;
  /// Once they are, has them in `to`, on the device's thread. Throws what reading did, and
  /// Cancelled. Returns their numbers; none where nothing was read.
  [[nodiscard]] std::vector<std::uint32_t> take();

 private:
  void stop() noexcept;
  void read();
  [[nodiscard]] bool isOver() const noexcept {
    return stopping_.load(std::memory_order_relaxed) || cancelled_.load(std::memory_order_relaxed);
  }

  const Matrix& from_;
  const CancelFlag& cancelled_;
  std::uint64_t chunkRows_ = 0;
  std::vector<std::uint32_t> chunks_;
  std::vector<std::unique_ptr<Upload>> uploads_;
  std::exception_ptr failure_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace thalweg
