#include "entries_by_columns.h"

#include <algorithm>
#include <new>
#include <numeric>
#include <utility>

#include "../../error.h"
#include "../host_memory.h"

namespace thalweg::cpu {
namespace {

/// Passes that go row by row before: what they take longer together is about what making it takes,
/// which descents of a few passes never gain.
constexpr std::uint32_t passesBefore = 4;

/// Enough for many cores, each the work of tens of microseconds.
constexpr std::uint64_t mostPieces = 256;
constexpr std::uint64_t entriesOfPiece = std::uint64_t{1} << 14U;

/// Groups of pieces, for each of which a thread goes over all rows: what it writes is then in few
/// places.
constexpr std::uint64_t mostGroups = 8;

/// Between so many the flag is read.
constexpr std::uint64_t rowsAtOnce = std::uint64_t{1} << 14U;

}  // namespace

EntriesByColumns::EntriesByColumns(std::shared_ptr<const SparseStorage> rows)
    : of_(std::move(rows)) {}

std::uint64_t EntriesByColumns::bytes() const noexcept {
  if (state_ != State::made) return 0;
  return values_->size() + rowNumbers_->size() + begins_.size() * sizeof(begins_[0]);
}

const EntriesByColumns* EntriesByColumns::forPass(ThreadPool& pool, const CancelFlag& cancelled) {
  if (state_ == State::made) return this;
  if (state_ == State::refused || passes_++ < passesBefore) return nullptr;
  // Another descent over these rows may be making it.
  const std::unique_lock lock(making_, std::try_to_lock);
  if (!lock.owns_lock()) return nullptr;
  if (state_ != State::waiting) return state_ == State::made ? this : nullptr;
  try {
    reserve();
    if (of_->dtype() == Dtype::float32) {
      fill<float>(pool, cancelled);
    } else {
      fill<double>(pool, cancelled);
    }
    state_ = State::made;
    return this;
  } catch (const Error&) {  // no memory
  } catch (const std::bad_alloc&) {
  }
  values_.reset();
  rowNumbers_.reset();
  state_ = State::refused;
  return nullptr;
}

void EntriesByColumns::reserve() {
  const std::uint64_t entries = of_->entries();
  const std::uint64_t valueBytes = entries * sizeOf(of_->dtype());
  const std::uint64_t rowBytes = entries * sizeof(std::uint32_t);
  const std::uint64_t columnBytes = (of_->columns() + 1) * sizeof(std::uint64_t);
  // Passes can do without: others may need what is left.
  checkHostMemory(2 * (valueBytes + rowBytes + 2 * columnBytes), "cpu");
  values_ = std::make_unique<Memory>(valueBytes);
  rowNumbers_ = std::make_unique<Memory>(rowBytes);
  begins_.assign(of_->columns() + 1, 0);
}

template <typename T>
void EntriesByColumns::fill(ThreadPool& pool, const CancelFlag& cancelled) {
  const SparseColumns<T> sparse = of_->view<T>();
  const std::uint64_t rows = of_->rows();
  const std::uint64_t entries = of_->entries();
  for (std::uint64_t e = 0; e < entries; ++e) ++begins_[sparse.columns[e] + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());

  const std::uint64_t count = std::clamp<std::uint64_t>(entries / entriesOfPiece, 1, mostPieces);
  pieces_.clear();
  for (std::uint64_t piece = 0; piece <= count; ++piece) {
    const auto begin = std::ranges::lower_bound(begins_, entries * piece / count);
    pieces_.push_back(static_cast<std::uint32_t>(begin - begins_.begin()));
  }
  pieces_.front() = 0;
  pieces_.back() = static_cast<std::uint32_t>(of_->columns());

  auto* const values = reinterpret_cast<T*>(values_->data());
  auto* const numbers = reinterpret_cast<std::uint32_t*>(rowNumbers_->data());
  std::vector<std::uint64_t> next(begins_.begin(), begins_.end() - 1);
  const std::uint64_t groups = std::min(count, mostGroups);
  pool.forEach(groups, [&](std::size_t group, std::size_t) {
    const std::uint32_t first = pieces_[count * group / groups];
    const std::uint32_t columns = pieces_[count * (group + 1) / groups] - first;
    for (std::uint64_t row = 0; row < rows; ++row) {
      if (row % rowsAtOnce == 0 && cancelled.load(std::memory_order_relaxed)) return;
      for (std::uint64_t e = sparse.begins[row]; e < sparse.begins[row + 1]; ++e) {
        const std::uint32_t column = sparse.columns[e];
        if (column - first >= columns) continue;
        const std::uint64_t to = next[column]++;
        values[to] = sparse.values[e];
        numbers[to] = static_cast<std::uint32_t>(row);
      }
    }
  });
  if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
}

}  // namespace thalweg::cpu
