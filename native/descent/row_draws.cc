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

RowDraws::RowDraws(const DrawPlan& plan, const DrawState& from)
    : plan_(plan),
      stream_(MersenneTwister(from.generator)),
      marks_(plan.isAsked || worthAThread()),
      usedMark_{stream_.generator(), from.before},
      comingMark_(usedMark_),
      drawn_(from.before) {
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
    std::swap(usedMark_, comingMark_);
    return used_;
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_; });
    if (failure_) std::rethrow_exception(failure_);
    std::swap(used_, coming_);
    std::swap(usedMark_, comingMark_);
    ready_ = false;
  }
  changed_.notify_all();
  return used_;
}

DrawState RowDraws::after(std::uint64_t done) const {
  if (!marks_) return {.generator = stream_.generator().state(), .before = drawn_};
  const auto& [generator, before] = usedMark_;
  if (done < used_.size()) return {.generator = generator.state(), .before = before, .done = done};
  IndexStream stream(generator);
  std::vector<std::uint32_t> again(used_.size());
  draw(stream, again);
  return {.generator = stream.generator().state(),
          .before = (before + used_.size()) % plan_.epochRows};
}

void RowDraws::draw(IndexStream& stream, std::span<std::uint32_t> rows) const {
  if (plan_.permuted) return stream.permutation(rows);
  const std::uint64_t from = plan_.windows ? rows.size() : plan_.epochRows;
  stream.randint(static_cast<std::uint32_t>(from), rows);
}

void RowDraws::takeFromWindow(const Windows& windows, std::span<std::uint32_t> rows) {
  const std::uint64_t epoch = plan_.firstEpoch + epoch_;
  if (!order_ || order_->epoch() != epoch) order_.emplace(windows, epoch);
  for (std::uint32_t& row : rows) row = order_->row(drawn_ + row);
}

void RowDraws::drawNext() {
  coming_.resize(std::min(plan_.sliceRows, plan_.epochRows - drawn_));
  if (marks_) comingMark_ = {stream_.generator(), drawn_};
  draw(stream_, coming_);
  if (const auto& windows = plan_.windows) {
    takeFromWindow(*windows, coming_);
  } else if (!plan_.rows.empty()) {
    for (std::uint32_t& row : coming_) row = plan_.rows[row];
  }
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
