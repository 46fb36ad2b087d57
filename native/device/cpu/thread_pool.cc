#include "thread_pool.h"

#include <system_error>

namespace thalweg::cpu {

ThreadPool::ThreadPool(std::size_t threads) {
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
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busyWorkers_ == 0; });
}

void ThreadPool::takeBlocks(std::size_t thread) {
  for (;;) {
    const std::size_t block = nextBlock_.fetch_add(1, std::memory_order_relaxed);
    if (block >= blocks_) return;
    (*work_)(block, thread);
  }
}

void ThreadPool::runWorker(std::size_t thread) {
  std::size_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    lock.unlock();
    takeBlocks(thread);
    lock.lock();
    if (--busyWorkers_ == 0) done_.notify_one();
  }
}

}  // namespace thalweg::cpu
