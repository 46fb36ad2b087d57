#include "row_copy.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <type_traits>
#include <vector>

namespace thalweg {
namespace {

/// What is copied is checked while it is still in the caches nearby.
constexpr std::size_t tileBytes = std::size_t{64} << 10U;
/// A huge page: where the memory is fresh, threads that meet in one would each clear it.
constexpr std::size_t shareBytes = std::size_t{2} << 20U;
/// Less is copied by the time that another thread has woken.
constexpr std::size_t worthSharing = std::size_t{1} << 20U;
constexpr std::size_t mostThreads = 16;
/// Devices with memory of their own need as much twice on the way there.
constexpr std::size_t mostSliceBytes = std::size_t{16} << 20U;

template <typename To, typename From>
void convert(To* to, const From* from, std::size_t count) {
  if constexpr (std::is_same_v<To, From>) {
    std::memcpy(to, from, count * sizeof(To));
  } else {
    std::transform(from, from + count, to, [](From value) { return static_cast<To>(value); });
  }
}

template <typename To, typename From>
Summary copyShare(const From* from, const RowTarget& to) {
  Summary summary;
  const std::size_t rowBytes = to.columns * sizeof(To);
  const std::size_t tile = std::max<std::size_t>(1, tileBytes / rowBytes) * rowBytes;
  std::uint64_t row = to.firstRow;
  for (std::size_t at = 0; at < to.bytes.size(); at += tile) {
    const auto bytes = to.bytes.subspan(at, std::min(tile, to.bytes.size() - at));
    convert(reinterpret_cast<To*>(bytes.data()), from + at / sizeof(To), bytes.size() / sizeof(To));
    summary.include(summarize(bytes, to.dtype, to.columns, row));
    row += bytes.size() / rowBytes;
  }
  return summary;
}

Summary copyShare(const HostValues& from, const RowTarget& to) {
  if (from.dtype == Dtype::float32) {
    const auto* values = static_cast<const float*>(from.data);
    return to.dtype == Dtype::float32 ? copyShare<float>(values, to)
                                      : copyShare<double>(values, to);
  }
  const auto* values = static_cast<const double*>(from.data);
  return to.dtype == Dtype::float32 ? copyShare<float>(values, to) : copyShare<double>(values, to);
}

/// The first row of each share, and the count of rows at the end: each share begins with the first
/// row that begins in its huge page.
std::vector<std::size_t> cut(const RowTarget& to, std::size_t rowBytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(to.bytes.data());
  const std::size_t rows = to.bytes.size() / rowBytes;
  std::vector<std::size_t> starts{0};
  for (std::size_t at = shareBytes - address % shareBytes; at < to.bytes.size(); at += shareBytes) {
    const std::size_t row = (at + rowBytes - 1) / rowBytes;
    if (row > starts.back() && row < rows) starts.push_back(row);
  }
  starts.push_back(rows);
  return starts;
}

}  // namespace

RowCopier::RowCopier(std::size_t threads)
    : threads_(std::min(mostThreads, threads > 0 ? threads : cpu::usableProcessors())) {}

std::size_t RowCopier::sliceBytes() const noexcept {
  return std::min(mostSliceBytes, threads_ * 2 * shareBytes);
}

Summary RowCopier::copy(const HostValues& from, const RowTarget& to) {
  if (threads_ == 1 || to.bytes.size() < worthSharing) return copyShare(from, to);
  const std::size_t rowBytes = to.columns * sizeOf(to.dtype);
  const auto starts = cut(to, rowBytes);
  if (!pool_) pool_.emplace(threads_, cpu::usableProcessors());
  std::vector<Summary> summaries(starts.size() - 1);
  std::vector<std::exception_ptr> failures(summaries.size());
  pool_->forEach(summaries.size(), [&](std::size_t share, std::size_t) {
    const std::size_t first = starts[share];
    const std::size_t count = starts[share + 1] - first;
    const auto* values = static_cast<const std::byte*>(from.data);
    try {
      summaries[share] = copyShare({values + first * to.columns * sizeOf(from.dtype), from.dtype},
                                   {to.bytes.subspan(first * rowBytes, count * rowBytes), to.dtype,
                                    to.columns, to.firstRow + first});
    } catch (...) {
      failures[share] = std::current_exception();
    }
  });
  Summary summary;
  for (std::size_t share = 0; share < summaries.size(); ++share) {
    if (failures[share]) std::rethrow_exception(failures[share]);
    summary.include(summaries[share]);
  }
  return summary;
}

}  // namespace thalweg
