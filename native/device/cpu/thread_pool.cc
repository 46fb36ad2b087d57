#include "thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "pause.h"

namespace thalweg::cpu {
namespace {

/// Longer than a mini-batch step of one thread, shorter than anyone notices.
constexpr std::chrono::microseconds spinTime{50};

/// Whether `ready` came true within the time of a spin.
template <typename Ready>
bool spinUntil(const Ready& ready) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + spinTime;
  do {
    for (int i = 0; i < 32; ++i) {
      if (ready()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return false;
}

}  // namespace

std::size_t usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(std::size_t threads, std::size_t processors)
    : spins_(threads <= processors) {
  workers_.reserve(threads);
  for (std::size_t thread = 1; thread < threads; ++thread) {
    try {
      workers_.emplace_back([this, thread] { runWorker(thread); });
    } catch (const std::system_error&) {
      return;  // The system's limit of threads is reached: results do not depend on how many there
               // are.
    }
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::forEach(std::size_t blocks,
                         const std::function<void(std::size_t, std::size_t)>& work) {
  if (blocks <= 1 || workers_.empty()) {
    for (std::size_t block = 0; block < blocks; ++block) work(block, 0);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    blocks_ = blocks;
    nextBlock_.store(0, std::memory_order_relaxed);
    busyWorkers_ = workers_.size();
    ++generation_;
  }
  wake_.notify_all();
  takeBlocks(0);
  const auto done = [this] { return busyWorkers_ == 0; };
  if (spins_ && spinUntil(done)) return;
  std::unique_lock lock(mutex_);
  done_.wait(lock, done);
}

void ThreadPool::takeBlocks(std::size_t thread) {
  for (;;) {
    const std::size_t block = nextBlock_.fetch_add(1, std::memory_order_relaxed);
    if (block >= blocks_) return;
    (*work_)(block, thread);
  }
}

bool ThreadPool::hasNews(std::size_t seen) const noexcept {
  return stopping_ || generation_ != seen;
}

void ThreadPool::runWorker(std::size_t thread) {
  for (std::size_t seen = 0;; ++seen) {
    const auto news = [&] { return hasNews(seen); };
    // Nobody gives new work before all have taken part in the last: a generation is never missed.
    if (!spins_ || seen == 0 || !spinUntil(news)) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, news);
    }
    if (stopping_) return;
    takeBlocks(thread);
    const std::lock_guard lock(mutex_);
    if (--busyWorkers_ == 0) done_.notify_one();
  }
}

}  // namespace thalweg::cpu
