#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "spool_file.h"

namespace thalweg {

/// Threads that read pieces of a spool, several at once: a disk that is asked for one thing at a
/// time waits between them.
class PieceReaders {
 public:
  /// A piece on its way to where it is asked to.
  struct Reading {
    std::uint64_t piece = 0;
    std::byte* into = nullptr;
    bool isDone = true;
    std::exception_ptr failure{};
  };

  explicit PieceReaders(const SpoolFile& file);
  /// Nobody may wait by then; what was begun is finished.
  ~PieceReaders();
  PieceReaders(const PieceReaders&) = delete;
  PieceReaders& operator=(const PieceReaders&) = delete;

  /// The reading and its room stay until it is waited for.
  void begin(Reading& reading);
  /// Returns whether it was read: otherwise `failure` says why.
  bool wait(Reading& reading);

 private:
  void run();

  const SpoolFile& file_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::condition_variable read_;
  std::deque<Reading*> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: starts when all else is there
};

}  // namespace thalweg
