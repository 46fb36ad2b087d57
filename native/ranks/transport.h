#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace thalweg {

/// How bytes get from process to process: what an MPI library does. One call of `gather` or
/// `exchange` at a time, which is over when `isDone` says so; until then nobody may touch the
/// spans.
class Transport {
 public:
  Transport() = default;
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;

  /// Gives all ranks the bytes of each: `all` is as many times as long as there are ranks.
  virtual void gather(std::span<const std::byte> mine, std::span<std::byte> all) = 0;
  /// Cuts `mine` into equal pieces, one a rank; theirs for this one come in the order of ranks.
  virtual void exchange(std::span<const std::byte> mine, std::span<std::byte> theirs) = 0;
  [[nodiscard]] virtual bool isDone() = 0;

  /// Ends the processes of all ranks.
  virtual void abort(int code) = 0;
  /// The orderly end, for which all ranks wait.
  virtual void finish() = 0;
};

}  // namespace thalweg
