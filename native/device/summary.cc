#include "summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "../error.h"
#include "slices.h"

namespace thalweg {
namespace {

/// Of the loops that follow each ends a row, or a block of them, with what vector instructions can
/// keep side by side: several sums, several extremes.
constexpr std::size_t sideBySide = 4;

/// ‖row‖². The order of the additions is part of the result: a learning rate comes from it.
template <typename T>
double normSquared(const T* row, std::size_t columns) noexcept {
  double sums[sideBySide] = {};
  std::size_t j = 0;
  for (; j + sideBySide <= columns; j += sideBySide) {
    for (std::size_t k = 0; k < sideBySide; ++k) {
      const auto value = static_cast<double>(row[j + k]);
      sums[k] += value * value;
    }
  }
  for (; j < columns; ++j) sums[0] += static_cast<double>(row[j]) * static_cast<double>(row[j]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <typename T>
void throwIfNotFinite(std::span<const T> row, std::uint64_t index) {
  for (std::size_t j = 0; j < row.size(); ++j) {
    if (std::isfinite(row[j])) continue;
    throwNotFinite(static_cast<double>(row[j]), index, j);
  }
}

/// max ‖xᵢ‖².
template <typename T>
double largestNorm(std::span<const T> values, std::size_t columns, std::uint64_t firstRow) {
  double largest = 0;
  std::uint64_t row = firstRow;
  for (std::size_t at = 0; at < values.size(); at += columns, ++row) {
    const double norm = normSquared(values.data() + at, columns);
    // A value that is not finite makes the norm so; so may a huge finite one.
    if (!std::isfinite(norm)) throwIfNotFinite(values.subspan(at, columns), row);
    largest = std::max(largest, norm);
  }
  return largest;
}

/// The same for rows of a few values, which are over before a loop has begun: four rows at a time.
template <std::size_t columns, typename T>
double largestNormOfShort(std::span<const T> values, std::uint64_t firstRow) {
  constexpr std::size_t group = sideBySide * columns;
  double largest[sideBySide] = {};
  double zeros[sideBySide] = {};  // x − x is NaN where x is not finite
  std::size_t at = 0;
  for (; at + group <= values.size(); at += group) {
    for (std::size_t k = 0; k < sideBySide; ++k) {
      const double norm = normSquared(values.data() + at + k * columns, columns);
      largest[k] = norm > largest[k] ? norm : largest[k];
      zeros[k] += norm - norm;
    }
  }
  if (std::any_of(zeros, zeros + sideBySide, [](double zero) { return zero != 0; }))
    return largestNorm(values, columns, firstRow);
  return std::max(largestNorm(values.subspan(at), columns, firstRow + at / columns),
                  *std::max_element(largest, largest + sideBySide));
}

template <typename T>
double largestNormOf(std::span<const T> values, std::size_t columns, std::uint64_t firstRow) {
  switch (columns) {
    case 2: return largestNormOfShort<2>(values, firstRow);
    case 3: return largestNormOfShort<3>(values, firstRow);
    case 4: return largestNormOfShort<4>(values, firstRow);
    case 5: return largestNormOfShort<5>(values, firstRow);
    case 6: return largestNormOfShort<6>(values, firstRow);
    case 7: return largestNormOfShort<7>(values, firstRow);
    case 8: return largestNormOfShort<8>(values, firstRow);
    default: return largestNorm(values, columns, firstRow);
  }
}

/// The row of the first value that `is` so.
template <typename T, typename Is>
std::optional<std::uint64_t> firstRowWhere(std::span<const T> values, std::uint64_t firstRow,
                                           const Is& is) noexcept {
  constexpr std::size_t stride = 64;
  for (std::size_t from = 0; from < values.size(); from += stride) {
    const auto some = values.subspan(from, std::min(stride, values.size() - from));
    std::size_t found = 0;
    for (const T value : some) found += is(value) ? 1 : 0;
    if (found == 0) continue;
    const auto at = std::find_if(some.begin(), some.end(), is) - some.begin();
    return firstRow + from + static_cast<std::uint64_t>(at);
  }
  return std::nullopt;
}

/// Rows of one value.
template <typename T>
Summary summarizeColumn(std::span<const T> values, std::uint64_t firstRow) {
  constexpr std::size_t lanes = 2 * sideBySide;
  T smallest[lanes];
  T largest[lanes];
  T zeros[lanes] = {};  // x − x is NaN where x is not finite
  std::fill_n(smallest, lanes, std::numeric_limits<T>::infinity());
  std::fill_n(largest, lanes, -std::numeric_limits<T>::infinity());
  const auto see = [&](std::size_t lane, T value) {
    smallest[lane] = value < smallest[lane] ? value : smallest[lane];
    largest[lane] = value > largest[lane] ? value : largest[lane];
    zeros[lane] += value - value;
  };
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) see(lane, values[i + lane]);
  }
  for (; i < values.size(); ++i) see(0, values[i]);
  if (std::any_of(zeros, zeros + lanes, [](T zero) { return zero != 0; })) {
    for (i = 0; i < values.size(); ++i) throwIfNotFinite(values.subspan(i, 1), firstRow + i);
  }

  Summary summary;
  summary.smallest = static_cast<double>(*std::min_element(smallest, smallest + lanes));
  summary.largest = static_cast<double>(*std::max_element(largest, largest + lanes));
  summary.maxRowNormSquared =
      std::max(summary.smallest * summary.smallest, summary.largest * summary.largest);
  summary.firstNotZeroOrOne =
      firstRowWhere(values, firstRow, [](T value) { return value != 0 && value != 1; });
  summary.firstNotPlusMinusOne =
      firstRowWhere(values, firstRow, [](T value) { return value != 1 && value != -1; });
  // Beyond 1/ε all values are whole; up to it this sum is rounded to a whole number.
  constexpr T whole = 1 / std::numeric_limits<T>::epsilon();
  summary.firstNotWhole = firstRowWhere(values, firstRow, [](T value) {
    return value < 0 || (value < whole && (value + whole) - whole != value);
  });
  if (summary.smallest < 0)
    summary.firstNegative = firstRowWhere(values, firstRow, [](T value) { return value < 0; });
  return summary;
}

template <typename T>
Summary summarizeAs(std::span<const T> values, std::uint64_t columns, std::uint64_t firstRow) {
  if (values.empty()) return {};
  if (columns == 1) return summarizeColumn(values, firstRow);
  Summary summary;
  summary.maxRowNormSquared = largestNormOf(values, columns, firstRow);
  return summary;
}

}  // namespace

void throwNotFinite(double value, std::uint64_t row, std::uint64_t column) {
  const std::string what = std::isnan(value) ? "NaN" : (value < 0 ? "-Infinity" : "Infinity");
  throw Error(ErrorCode::notFinite,
              "row " + std::to_string(row) + ", column " + std::to_string(column) + " is " + what +
                  "; every value must be finite in the dtype used: drop or fill such rows first",
              {.row = row, .column = column});
}

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

const Summary& Matrix::targetSummary() const {
  if (columns_ == 1) return summary_;
  if (!targets_) {
    targets_ = Summary{};
    readAll(*this, [&](std::uint64_t first, std::uint64_t, std::span<std::byte> bytes) {
      targets_->include(summarize(bytes, dtype_, 1, first * columns_));
    });
  }
  return *targets_;
}

}  // namespace thalweg
