#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace thalweg {

/// How many rows a descent goes through, and in what pieces it asks for them.
struct DrawPlan {
  std::uint64_t epochs = 0;
  std::uint64_t epochRows = 0;
  std::uint64_t sliceRows = 0;  ///< the last slice of an epoch may be shorter
  bool ahead = false;           ///< a second thread may be used
};

/// The rows of a descent's steps, slice by slice. While a slice is used the next is drawn by a
/// thread of its own, where that is allowed and the slice is worth it; the rows are the same.
class RowDraws {
 public:
  /// Fills a slice. Called for one slice after the other, in order.
  using Draw = std::function<void(std::span<std::uint32_t>)>;

  RowDraws(const DrawPlan& plan, Draw draw);
  ~RowDraws();
  RowDraws(const RowDraws&) = delete;
  RowDraws& operator=(const RowDraws&) = delete;

  /// The next slice; it stays until the next call. Not to be called once more than there are.
  [[nodiscard]] std::span<const std::uint32_t> next();

 private:
  [[nodiscard]] bool worthAThread() const noexcept;
  void drawNext();
  void runAhead();

  DrawPlan plan_;
  Draw draw_;
  std::uint64_t epoch_ = 0;  ///< of the slice drawn next
  std::uint64_t drawn_ = 0;  ///< rows of that epoch
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
