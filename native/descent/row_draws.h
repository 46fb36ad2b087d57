#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "index_stream.h"
#include "state.h"
#include "windows.h"

namespace thalweg {

/// How many rows a descent goes through, and in what pieces it asks for them.
struct DrawPlan {
  std::uint64_t epochs = 0;
  std::uint64_t epochRows = 0;
  std::uint64_t sliceRows = 0;            ///< the last slice of an epoch may be shorter
  std::span<const std::uint32_t> rows{};  ///< what is drawn from; empty: 0, 1, … of an epoch
  bool permuted = false;                  ///< a slice takes each of its rows once
  /// Where slices are windows: an epoch goes through chunks of neighbours, in an order of its own.
  std::optional<Windows> windows{};
  std::uint64_t firstEpoch = 0;  ///< its number in that order
  bool ahead = false;            ///< a second thread may be used
  bool isAsked = false;          ///< where it stands may be asked for within a slice
};

/// The rows of a descent's steps, slice by slice. While a slice is used the next is drawn by a
/// thread of its own, where that is allowed and the slice is worth it; the rows are the same.
class RowDraws {
 public:
  /// Begins with the slice that was under way there.
  RowDraws(const DrawPlan& plan, const DrawState& from);
  ~RowDraws();
  RowDraws(const RowDraws&) = delete;
  RowDraws& operator=(const RowDraws&) = delete;

  /// The next slice; it stays until the next call. Not to be called once more than there are.
  [[nodiscard]] std::span<const std::uint32_t> next();

  /// Where it stands when so many rows of the last slice are done: all of them, or `isAsked`.
  [[nodiscard]] DrawState after(std::uint64_t done) const;
  /// At the end of the last slice.
  [[nodiscard]] DrawState atEnd() const { return after(used_.size()); }
  /// Whether these are the last rows of an epoch; of who `isAsked`.
  [[nodiscard]] bool endsEpoch(std::uint64_t done) const noexcept {
    return usedMark_.before + done == plan_.epochRows;
  }

 private:
  /// Before a slice was drawn.
  struct Mark {
    MersenneTwister generator;
    std::uint64_t before = 0;
  };

  [[nodiscard]] bool worthAThread() const noexcept;
  void drawNext();
  /// Places in a window become rows.
  void takeFromWindow(const Windows& windows, std::span<std::uint32_t> rows);
  void draw(IndexStream& stream, std::span<std::uint32_t> rows) const;
  void runAhead();

  DrawPlan plan_;
  IndexStream stream_;
  bool marks_;  ///< the stream may be ahead of the slice that is asked about
  Mark usedMark_;
  Mark comingMark_;
  std::uint64_t epoch_ = 0;  ///< of the slice drawn next
  std::uint64_t drawn_ = 0;  ///< rows of that epoch
  std::optional<ChunkOrder> order_;
  std::vector<std::uint32_t> used_;
  std::vector<std::uint32_t> coming_;
  std::exception_ptr failure_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;  ///< `coming_` is drawn
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace thalweg
