#pragma once

#include <cstddef>
#include <functional>

#include "level.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Whether steps over one row each, in random order, are faster with a second thread that reads the
/// rows first: it takes long rows, in more memory than caches hold.
[[nodiscard]] bool stepsGainByReadingAhead(std::size_t rows, std::size_t rowBytes) noexcept;
/// Whether steps over batches are.
[[nodiscard]] bool batchesGainByReadingAhead(std::size_t rows, std::size_t rowBytes) noexcept;

/// What is done with some rows of a selection.
template <typename T>
using OverRows = std::function<void(const Rows<T>&)>;

/// How rows are read before steps get to them.
template <typename T>
struct ReadAhead {
  std::size_t together;  ///< so many rows at a time
  bool onlyToFetch;      ///< rows that the steps have come to may be left out
  OverRows<T> rows;
};

/// Reads a value of each line.
template <typename T>
[[nodiscard]] ReadAhead<T> touching();

/// Calls stepOver with the rows of the selection, some whole batches at a time and in order, on one
/// thread, while another reads those that come next, which brings them into the cache that
/// processors share: memory gives two threads nearly twice as many rows in random order as one,
/// whatever one does to fetch ahead. A pool of one thread reads what must be read after the steps,
/// while it is in cache.
template <typename T>
void withRowsReadAhead(ThreadPool& pool, const Rows<T>& selection, std::size_t batchSize,
                       const OverRows<T>& stepOver, const ReadAhead<T>& read);

}  // namespace thalweg::cpu
