#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace thalweg {

enum class Dtype { float32, float64 };

/// What is seen of rows on their way to a device. The fields on values are kept for single columns,
/// which may be targets.
struct Summary {
  double maxRowNormSquared = 0;  ///< max ‖xᵢ‖²
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
  std::optional<std::uint64_t> firstNotZeroOrOne{};
  std::optional<std::uint64_t> firstNotPlusMinusOne{};
  std::optional<std::uint64_t> firstNegative{};
  std::optional<std::uint64_t> firstNotWhole{};  ///< or below 0

  /// Adds later rows.
  void include(const Summary& rows) noexcept {
    maxRowNormSquared = std::max(maxRowNormSquared, rows.maxRowNormSquared);
    smallest = std::min(smallest, rows.smallest);
    largest = std::max(largest, rows.largest);
    if (!firstNotZeroOrOne) firstNotZeroOrOne = rows.firstNotZeroOrOne;
    if (!firstNotPlusMinusOne) firstNotPlusMinusOne = rows.firstNotPlusMinusOne;
    if (!firstNegative) firstNegative = rows.firstNegative;
    if (!firstNotWhole) firstNotWhole = rows.firstNotWhole;
  }
};

/// Throws Error notFinite for a NaN or an infinity.
[[noreturn]] void throwNotFinite(double value, std::uint64_t row, std::uint64_t column);

/// Reads rows of `columns` values, the first of them row `firstRow` of its matrix. Throws Error
/// notFinite with the row and column of the first NaN or infinity.
[[nodiscard]] Summary summarize(std::span<const std::byte> bytes, Dtype dtype,
                                std::uint64_t columns, std::uint64_t firstRow);

}  // namespace thalweg
