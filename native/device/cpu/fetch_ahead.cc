#include "fetch_ahead.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "../device.h"
#include "line.h"
#include "pause.h"

namespace thalweg::cpu {
namespace {

/// Single steps over rows of fewer lines gain nothing.
constexpr std::size_t fewestLines = 8;
/// About the second-level cache of one processor.
constexpr std::size_t cacheBytes = std::size_t{2} << 20U;
/// Batches gain with shorter rows too, where no cache has them.
constexpr std::size_t fewestLinesOfBatches = 4;
constexpr std::size_t largeCacheBytes = std::size_t{32} << 20U;
/// A thread that waits lets others run now and then: what it waits for may need its processor.
constexpr std::size_t pausesPerYield = 1024;
/// The steps tell where they are after so many bytes of rows.
constexpr std::size_t tellBytes = std::size_t{64} << 10U;
/// So far ahead rows are read: enough for a thread that falls behind for a moment, and few enough
/// to stay in the cache of the processor that reads.
constexpr std::size_t aheadBytes = std::size_t{256} << 10U;

/// Reads rows up to `ahead` after those that the steps are at, until these are done.
template <typename T>
void readRows(const Rows<T>& selection, const ReadAhead<T>& read, std::size_t told,
              std::size_t ahead, const std::atomic<std::size_t>& stepsAt) {
  std::size_t pauses = 0;
  for (std::size_t next = 0;;) {
    const std::size_t at = stepsAt.load(std::memory_order_relaxed);
    if (read.onlyToFetch) next = std::max(next, at + told);
    if (next >= selection.count) return;
    if (next < at + ahead) {
      read.rows(selection.part(next, read.together));
      next += read.together;
    } else if (++pauses % pausesPerYield == 0) {
      std::this_thread::yield();
    } else {
      pause();
    }
  }
}

}  // namespace

bool stepsGainByReadingAhead(std::size_t rows, std::size_t rowBytes) noexcept {
  return rowBytes >= fewestLines * lineBytes && rows > cacheBytes / rowBytes;
}

bool batchesGainByReadingAhead(std::size_t rows, std::size_t rowBytes) noexcept {
  return stepsGainByReadingAhead(rows, rowBytes) ||
         (rowBytes >= fewestLinesOfBatches * lineBytes && rows > largeCacheBytes / rowBytes);
}

template <typename T>
void withRowsReadAhead(ThreadPool& pool, const Rows<T>& selection, std::size_t batchSize,
                       const OverRows<T>& stepOver, const ReadAhead<T>& read) {
  const std::size_t rowBytes = selection.columns * sizeof(T);
  const std::size_t few = std::max<std::size_t>(tellBytes / rowBytes / batchSize, 1) * batchSize;
  const std::size_t told = batchSize == 1 ? Run::inGrains(few) : few;
  const std::size_t ahead = told + std::max<std::size_t>(1, aheadBytes / rowBytes);
  if (pool.threads() == 1) {
    for (std::size_t at = 0; at < selection.count; at += told) {
      const Rows<T> some = selection.part(at, told);
      stepOver(some);
      if (read.onlyToFetch) continue;
      for (std::size_t i = 0; i < some.count; i += read.together)
        read.rows(some.part(i, read.together));
    }
    return;
  }
  std::atomic<std::size_t> stepsAt{0};
  const auto takeSteps = [&] {
    for (std::size_t at = 0; at < selection.count; at += told) {
      stepsAt.store(at, std::memory_order_relaxed);
      stepOver(selection.part(at, told));
    }
    stepsAt.store(selection.count, std::memory_order_relaxed);
  };
  // Blocks are taken in order: whoever reads ahead, the steps are under way or done.
  pool.forEach(2, [&](std::size_t block, std::size_t) {
    if (block == 0) {
      takeSteps();
    } else {
      readRows(selection, read, told, ahead, stepsAt);
    }
  });
}

template <typename T>
ReadAhead<T> touching() {
  return {.together = 1, .onlyToFetch = true, .rows = [](const Rows<T>& rows) {
            const T* row = rows.row(rows.number(0));
            // Volatile: the values are of no use to anyone.
            for (std::size_t j = 0; j < rows.columns; j += lineColumns<T>)
              static_cast<void>(*static_cast<const volatile T*>(row + j));
          }};
}

template void withRowsReadAhead(ThreadPool&, const Rows<float>&, std::size_t,
                                const OverRows<float>&, const ReadAhead<float>&);
template void withRowsReadAhead(ThreadPool&, const Rows<double>&, std::size_t,
                                const OverRows<double>&, const ReadAhead<double>&);
template ReadAhead<float> touching();
template ReadAhead<double> touching();

}  // namespace thalweg::cpu
