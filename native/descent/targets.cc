#include "targets.h"

#include <algorithm>
#include <optional>
#include <string>

#include "../device/slices.h"
#include "../error.h"
#include "../text.h"

namespace thalweg {
namespace {

/// Number `value` of y, row by row, and what is wrong with it.
[[noreturn]] void refuse(const Matrix& y, const std::string& option, std::uint64_t value,
                         const std::string& rule) {
  ErrorDetails details{.row = value / y.columns(), .option = option};
  std::string place = option + "[" + std::to_string(*details.row) + "]";
  if (y.columns() > 1) {
    details.column = value % y.columns();
    place += "[" + std::to_string(*details.column) + "]";
  }
  throw Error(ErrorCode::invalidArgument, place + " is not allowed: " + rule, details);
}

/// The first label that is the number of no class.
template <typename T>
std::uint64_t firstBeyond(const Matrix& y, double classes) {
  std::optional<std::uint64_t> found;
  readAll(y, [&](std::uint64_t first, std::uint64_t, std::span<std::byte> bytes) {
    const std::span labels{reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
    const auto at = std::find_if(labels.begin(), labels.end(),
                                 [&](T label) { return static_cast<double>(label) >= classes; });
    if (!found && at != labels.end())
      found = first + static_cast<std::uint64_t>(at - labels.begin());
  });
  return found.value_or(0);
}

void checkClassNumbers(const Objective& objective, const Matrix& y, const std::string& option,
                       const std::string& loss) {
  const Summary& targets = y.targetSummary();
  const bool counted = objective.outputs > 0;
  const std::string numbers = counted ? "0 to " + std::to_string(objective.outputs - 1) +
                                            ", the numbers of " +
                                            std::to_string(objective.outputs) + " classes"
                                      : "0 on, the numbers of classes";
  const std::string rule = "the labels of " + loss + " are whole numbers from " + numbers;
  if (targets.firstNotWhole) refuse(y, option, *targets.firstNotWhole, rule);
  const auto classes = static_cast<double>(objective.outputs);
  if (!counted || targets.largest < classes) return;
  refuse(y, option,
         y.dtype() == Dtype::float32 ? firstBeyond<float>(y, classes)
                                     : firstBeyond<double>(y, classes),
         rule);
}

}  // namespace

void checkTargets(const Objective& objective, const Matrix& y, const std::string& option) {
  const LossEntry& entry = entryOf(objective.loss);
  if (entry.labels == LabelRule::any) return;
  const Summary& targets = y.targetSummary();
  const std::string loss = "loss '" + std::string(entry.name) + "'";
  const auto refuseAny = [&](std::optional<std::uint64_t> value, const std::string& rule) {
    if (value) refuse(y, option, *value, rule);
  };
  switch (entry.labels) {
    case LabelRule::any: break;
    case LabelRule::zeroOrOne:
      return refuseAny(targets.firstNotZeroOrOne, "the labels of " + loss + " are 0 and 1");
    case LabelRule::plusMinusOne:
      return refuseAny(targets.firstNotPlusMinusOne, "the labels of " + loss + " are -1 and 1");
    case LabelRule::notNegative:
      return refuseAny(targets.firstNegative, "the counts of " + loss + " are 0 or more");
    case LabelRule::classNumber: return checkClassNumbers(objective, y, option, loss);
  }
}

}  // namespace thalweg
