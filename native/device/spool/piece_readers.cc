#include "piece_readers.h"

#include <system_error>

namespace thalweg {
namespace {

/// What keeps a disk of several queues busy; threads that wait for it cost nothing.
constexpr std::size_t mostThreads = 8;

}  // namespace

PieceReaders::PieceReaders(const SpoolFile& file) : file_(file) {
  threads_.reserve(mostThreads);
  while (threads_.size() < mostThreads) {
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
      return;  // The system's limit of threads is reached: there is one, which is all it takes.
    }
  }
}

PieceReaders::~PieceReaders() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  asked_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void PieceReaders::begin(Reading& reading) {
  {
    const std::lock_guard lock(mutex_);
    reading.isDone = false;
    reading.failure = nullptr;
    waiting_.push_back(&reading);
  }
  asked_.notify_one();
}

bool PieceReaders::wait(Reading& reading) {
  std::unique_lock lock(mutex_);
  read_.wait(lock, [&] { return reading.isDone; });
  return !reading.failure;
}

void PieceReaders::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Reading& reading = *waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      file_.read(reading.piece, reading.into);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    reading.failure = failure;
    reading.isDone = true;
    read_.notify_all();
  }
}

}  // namespace thalweg
