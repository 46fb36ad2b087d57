#include "batch_share.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace thalweg {
namespace {

/// Writes values of a dtype where a matrix has them.
void fill(std::span<std::byte> bytes, Dtype dtype, double value) {
  const auto write = [&](auto each) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(each))
      std::memcpy(bytes.data() + at, &each, sizeof(each));
  };
  if (dtype == Dtype::float32) {
    write(static_cast<float>(value));
  } else {
    write(value);
  }
}

}  // namespace

BatchShare::BatchShare(Device& here, Ranks& ranks, const Problem& problem,
                       const CancelFlag& cancelled)
    : here_(here),
      problem_(problem),
      cancelled_(cancelled),
      count_(problem.weights != nullptr ? problem.weights->counted : problem.X.rows()) {
  std::vector<double> counts(ranks.size());
  counts[ranks.rank()] = static_cast<double>(count_);
  ranks.sum(counts);
  for (std::size_t r = 0; r < ranks.rank(); ++r) first_ += static_cast<std::uint64_t>(counts[r]);
}

void BatchShare::sum(std::span<const std::uint32_t> rows, std::span<const double> theta,
                     std::span<const double> intercepts, std::span<double> gradient,
                     std::span<double> interceptGradient) {
  choose(rows);
  if (chosen_.empty()) {
    std::ranges::fill(gradient, 0.0);
    std::ranges::fill(interceptGradient, 0.0);
    return;
  }
  Room& room = roomForChosen();
  copyChosen(problem_.X, *room.X);
  copyChosen(problem_.y, *room.y);
  weighChosen(*room.weightValues);
  room.run->setTheta(theta, intercepts);
  std::ignore = room.run->gradient(gradient, interceptGradient);
}

void BatchShare::choose(std::span<const std::uint32_t> rows) {
  chosen_.clear();
  for (const std::uint32_t row : rows) {
    if (row < first_ || row - first_ >= count_) continue;
    const auto own = static_cast<std::uint32_t>(row - first_);
    const bool isListed = problem_.weights != nullptr && !problem_.weights->rows.empty();
    chosen_.push_back(isListed ? problem_.weights->rows[own] : own);
  }
}

/// Rooms are powers of two, so that a pass goes over twice the rows chosen at most.
BatchShare::Room& BatchShare::roomForChosen() {
  const std::uint64_t rows = std::bit_ceil(chosen_.size());
  const auto at = static_cast<std::size_t>(std::countr_zero(rows));
  if (rooms_.size() <= at) rooms_.resize(at + 1);
  if (rooms_[at]) return *rooms_[at];
  auto room = std::make_unique<Room>();
  const Dtype dtype = problem_.X.dtype();
  room->X = here_.createMatrix(rows, problem_.X.columns(), dtype);
  room->y = here_.createMatrix(rows, problem_.y.columns(), dtype);
  room->weightValues = here_.createMatrix(rows, 1, dtype);
  // Of a total of 1 a mean is the sum.
  const Weights& weights = room->weights.emplace(Weights{.values = *room->weightValues,
                                                         .total = 1,
                                                         .largest = problem_.largestWeight(),
                                                         .counted = rows});
  const Problem& problem =
      room->problem.emplace(Problem{*room->X, *room->y, problem_.objective, &weights});
  room->run = here_.begin(problem, {}, cancelled_);
  rooms_[at] = std::move(room);
  return *rooms_[at];
}

void BatchShare::copyChosen(const Matrix& from, Matrix& to) const {
  const auto upload = to.beginUpload(0, chosen_.size());
  const std::span<std::byte> bytes = upload->bytes();
  const std::uint64_t rowBytes = from.rowBytes();
  for (std::size_t i = 0; i < chosen_.size(); ++i)
    from.read(chosen_[i], 1, bytes.subspan(i * rowBytes, rowBytes));
  upload->commit();
}

void BatchShare::weighChosen(Matrix& to) const {
  const auto upload = to.beginUpload(0, to.rows());
  const std::span<std::byte> bytes = upload->bytes();
  const std::uint64_t each = to.rowBytes();
  fill(bytes, to.dtype(), 0);
  if (problem_.weights == nullptr) {
    fill(bytes.first(chosen_.size() * each), to.dtype(), 1);
  } else {
    for (std::size_t i = 0; i < chosen_.size(); ++i)
      problem_.weights->values.read(chosen_[i], 1, bytes.subspan(i * each, each));
  }
  upload->commit();
}

}  // namespace thalweg
