#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"
#include "state.h"

namespace thalweg {

/// How a descent is stopped by its loss on other rows.
struct Stopping {
  std::uint64_t every = 1;  ///< iterations of batch; the others are validated after each epoch
  /// Validations without a lower loss after which it ends (Keras' EarlyStopping); none: never.
  std::optional<std::uint64_t> patience{};
  double minDelta = 0;        ///< by which a loss must be lower to count
  bool restoresBest = false;  ///< whether θ ends as it was at the lowest
};

/// The loss of a descent on rows that it does not learn from, with the penalties.
class Validation {
 public:
  /// `problem` and `cancelled` outlive it. Goes on from `before`, if there is one.
  Validation(Device& device, const Problem& problem, const Stopping& stopping,
             const std::optional<BestState>& before, const CancelFlag& cancelled);

  /// How many of so many iterations may be taken, after so many, until the next validation.
  [[nodiscard]] std::uint64_t until(std::uint64_t passes, std::uint64_t most) const noexcept;
  [[nodiscard]] bool isDue(std::uint64_t passes) const noexcept;

  /// Validates at θ and b, after so many passes. Returns whether the descent goes on.
  [[nodiscard]] bool judge(std::span<const double> theta, std::span<const double> intercepts,
                           std::uint64_t passes);

  [[nodiscard]] const std::vector<double>& losses() const noexcept { return losses_; }
  [[nodiscard]] const BestState& best() const noexcept { return best_; }
  /// Puts θ and b back to where the loss was lowest, if that is asked for.
  void restore(std::vector<double>& theta, std::vector<double>& intercepts) const;

 private:
  [[nodiscard]] double lossAt(std::span<const double> theta, std::span<const double> intercepts);

  Device& device_;
  const Problem& problem_;
  Stopping stopping_;
  const CancelFlag& cancelled_;
  std::unique_ptr<Run> run_;
  std::vector<double> losses_;
  BestState best_;
};

}  // namespace thalweg
