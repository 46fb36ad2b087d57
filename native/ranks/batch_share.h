#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../device/device.h"

namespace thalweg {

/// Of rows drawn among those of all ranks the ones that this rank has: the rows that count are
/// numbered in the order of ranks. They are copied together, and a run sums over them.
class BatchShare {
 public:
  /// All of them outlive it. All ranks make one together.
  BatchShare(Device& here, Ranks& ranks, const Problem& problem, const CancelFlag& cancelled);

  /// The gradient over those of `rows` that are here at θ and b, without the penalty: a sum, no
  /// mean.
  void sum(std::span<const std::uint32_t> rows, std::span<const double> theta,
           std::span<const double> intercepts, std::span<double> gradient,
           std::span<double> interceptGradient);

 private:
  /// Room for some rows; those that are not taken have the weight 0.
  struct Room {
    std::unique_ptr<Matrix> X;
    std::unique_ptr<Matrix> y;
    std::unique_ptr<Matrix> weightValues;
    std::optional<Weights> weights;
    std::optional<Problem> problem;
    std::unique_ptr<Run> run;  ///< last, so that it goes before what it computes on
  };

  void choose(std::span<const std::uint32_t> rows);
  Room& roomForChosen();
  void copyChosen(const Matrix& from, Matrix& to) const;
  void weighChosen(Matrix& to) const;

  Device& here_;
  const Problem& problem_;
  const CancelFlag& cancelled_;
  std::uint64_t count_;                       ///< rows of this rank that count
  std::uint64_t first_ = 0;                   ///< the number of the first of them
  std::vector<std::uint32_t> chosen_;         ///< rows of X
  std::vector<std::unique_ptr<Room>> rooms_;  ///< for 1, 2, 4, … rows, as they are needed
};

}  // namespace thalweg
