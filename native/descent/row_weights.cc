#include "row_weights.h"

#include <cmath>
#include <numeric>
#include <span>
#include <string>

#include "../device/slices.h"
#include "../error.h"
#include "scaling.h"

namespace thalweg {
namespace {

constexpr int farFromOne = 16;  // as an exponent of 2

void check(const Summary& weights, double largest, const std::string& option) {
  if (weights.firstNegative) {
    const std::uint64_t row = *weights.firstNegative;
    throw Error(ErrorCode::invalidArgument,
                option + "[" + std::to_string(row) +
                    "] is below 0: weights are 0, for rows that do not count, or more",
                {.row = row, .option = option});
  }
  if (largest > 0) return;
  throw Error(ErrorCode::invalidArgument,
              "every " + option + " is 0, so that no row counts: one at least must be above 0",
              {.option = option});
}

/// Several sums side by side, as fast as memory.
template <typename T>
double sumOf(std::span<const T> values) noexcept {
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += static_cast<double>(values[i + k]);
  }
  for (; i < values.size(); ++i) sums[0] += static_cast<double>(values[i]);
  return std::accumulate(sums, sums + lanes, 0.0);
}

}  // namespace

RowWeights::RowWeights(Device& device, const Matrix* given, const CancelFlag& cancelled,
                       std::string_view option) {
  if (given == nullptr) return;
  const double largest = largestOver(device, given->summary().largest);
  check(given->summary(), largest, std::string(option));
  const int exponent = std::ilogb(largest);
  if (std::abs(exponent) > farFromOne)
    scaled_ = timesPowerOfTwo(device, *given, -exponent, cancelled);
  const Matrix& values = scaled_ ? *scaled_ : *given;
  Weights& found = weights_.emplace(Weights{values});
  found.largest = values.summary().largest;
  const bool allCount = values.summary().smallest > 0;
  readValues(values, [&](std::uint64_t first, auto weights) {
    found.total += sumOf(weights);
    for (std::size_t i = 0; !allCount && i < weights.size(); ++i) {
      if (weights[i] > 0) found.rows.push_back(static_cast<std::uint32_t>(first + i));
    }
  });
  found.counted = allCount ? values.rows() : found.rows.size();
}

std::optional<AllRows> allRowsOf(Device& device, const Matrix& X, const Weights* weights) {
  if (device.ranks() == nullptr) return {};
  const Problem here{X, X, {}, weights};
  double sums[] = {static_cast<double>(here.allRows()), here.totalWeight(),
                   static_cast<double>(here.countedRows())};
  device.ranks()->sum(sums);
  return AllRows{.rows = static_cast<std::uint64_t>(sums[0]),
                 .weight = sums[1],
                 .largestWeight = largestOver(device, here.largestWeight()),
                 .counted = static_cast<std::uint64_t>(sums[2]),
                 .mostCounted = static_cast<std::uint64_t>(
                     largestOver(device, static_cast<double>(here.countedRows())))};
}

}  // namespace thalweg
