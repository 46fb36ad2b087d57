#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "cpu/thread_pool.h"
#include "device.h"

namespace thalweg {

/// Values in the memory of the host, as many as are copied.
struct HostValues {
  const void* data = nullptr;
  Dtype dtype = Dtype::float64;
};

/// Where rows are copied to: row-major, `columns` values each, the first of them row `firstRow` of
/// its matrix.
struct RowTarget {
  std::span<std::byte> bytes;
  Dtype dtype = Dtype::float64;
  std::uint64_t columns = 1;
  std::uint64_t firstRow = 0;
};

/// Copies rows of JavaScript memory. That memory stays where it is only as long as the JavaScript
/// thread does nothing else, so it is that thread that copies, and waits for those that help it.
class RowCopier {
 public:
  /// `threads` in all; 0: as many as the process may use. Past a certain count memory is no faster.
  explicit RowCopier(std::size_t threads);

  /// So many bytes at once keep the threads busy, and whoever waits for them no more than some
  /// milliseconds.
  [[nodiscard]] std::size_t sliceBytes() const noexcept;

  /// Copies whole rows and checks them on the way. Returns what `summarize` would of all of them;
  /// throws Error notFinite for the first value that is not finite. One thread at a time.
  [[nodiscard]] Summary copy(const HostValues& from, const RowTarget& to);

 private:
  std::size_t threads_;
  std::optional<cpu::ThreadPool> pool_;  ///< since there was enough to do for it
};

}  // namespace thalweg
