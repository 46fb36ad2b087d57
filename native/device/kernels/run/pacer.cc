#include "pacer.h"

#include <algorithm>

#include "../../../error.h"

namespace thalweg::kernels {
namespace {

constexpr std::size_t fencesAhead = 3;
constexpr std::chrono::microseconds shortest{1000};
constexpr std::chrono::microseconds longest{4000};
constexpr std::uint64_t launchWork = std::uint64_t{64}
                                     << 10;  // what a launch costs of itself, in bytes
constexpr std::uint64_t leastWork = std::uint64_t{1} << 20;
constexpr std::uint64_t mostWork = std::uint64_t{1} << 34;

}  // namespace

void Pacer::launched(std::uint64_t bytes) {
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  work_ += bytes + launchWork;
  if (work_ < workPerFence_) return;
  work_ = 0;
  fences_.push_back(queue_.fence());
  if (fences_.size() < fencesAhead) return;
  fences_.front()->wait();
  fences_.pop_front();

  const auto now = Clock::now();
  if (lastFence_ != Clock::time_point{}) {
    if (now - lastFence_ < shortest) workPerFence_ = std::min(workPerFence_ * 2, mostWork);
    if (now - lastFence_ > longest) workPerFence_ = std::max(workPerFence_ / 2, leastWork);
  }
  lastFence_ = now;
}

void Pacer::drained() {
  fences_.clear();
  work_ = 0;
  lastFence_ = {};
}

}  // namespace thalweg::kernels
