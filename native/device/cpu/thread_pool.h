#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "../../counts.h"

namespace thalweg::cpu {

/// The processors this process may use, which in a container or under taskset are fewer than the
/// machine's.
[[nodiscard]] std::size_t usableProcessors();

/// Threads that share the blocks of one pass at a time. The thread that calls `forEach` works too.
/// Between passes that follow each other within microseconds, as mini-batch steps do, the threads
/// spin; when more time goes by they sleep.
class ThreadPool {
 public:
  /// `threads` in all, the caller's included; at least 1. `processors` are those it may use.
  ThreadPool(std::size_t threads, std::size_t processors);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] std::size_t threads() const noexcept { return workers_.size() + 1; }

  /// Calls work(block, thread) for every block in [0, blocks), each once, in no fixed order, and
  /// returns when all are done. `thread` is below threads(). `work` must not throw.
  void forEach(std::size_t blocks,
               const std::function<void(std::size_t block, std::size_t thread)>& work);

  /// Calls work(begin, end) likewise for the ranges of so many things, `length` in each but the
  /// last.
  template <typename Work>
  void forRanges(std::size_t count, std::size_t length, const Work& work) {
    forEach(divideUp(count, length), [&](std::size_t range, std::size_t) {
      work(range * length, std::min((range + 1) * length, count));
    });
  }

 private:
  void runWorker(std::size_t thread);
  void takeBlocks(std::size_t thread);

  [[nodiscard]] bool hasNews(std::size_t seen) const noexcept;

  bool spins_;  ///< each thread can have a processor of its own
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t blocks_ = 0;
  std::atomic<std::size_t> nextBlock_{0};
  std::atomic<std::size_t> generation_{0};   ///< of work; written under the mutex
  std::atomic<std::size_t> busyWorkers_{0};  ///< written to 0 under the mutex
  std::atomic<bool> stopping_{false};        ///< written under the mutex
  std::vector<std::thread> workers_;         // last: starts when all else is there
};

}  // namespace thalweg::cpu
