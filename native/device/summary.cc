#include "summary.h"

#include <cmath>
#include <string>

#include "../error.h"

namespace thalweg {
namespace {

template <typename T>
double normSquared(std::span<const T> row) noexcept {
  // Four sums side by side, so that one addition need not wait for the last.
  double sums[4] = {};
  std::size_t j = 0;
  for (; j + 4 <= row.size(); j += 4) {
    for (std::size_t k = 0; k < 4; ++k) {
      const auto value = static_cast<double>(row[j + k]);
      sums[k] += value * value;
    }
  }
  for (; j < row.size(); ++j) sums[0] += static_cast<double>(row[j]) * static_cast<double>(row[j]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <typename T>
void throwIfNotFinite(std::span<const T> row, std::uint64_t index) {
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (std::isfinite(row[j])) continue;
    const std::string value = std::isnan(row[j]) ? "NaN" : (row[j] < 0 ? "-Infinity" : "Infinity");
    throw Error(ErrorCode::notFinite,
                "row " + std::to_string(index) + ", column " + std::to_string(j) + " is " + value +
                    "; every value must be finite in the dtype used: drop or fill such rows first",
                {.row = index, .column = j});
  }
}

void includeValue(Summary& summary, double value, std::uint64_t row) noexcept {
  summary.smallest = std::min(summary.smallest, value);
  summary.largest = std::max(summary.largest, value);
  if (value != 0 && value != 1 && !summary.firstNotZeroOrOne) summary.firstNotZeroOrOne = row;
  if (value != 1 && value != -1 && !summary.firstNotPlusMinusOne)
    summary.firstNotPlusMinusOne = row;
  if (value < 0 && !summary.firstNegative) summary.firstNegative = row;
}

template <typename T>
Summary summarizeAs(std::span<const T> values, std::uint64_t columns, std::uint64_t firstRow) {
  Summary summary;
  std::uint64_t row = firstRow;
  for (std::size_t at = 0; at < values.size(); at += columns, ++row) {
    const auto rowValues = values.subspan(at, columns);
    const double norm = normSquared(rowValues);
    // A value that is not finite makes the norm so; so may a huge finite one.
    if (!std::isfinite(norm)) throwIfNotFinite(rowValues, row);
    summary.maxRowNormSquared = std::max(summary.maxRowNormSquared, norm);
    if (columns == 1) includeValue(summary, static_cast<double>(rowValues[0]), row);
  }
  return summary;
}

}  // namespace

Summary summarize(std::span<const std::byte> bytes, Dtype dtype, std::uint64_t columns,
                  std::uint64_t firstRow) {
  if (dtype == Dtype::float32) {
    return summarizeAs(
        std::span{reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)},
        columns, firstRow);
  }
  return summarizeAs(
      std::span{reinterpret_cast<const double*>(bytes.data()), bytes.size() / sizeof(double)},
      columns, firstRow);
}

}  // namespace thalweg
