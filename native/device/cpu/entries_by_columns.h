#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "../device.h"
#include "../sparse_storage.h"
#include "level.h"
#include "memory.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// What compressed rows hold, a second time: column by column. A gradient of very many columns is
/// then what each column reads of δ, for any number of threads, where row by row it is one thread's
/// additions to sums all over memory. It is made by the pass from which on it pays; passes before
/// it, and all where there is little memory, go row by row, to the same bits.
class EntriesByColumns {
 public:
  /// Of rows that are all here, and without codes.
  explicit EntriesByColumns(std::shared_ptr<const SparseStorage> rows);

  /// To be asked by each pass over all rows, on any thread. Null: it goes row by row. Throws
  /// Cancelled.
  [[nodiscard]] const EntriesByColumns* forPass(ThreadPool& pool, const CancelFlag& cancelled);

  template <typename T>
  [[nodiscard]] ColumnEntries<T> view() const noexcept {
    return {.values = reinterpret_cast<const T*>(values_->data()),
            .rows = reinterpret_cast<const std::uint32_t*>(rowNumbers_->data()),
            .begins = begins_.data()};
  }
  /// Where pieces of like numbers of entries begin, and the number of columns.
  [[nodiscard]] std::span<const std::uint32_t> pieces() const noexcept { return pieces_; }
  /// 0 until it is made.
  [[nodiscard]] std::uint64_t bytes() const noexcept;

 private:
  enum class State : std::uint8_t { waiting, made, refused };

  /// Throws Error outOfMemory.
  void reserve();
  template <typename T>
  void fill(ThreadPool& pool, const CancelFlag& cancelled);

  std::shared_ptr<const SparseStorage> of_;
  std::mutex making_;
  std::atomic<State> state_{State::waiting};
  std::atomic<std::uint32_t> passes_{0};
  std::unique_ptr<Memory> values_;
  std::unique_ptr<Memory> rowNumbers_;
  std::vector<std::uint64_t> begins_;
  std::vector<std::uint32_t> pieces_;
};

}  // namespace thalweg::cpu
