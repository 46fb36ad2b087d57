#include "row_draws.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace thalweg {

namespace {

/// Fewer rows are drawn in the time that it takes to wake a thread.
constexpr std::uint64_t fewestAhead = 1 << 14;
/// More would take noticeably more memory for a second slice.
constexpr std::uint64_t mostAhead = 1 << 22;

}  // namespace

RowDraws::RowDraws(const DrawPlan& plan, Draw draw) : plan_(plan), draw_(std::move(draw)) {
  if (!worthAThread()) return;
  try {
    thread_ = std::thread([this] { runAhead(); });
  } catch (const std::system_error&) {
    // The system's limit of threads is reached: slices are drawn when they are asked for.
  }
}

RowDraws::~RowDraws() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool RowDraws::worthAThread() const noexcept {
  const bool severalSlices = plan_.epochs > 1 || plan_.epochRows > plan_.sliceRows;
  return plan_.ahead && severalSlices && plan_.sliceRows >= fewestAhead &&
         plan_.sliceRows <= mostAhead;
}

std::span<const std::uint32_t> RowDraws::next() {
  if (!thread_.joinable()) {
    drawNext();
    std::swap(used_, coming_);
    return used_;
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_; });
    if (failure_) std::rethrow_exception(failure_);
    std::swap(used_, coming_);
    ready_ = false;
  }
  changed_.notify_all();
  return used_;
}

void RowDraws::drawNext() {
  coming_.resize(std::min(plan_.sliceRows, plan_.epochRows - drawn_));
  draw_(coming_);
  drawn_ += coming_.size();
  if (drawn_ == plan_.epochRows) {
    drawn_ = 0;
    ++epoch_;
  }
}

void RowDraws::runAhead() {
  std::unique_lock lock(mutex_);
  while (epoch_ < plan_.epochs) {
    changed_.wait(lock, [this] { return !ready_ || stopping_; });
    if (stopping_) return;
    lock.unlock();
    try {
      drawNext();
    } catch (...) {
      failure_ = std::current_exception();
    }
    lock.lock();
    ready_ = true;
    changed_.notify_all();
    if (failure_) return;
  }
}

}  // namespace thalweg
