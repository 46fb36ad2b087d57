#pragma once

#include <cstddef>
#include <functional>

#include "level.h"
#include "thread_pool.h"

namespace thalweg::cpu {

/// Whether steps over rows in random order are faster with a second thread that fetches them: it
/// needs rows of some lines, in more memory than the cache of one processor.
[[nodiscard]] bool isWorthFetching(const ThreadPool& pool, std::size_t rows, std::size_t rowBytes);

/// Calls stepOver with the rows of the selection, some at a time and in order, on one thread, while
/// another reads those that come next into the cache that processors share. Memory gives two
/// threads nearly twice as many rows in random order as one, whatever one does to fetch ahead.
template <typename T>
void withRowsFetched(ThreadPool& pool, const Rows<T>& selection,
                     const std::function<void(const Rows<T>&)>& stepOver);

}  // namespace thalweg::cpu
