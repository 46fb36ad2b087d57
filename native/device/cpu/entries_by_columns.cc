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

void stopIf(const CancelFlag& cancelled) {
  if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
}

}  // namespace

EntriesByColumns::EntriesByColumns(std::shared_ptr<const SparseStorage> rows)
    : of_(std::move(rows)) {}

EntriesByColumns::Held::Held(std::uint64_t entries, std::uint64_t columns, Dtype dtype)
    : values(entries * sizeOf(dtype)), rows(entries * sizeof(std::uint32_t)), begins(columns + 1) {}

const EntriesByColumns* EntriesByColumns::forPass(ThreadPool& pool, std::uint64_t processes,
                                                  const CancelFlag& cancelled) {
  if (held_ != nullptr) return this;
  if (isRefused_ || passes_++ < passesBefore) return nullptr;
  try {
    held_ = made(pool, processes, cancelled);
    return this;
  } catch (const Error&) {  // no memory
  } catch (const std::bad_alloc&) {
  }
  isRefused_ = true;
  return nullptr;
}

std::unique_ptr<EntriesByColumns::Held> EntriesByColumns::made(ThreadPool& pool,
                                                               std::uint64_t processes,
                                                               const CancelFlag& cancelled) const {
  const std::uint64_t entries = of_->entries();
  const std::uint64_t columns = of_->columns();
  // Passes can do without: others may need what is left.
  checkHostMemory(2 * processes *
                      (entries * (sizeOf(of_->dtype()) + sizeof(std::uint32_t)) +
                       2 * columns * sizeof(std::uint64_t)),
                  "cpu");
  auto held = std::make_unique<Held>(entries, columns, of_->dtype());
  if (of_->dtype() == Dtype::float32) {
    fill<float>(*held, pool, cancelled);
  } else {
    fill<double>(*held, pool, cancelled);
  }
  return held;
}

template <typename T>
void EntriesByColumns::fill(Held& held, ThreadPool& pool, const CancelFlag& cancelled) const {
  const SparseColumns<T> sparse = of_->view<T>();
  const std::uint64_t rows = of_->rows();
  const std::uint64_t entries = of_->entries();
  auto& begins = held.begins;
  for (std::uint64_t row = 0; row < rows; ++row) {
    if (row % rowsAtOnce == 0) stopIf(cancelled);
    for (std::uint64_t e = sparse.begins[row]; e < sparse.begins[row + 1]; ++e)
      ++begins[sparse.columns[e] + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());

  const std::uint64_t count = std::clamp<std::uint64_t>(entries / entriesOfPiece, 1, mostPieces);
  for (std::uint64_t piece = 0; piece <= count; ++piece) {
    const auto begin = std::ranges::lower_bound(begins, entries * piece / count);
    held.pieces.push_back(static_cast<std::uint32_t>(begin - begins.begin()));
  }
  held.pieces.front() = 0;
  held.pieces.back() = static_cast<std::uint32_t>(of_->columns());

  auto* const values = reinterpret_cast<T*>(held.values.data());
  auto* const numbers = reinterpret_cast<std::uint32_t*>(held.rows.data());
  std::vector<std::uint64_t> next(begins.begin(), begins.end() - 1);
  const std::uint64_t groups = std::min(count, mostGroups);
  pool.forEach(groups, [&](std::size_t group, std::size_t) {
    const std::uint32_t first = held.pieces[count * group / groups];
    const std::uint32_t columns = held.pieces[count * (group + 1) / groups] - first;
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
  stopIf(cancelled);
}

}  // namespace thalweg::cpu
