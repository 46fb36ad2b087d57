#include "fetch_ahead.h"

#include <algorithm>
#include <atomic>

#include "pause.h"

namespace thalweg::cpu {
namespace {

constexpr std::size_t lineBytes = 64;
constexpr std::size_t fewestLines = 8;
/// About the second-level cache of one processor.
constexpr std::size_t cacheBytes = std::size_t{2} << 20U;
/// The steps tell where they are after so many bytes of rows.
constexpr std::size_t tellBytes = std::size_t{64} << 10U;
/// So far ahead rows are fetched: enough for a thread that falls behind for a moment, and few
/// enough to stay in the cache of the processor that fetches.
constexpr std::size_t aheadBytes = std::size_t{256} << 10U;

/// Reads a value of each line. Volatile: the values are of no use to anyone.
template <typename T>
void touch(const T* row, std::size_t columns) noexcept {
  for (std::size_t j = 0; j < columns; j += lineBytes / sizeof(T))
    static_cast<void>(*static_cast<const volatile T*>(row + j));
}

/// Reads the rows up to `ahead` after those that the steps are at, until these are done.
template <typename T>
void fetchRows(const Rows<T>& selection, std::size_t told, std::size_t ahead,
               const std::atomic<std::size_t>& stepsAt) noexcept {
  std::size_t next = 0;
  for (;;) {
    const std::size_t at = stepsAt.load(std::memory_order_relaxed);
    if (at >= selection.count) return;
    next = std::max(next, at + told);
    if (next < std::min(selection.count, at + ahead)) {
      const std::size_t row = selection.indices[selection.first + next];
      touch(selection.data + row * selection.columns, selection.columns);
      ++next;
    } else {
      pause();
    }
  }
}

}  // namespace

bool isWorthFetching(const ThreadPool& pool, std::size_t rows, std::size_t rowBytes) {
  return pool.threads() > 1 && rowBytes >= fewestLines * lineBytes && rows > cacheBytes / rowBytes;
}

template <typename T>
void withRowsFetched(ThreadPool& pool, const Rows<T>& selection,
                     const std::function<void(const Rows<T>&)>& stepOver) {
  const std::size_t rowBytes = selection.columns * sizeof(T);
  const std::size_t told = std::max<std::size_t>(1, tellBytes / rowBytes);
  const std::size_t ahead = told + std::max<std::size_t>(1, aheadBytes / rowBytes);
  std::atomic<std::size_t> stepsAt{0};
  const auto takeSteps = [&] {
    for (std::size_t at = 0; at < selection.count; at += told) {
      stepsAt.store(at, std::memory_order_relaxed);
      Rows<T> some = selection;
      some.first = selection.first + at;
      some.count = std::min(told, selection.count - at);
      some.following = selection.count - at - some.count;
      stepOver(some);
    }
    stepsAt.store(selection.count, std::memory_order_relaxed);
  };
  // Blocks are taken in order: whoever fetches, the steps are under way or done.
  pool.forEach(2, [&](std::size_t block, std::size_t) {
    if (block == 0) {
      takeSteps();
    } else {
      fetchRows(selection, told, ahead, stepsAt);
    }
  });
}

template void withRowsFetched(ThreadPool&, const Rows<float>&,
                              const std::function<void(const Rows<float>&)>&);
template void withRowsFetched(ThreadPool&, const Rows<double>&,
                              const std::function<void(const Rows<double>&)>&);

}  // namespace thalweg::cpu
