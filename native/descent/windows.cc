#include "windows.h"

#include <algorithm>

#include "../counts.h"
#include "../device/host_memory.h"
#include "index_stream.h"

namespace thalweg {
namespace {

/// Of a window: what a device spares beside an X that it has no room for.
constexpr std::uint64_t mostWindowBytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t leastWindowBytes = std::uint64_t{64} << 10U;
/// An X that is hardly larger has windows as well: what is small behaves as what is large.
constexpr std::uint64_t windowsOfSmall = 8;
/// Neighbours are spread over so many places in a window.
constexpr std::uint64_t chunksOfWindow = 32;

/// A seed of its own for each epoch, that no near one of the rows' draws is (splitmix64).
constexpr std::uint32_t seedOf(std::uint32_t seed, std::uint64_t epoch) noexcept {
  std::uint64_t mixed = (std::uint64_t{seed} << 32U) + epoch + 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

}  // namespace

std::optional<Windows> windowsOf(const Matrix& X, std::uint64_t batchSize, std::uint32_t seed) {
  if (X.placing().residency == Residency::device) return std::nullopt;
  const std::uint64_t m = X.rows();
  const std::uint64_t bytes =
      std::clamp(m * X.rowBytes() / windowsOfSmall, leastWindowBytes, mostWindowBytes);
  const std::uint64_t batch = std::min(batchSize, m);
  // Whole batches, so that the last of an epoch alone is short.
  const std::uint64_t rows = std::max<std::uint64_t>(bytes / X.rowBytes() / batch, 1) * batch;
  return Windows{m, std::max<std::uint64_t>(rows / chunksOfWindow, 1), rows, seed};
}

bool Windows::leaveRoom(std::uint64_t rowBytes) const noexcept {
  const std::uint64_t bytes = mostChunks() * chunkRows * rowBytes;
  // Of the first no page may have been written yet.
  return windowRows < rows && bytes <= 2 * mostWindowBytes && availableHostBytes() / 3 > bytes;
}

Window Windows::after(const Window& window) const noexcept {
  const std::uint64_t next = window.first + windowRows;
  return next < rows ? Window{window.epoch, next} : Window{window.epoch + 1, 0};
}

std::vector<std::uint32_t> Windows::chunksOf(const Window& window) const {
  const ChunkOrder order(*this, window.epoch);
  const std::uint64_t end = std::min(window.first + windowRows, rows);
  std::vector<std::uint32_t> some;
  for (std::uint64_t place = window.first; place < end;) {
    const std::uint64_t row = order.row(place);
    const std::uint64_t chunk = row / chunkRows;
    some.push_back(static_cast<std::uint32_t>(chunk));
    place += std::min((chunk + 1) * chunkRows, rows) - row;
  }
  std::ranges::sort(some);
  return some;
}

std::vector<std::uint32_t> Windows::chunks(std::uint64_t epoch) const {
  std::vector<std::uint32_t> order(divideUp(rows, chunkRows));
  IndexStream(seedOf(seed, epoch)).permutation(order);
  return order;
}

std::uint64_t Windows::mostChunks() const noexcept {
  // Besides whole ones: a part of one at each end, and the short one.
  return std::min(windowRows / chunkRows + 3, divideUp(rows, chunkRows));
}

ChunkOrder::ChunkOrder(const Windows& windows, std::uint64_t epoch)
    : epoch_(epoch),
      chunkRows_(windows.chunkRows),
      chunks_(windows.chunks(epoch)),
      missing_(chunks_.size() * chunkRows_ - windows.rows) {
  const auto last = static_cast<std::uint32_t>(chunks_.size() - 1);
  const auto at = static_cast<std::uint64_t>(std::ranges::find(chunks_, last) - chunks_.begin());
  afterShort_ = (at + 1) * chunkRows_ - missing_;
}

std::uint32_t ChunkOrder::row(std::uint64_t place) const noexcept {
  // As if the short chunk were whole.
  if (place >= afterShort_) place += missing_;
  return static_cast<std::uint32_t>(chunks_[place / chunkRows_] * chunkRows_ + place % chunkRows_);
}

}  // namespace thalweg
