#include "windowed_run.h"

#include <algorithm>
#include <limits>

#include "../counts.h"
#include "../device/host_step.h"
#include "../error.h"

namespace thalweg {
namespace {

constexpr std::uint32_t notThere = std::numeric_limits<std::uint32_t>::max();

}  // namespace

WindowedRun::WindowedRun(Device& device, const Problem& problem, const RunOptions& options,
                         const Windows& windows, const CancelFlag& cancelled)
    : problem_(problem),
      cancelled_(cancelled),
      chunkRows_(windows.chunkRows),
      slots_(divideUp(windows.rows, chunkRows_), notThere),
      theta_(problem.X.columns() * problem.objective.outputs),
      intercepts_(problem.objective.outputs),
      moments_(
          HostStep(problem.objective, options.optimizer, problem.X.columns()).moments().size()) {
  const std::uint64_t rows = windows.mostChunks() * chunkRows_;
  const Dtype dtype = problem.X.dtype();
  X_ = device.createMatrix(rows, problem.X.columns(), dtype);
  y_ = device.createMatrix(rows, problem.y.columns(), dtype);
  if (problem.weights != nullptr) {
    if (problem.weights->counted < problem.X.rows()) {
      throw Error(ErrorCode::invalidArgument,
                  "Rows of weight 0 cannot be left out of an X that is not in the device's memory: "
                  "give X without them, or use residency 'device', or a batch descent",
                  {.option = "residency"});
    }
    weightValues_ = device.createMatrix(rows, 1, dtype);
    weights_.emplace(Weights{.values = *weightValues_,
                             .total = problem.weights->total,
                             .largest = problem.weights->largest,
                             .counted = problem.weights->counted});
  }
  window_.emplace(Problem{*X_, *y_, problem.objective, weights_ ? &*weights_ : nullptr});
  whole_ = device.begin(problem, options, cancelled);
  steps_ = device.begin(*window_, {.optimizer = options.optimizer}, cancelled);
}

void WindowedRun::setTheta(std::span<const double> theta, std::span<const double> intercepts) {
  whole_->setTheta(theta, intercepts);
}

void WindowedRun::setMoments(std::span<const double> moments, std::uint64_t taken) {
  whole_->setMoments(moments, taken);
  taken_ = taken;
}

void WindowedRun::copyRows(const Matrix& from, Matrix& to, std::uint64_t chunk,
                           std::uint64_t slot) const {
  const std::uint64_t first = chunk * chunkRows_;
  const std::uint64_t count = std::min(chunkRows_, from.rows() - first);
  const auto upload = to.beginUpload(slot * chunkRows_, count);
  from.read(first, count, upload->bytes());
  upload->commit();
}

void WindowedRun::expectRows(std::span<const std::uint32_t> rows) {
  std::vector<bool> wanted(slots_.size());
  for (const std::uint32_t row : rows) wanted[row / chunkRows_] = true;
  std::ranges::fill(slots_, notThere);
  std::uint32_t slot = 0;
  for (std::uint64_t chunk = 0; chunk < slots_.size(); ++chunk) {
    if (!wanted[chunk]) continue;
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    copyRows(problem_.X, *X_, chunk, slot);
    copyRows(problem_.y, *y_, chunk, slot);
    if (weights_) copyRows(problem_.weights->values, *weightValues_, chunk, slot);
    slots_[chunk] = slot++;
  }
}

void WindowedRun::handOver(Run& from, Run& to) {
  from.readTheta(theta_, intercepts_);
  to.setTheta(theta_, intercepts_);
  if (moments_.empty()) return;
  from.readMoments(moments_);
  to.setMoments(moments_, taken_);
}

void WindowedRun::sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                                  StepRates rates) {
  local_.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t chunk = rows[i] / chunkRows_;
    local_[i] = static_cast<std::uint32_t>(slots_[chunk] * chunkRows_ + rows[i] % chunkRows_);
  }
  handOver(*whole_, *steps_);
  steps_->sequentialSteps(local_, batchSize, rates);
  taken_ += divideUp(rows.size(), batchSize);
  handOver(*steps_, *whole_);
}

}  // namespace thalweg
