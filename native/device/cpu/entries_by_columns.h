#pragma once

#include <cstdint>
#include <memory>
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
/// it, and all where there is little memory, go row by row, to the same bits. What is done with a
/// matrix is done one after the other.
class EntriesByColumns {
 public:
  /// Of rows that are all here, and without codes.
  explicit EntriesByColumns(std::shared_ptr<const SparseStorage> rows);

  /// To be asked by each pass over all rows. Null: it goes row by row. Throws Cancelled.
  ///
  /// \param processes that may want as much memory here
  [[nodiscard]] const EntriesByColumns* forPass(ThreadPool& pool, std::uint64_t processes,
                                                const CancelFlag& cancelled);

  template <typename T>
  [[nodiscard]] ColumnEntries<T> view() const noexcept {
    return {.values = reinterpret_cast<const T*>(held_->values.data()),
            .rows = reinterpret_cast<const std::uint32_t*>(held_->rows.data()),
            .begins = held_->begins.data()};
  }
  /// Where pieces of like numbers of entries begin, and the number of columns.
  [[nodiscard]] std::span<const std::uint32_t> pieces() const noexcept { return held_->pieces; }

 private:
  struct Held {
    Held(std::uint64_t entries, std::uint64_t columns, Dtype dtype);

    Memory values;
    Memory rows;
    std::vector<std::uint64_t> begins;
    std::vector<std::uint32_t> pieces;
  };

  /// Throws Error outOfMemory, Cancelled.
  [[nodiscard]] std::unique_ptr<Held> made(ThreadPool& pool, std::uint64_t processes,
                                           const CancelFlag& cancelled) const;
  template <typename T>
  void fill(Held& held, ThreadPool& pool, const CancelFlag& cancelled) const;

  std::shared_ptr<const SparseStorage> of_;
  std::uint64_t passes_ = 0;
  bool isRefused_ = false;
  std::unique_ptr<Held> held_;
};

}  // namespace thalweg::cpu
