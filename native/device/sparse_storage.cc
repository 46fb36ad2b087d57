#include "sparse_storage.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

#include "../error.h"
#include "device.h"

namespace thalweg {
namespace {

template <typename Code>
void copyCodes(const HostCodes& from, std::uint64_t count, std::uint64_t levels, std::byte* to,
               std::uint64_t firstRow, std::uint64_t firstColumn) {
  const auto* const codes = static_cast<const Code*>(from.data);
  const Code* const bad =
      std::find_if(codes, codes + count, [&](Code code) { return code >= levels; });
  if (bad != codes + count) {
    const std::uint64_t row = firstRow + static_cast<std::uint64_t>(bad - codes);
    throw Error(ErrorCode::shape,
                "the code in row " + std::to_string(row) + " is " + std::to_string(*bad) +
                    ", and there are " + std::to_string(levels) + " levels, from 0 on",
                {.row = row, .column = firstColumn});
  }
  std::memcpy(to + firstRow * sizeof(Code), codes, count * sizeof(Code));
}

/// The first row of so many that ends after entry `e`.
std::uint64_t rowOf(std::span<const std::uint32_t> lengths, std::uint64_t e) {
  std::uint64_t row = 0;
  for (std::uint64_t end = lengths[0]; end <= e; end += lengths[row]) ++row;
  return row;
}

}  // namespace

SparseStorage::SparseStorage(std::uint64_t rows, const Layout& layout, Dtype dtype)
    : rows_(rows),
      levels_(layout.levels),
      coded_(layout.coded()),
      compressed_(layout.compressed),
      count_(layout.sparse()),
      dtype_(dtype),
      capacity_(layout.entries) {
  std::size_t first = 0;
  for (const std::uint64_t levels : levels_) {
    const std::size_t bytes = codeBytes(levels);
    codes_.push_back(std::make_unique<cpu::Memory>(rows * bytes));
    codeColumns_.push_back({codes_.back()->data(), bytes, first});
    first += levels;
  }
  if (compressed_ == 0) return;
  values_ = std::make_unique<cpu::Memory>(capacity_ * sizeOf(dtype));
  columns_ = std::make_unique<cpu::Memory>(capacity_ * sizeof(std::uint32_t));
  begins_.assign(rows + 1, 0);
}

void SparseStorage::append(const SparseRows& rows, std::uint64_t firstColumn) {
  appendCodes(rows, firstColumn);
  if (values_ != nullptr) {
    if (dtype_ == Dtype::float32) {
      appendCompressed<float>(rows, firstColumn);
    } else {
      appendCompressed<double>(rows, firstColumn);
    }
  }
  appended_ += rows.count;
}

void SparseStorage::appendCodes(const SparseRows& rows, std::uint64_t firstColumn) {
  for (std::size_t c = 0; c < rows.codes.size(); ++c) {
    const HostCodes& from = rows.codes[c];
    std::byte* const to = codes_[c]->data();
    const std::uint64_t column = firstColumn + codeColumns_[c].first;
    switch (codeColumns_[c].bytes) {
      case 1: copyCodes<std::uint8_t>(from, rows.count, levels_[c], to, appended_, column); break;
      case 2: copyCodes<std::uint16_t>(from, rows.count, levels_[c], to, appended_, column); break;
      default: copyCodes<std::uint32_t>(from, rows.count, levels_[c], to, appended_, column);
    }
  }
}

template <typename T>
void SparseStorage::appendCompressed(const SparseRows& rows, std::uint64_t firstColumn) {
  auto* const values = reinterpret_cast<T*>(values_->data()) + entries_;
  auto* const columns = reinterpret_cast<std::uint32_t*>(columns_->data()) + entries_;
  const std::size_t count = rows.columns.size();
  for (std::size_t e = 0; e < count; ++e) {
    const T value = rows.areDoubles ? static_cast<T>(static_cast<const double*>(rows.values)[e])
                                    : static_cast<T>(static_cast<const float*>(rows.values)[e]);
    if (!std::isfinite(value)) {
      throwNotFinite(static_cast<double>(value), appended_ + rowOf(rows.lengths, e),
                     firstColumn + coded_ + rows.columns[e]);
    }
    values[e] = value;
    columns[e] = static_cast<std::uint32_t>(coded_ + rows.columns[e]);
  }
  for (std::uint64_t i = 0; i < rows.count; ++i)
    begins_[appended_ + i + 1] = begins_[appended_ + i] + rows.lengths[i];
  entries_ += count;
}

bool SparseStorage::isOfMany() const noexcept {
  // θ of fewer is in the first-level cache; where columns have no entry each, little is looked up.
  constexpr std::uint64_t fewestColumns = 4096;
  return compressed_ >= fewestColumns && entries_ >= compressed_;
}

/// A cache line has θ of eight columns, and a page that of 512: words that stand in every text are
/// then in few lines, wherever they are in X. A share of the rows tells which they are, by powers
/// of two, and columns of one power stay in their order, so that who goes through those of X goes
/// through memory upwards.
std::vector<std::uint32_t> SparseStorage::orderByUse() {
  constexpr std::uint64_t rowsPerCounted = 16;
  if (!isOfMany()) return {};
  auto* const columns = reinterpret_cast<std::uint32_t*>(columns_->data());
  std::vector<std::uint32_t> counts(compressed_);
  for (std::uint64_t row = 0; row < rows_; row += rowsPerCounted) {
    for (std::uint64_t e = begins_[row]; e < begins_[row + 1]; ++e) ++counts[columns[e] - coded_];
  }
  // How many columns are used more than those of each power: where these begin.
  std::array<std::uint32_t, 34> begins{};
  for (const std::uint32_t count : counts) ++begins[33 - std::bit_width(count)];
  std::exclusive_scan(begins.begin(), begins.end(), begins.begin(), 0U);
  std::vector<std::uint32_t> order(compressed_);
  std::vector<std::uint32_t> numbers(compressed_);
  for (std::uint32_t j = 0; j < compressed_; ++j) {
    numbers[j] = begins[33 - std::bit_width(counts[j])]++;
    order[numbers[j]] = j;
  }
  for (std::uint64_t e = 0; e < entries_; ++e)
    columns[e] = static_cast<std::uint32_t>(coded_ + numbers[columns[e] - coded_]);
  return order;
}

bool SparseStorage::hasFewAColumn() const noexcept {
  // Of so many a column, threads that pass over some of the rows have sums of their own.
  constexpr std::uint64_t manyEntries = 64;
  return codes_.empty() && isOfMany() && entries_ < manyEntries * compressed_;
}

std::uint64_t SparseStorage::bytes() const noexcept {
  std::uint64_t total = begins_.size() * sizeof(std::uint64_t);
  for (const auto& codes : codes_) total += codes->size();
  if (values_ != nullptr) total += values_->size() + columns_->size();
  return total;
}

}  // namespace thalweg
