#include "world.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <thread>

#include "../error.h"

namespace thalweg {
namespace {

using Clock = std::chrono::steady_clock;

/// Up to so many bytes from all ranks together are gathered: one exchange in place of two.
constexpr std::size_t mostGathered = std::size_t{1} << 16U;
/// Of what is exchanged at once: MPI counts bytes with an int.
constexpr std::size_t mostAtOnce = std::size_t{1} << 30U;

std::span<const std::byte> bytesOf(std::span<const double> values) { return std::as_bytes(values); }

std::string titleOf(std::size_t rank, std::size_t size) {
  return "rank " + std::to_string(rank) + " of " + std::to_string(size);
}

}  // namespace

void World::sum(std::span<double> values) {
  std::ignore = meet(Intent::sum, values.size());
  if (size() == 1 || values.empty()) return;
  const std::size_t most = std::max<std::size_t>(size(), mostAtOnce / sizeof(double) / size());
  for (std::size_t first = 0; first < values.size(); first += most) {
    const std::span<double> some = values.subspan(first, std::min(most, values.size() - first));
    if (some.size_bytes() * size() <= mostGathered) {
      addByGathering(some);
    } else {
      addByPieces(some);
    }
  }
}

double World::largest(double value) {
  std::ignore = meet(Intent::largest, 1);
  std::vector<double> all(size());
  gatherAll(bytesOf(std::span(&value, 1)), std::as_writable_bytes(std::span(all)));
  return *std::max_element(all.begin(), all.end());
}

std::vector<std::vector<std::byte>> World::gather(std::span<const std::byte> mine) {
  const std::vector<Announcement> announced = meet(Intent::gather, mine.size());
  std::uint64_t most = 0;
  for (const Announcement& each : announced) most = std::max(most, each.count);
  if (most > mostAtOnce)
    throw Error(ErrorCode::outOfMemory, "Ranks gather no more than a gigabyte of each other");
  std::vector<std::byte> padded(mine.begin(), mine.end());
  padded.resize(most);
  std::vector<std::byte> all(most * size());
  gatherAll(padded, all);
  std::vector<std::vector<std::byte>> found;
  for (std::size_t r = 0; r < size(); ++r) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(r * most);
    found.emplace_back(first, first + static_cast<std::ptrdiff_t>(announced[r].count));
  }
  return found;
}

void World::fail(const std::string& message) {
  std::ignore = meet(Intent::fail, message.size(), message);
}

void World::end(int code) noexcept {
  try {
    if (code != 0) {
      const std::lock_guard lock(calls_);
      transport_->abort(code);
      return;
    }
    isGivenUp_ = false;
    for (bool allEnd = false; !allEnd;) {
      try {
        const std::vector<Announcement> all = meet(Intent::end, 0);
        allEnd = std::all_of(all.begin(), all.end(),
                             [](const Announcement& each) { return each.intent == Intent::end; });
      } catch (const Error& error) {
        // The others go on without this one, and are told so; they end in their turn.
        if (error.code() != ErrorCode::rank) throw;
      }
    }
    const std::lock_guard lock(calls_);
    transport_->finish();
  } catch (...) {
    transport_->abort(1);
  }
}

std::vector<World::Announcement> World::meet(Intent intent, std::uint64_t count,
                                             const std::string& message) {
  const Announcement mine{intent, count};
  std::vector<Announcement> all(size());
  gatherAll(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  const auto failed = std::find_if(
      all.begin(), all.end(), [](const Announcement& each) { return each.intent == Intent::fail; });
  if (failed != all.end()) {
    std::uint64_t most = 0;
    for (const Announcement& each : all)
      if (each.intent == Intent::fail) most = std::max(most, each.count);
    std::vector<std::byte> padded(most);
    std::memcpy(padded.data(), message.data(), message.size());
    std::vector<std::byte> messages(most * size());
    gatherAll(padded, messages);
    // Who has failed knows more of it than the others tell.
    if (intent == Intent::fail) return all;
    const auto rank = static_cast<std::size_t>(failed - all.begin());
    passOn(rank, {reinterpret_cast<const char*>(messages.data() + rank * most), failed->count});
  }
  const bool agree = std::all_of(all.begin(), all.end(), [&](const Announcement& each) {
    return each.intent == intent && (each.count == count || intent == Intent::gather);
  });
  if (!agree) refuse(all);
  return all;
}

void World::passOn(std::size_t rank, const std::string& message) const {
  throw Error(ErrorCode::rank, titleOf(rank, size()) + ": " + message, {.rank = rank});
}

void World::refuse(const std::vector<Announcement>& all) const {
  const auto told = [](const Announcement& each) -> std::string {
    switch (each.intent) {
      case Intent::sum: return "adds up " + std::to_string(each.count) + " numbers";
      case Intent::largest: return "looks for the largest of a number";
      case Intent::gather: return "tells the others something";
      case Intent::fail: return "has failed";
      case Intent::end: return "has ended";
    }
    return "";
  };
  const auto ended = std::find_if(
      all.begin(), all.end(), [](const Announcement& each) { return each.intent == Intent::end; });
  const auto other =
      ended != all.end()
          ? ended
          : std::find_if(all.begin(), all.end(), [&](const Announcement& each) {
              return each.intent != all.front().intent || each.count != all.front().count;
            });
  const auto rank = static_cast<std::size_t>(other - all.begin());
  const std::size_t beside = rank == 0 ? 1 : 0;
  throw Error(ErrorCode::rank,
              titleOf(rank, size()) + " " + told(*other) + " where " + titleOf(beside, size()) +
                  " " + told(all[beside]) +
                  ": all ranks must make the same calls in the same order",
              {.rank = rank});
}

void World::addByGathering(std::span<double> values) {
  const std::size_t count = values.size();
  std::vector<double> all(count * size());
  gatherAll(bytesOf(values), std::as_writable_bytes(std::span(all)));
  std::copy_n(all.begin(), count, values.begin());
  for (std::size_t r = 1; r < size(); ++r)
    for (std::size_t i = 0; i < count; ++i) values[i] += all[r * count + i];
}

void World::addByPieces(std::span<double> values) {
  const std::size_t piece = (values.size() + size() - 1) / size();
  std::vector<double> mine(piece * size());
  std::copy(values.begin(), values.end(), mine.begin());
  std::vector<double> theirs(mine.size());
  exchangeAll(bytesOf(mine), std::as_writable_bytes(std::span(theirs)));
  for (std::size_t r = 1; r < size(); ++r)
    for (std::size_t i = 0; i < piece; ++i) theirs[i] += theirs[r * piece + i];
  gatherAll(bytesOf(std::span(theirs).first(piece)), std::as_writable_bytes(std::span(mine)));
  std::copy_n(mine.begin(), values.size(), values.begin());
}

void World::gatherAll(std::span<const std::byte> mine, std::span<std::byte> all) {
  {
    const std::lock_guard lock(calls_);
    transport_->gather(mine, all);
  }
  wait();
}

void World::exchangeAll(std::span<const std::byte> mine, std::span<std::byte> theirs) {
  {
    const std::lock_guard lock(calls_);
    transport_->exchange(mine, theirs);
  }
  wait();
}

/// Asks without a pause at first; who has waited long leaves the processor to others, and is late
/// by a small share of the wait.
void World::wait() {
  constexpr std::chrono::microseconds briefly{100};
  constexpr std::chrono::microseconds longest{1000};
  const Clock::time_point begun = Clock::now();
  for (;;) {
    {
      const std::lock_guard lock(calls_);
      if (transport_->isDone()) return;
    }
    if (isGivenUp_.load(std::memory_order_relaxed))
      throw Error(ErrorCode::rank, "The process ends while it waits for the other ranks");
    const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    if (waited < briefly) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::min(waited / 16, longest));
    }
  }
}

}  // namespace thalweg
