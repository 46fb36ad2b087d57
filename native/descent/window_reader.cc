#include "window_reader.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "../error.h"

namespace thalweg {

void WindowReader::begin(std::vector<std::uint32_t> chunks, std::uint64_t chunkRows, Matrix& to) {
  stop();
  chunks_ = std::move(chunks);
  chunkRows_ = chunkRows;
  // Where something is short, chunks are read when they are needed.
  try {
    for (std::size_t slot = 0; slot < chunks_.size(); ++slot) {
      const std::uint64_t count = std::min(chunkRows, from_.rows() - chunks_[slot] * chunkRows);
      uploads_.push_back(to.beginUpload(slot * chunkRows, count));
    }
    thread_ = std::thread([this] { read(); });
  } catch (const std::system_error&) {
    stop();
  } catch (const Error& error) {
    stop();
    if (error.code() != ErrorCode::outOfMemory) throw;
  }
}

void WindowReader::read() {
  try {
    for (std::size_t slot = 0; slot < chunks_.size(); ++slot) {
      if (isOver()) return;
      const std::uint64_t first = chunks_[slot] * chunkRows_;
      from_.read(first, std::min(chunkRows_, from_.rows() - first), uploads_[slot]->bytes());
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void WindowReader::wait() noexcept {
  if (thread_.joinable()) thread_.join();
}

std::vector<std::uint32_t> WindowReader::take() {
  wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  for (const auto& upload : uploads_) upload->commit();
  uploads_.clear();
  return std::exchange(chunks_, {});
}

void WindowReader::stop() noexcept {
  stopping_.store(true, std::memory_order_relaxed);
  wait();
  stopping_.store(false, std::memory_order_relaxed);
  failure_ = nullptr;
  uploads_.clear();
  chunks_.clear();
}

}  // namespace thalweg
