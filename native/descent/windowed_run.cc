#include "windowed_run.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "../counts.h"
#include "../device/host_step.h"
#include "../error.h"

namespace thalweg {
namespace {

constexpr std::uint32_t notThere = std::numeric_limits<std::uint32_t>::max();

}  // namespace

WindowedRun::WindowedRun(Device& device, const Problem& problem, const RunOptions& options,
                         const Windows& windows, const Window& first, std::uint64_t epochs,
                         const CancelFlag& cancelled)
    : problem_(problem),
      cancelled_(cancelled),
      windows_(windows),
      next_(first),
      endEpoch_(first.epoch + epochs),
      slots_(divideUp(windows.rows, windows.chunkRows), notThere),
      theta_(problem.X.columns() * problem.objective.outputs),
      intercepts_(problem.objective.outputs),
      moments_(
          HostStep(problem.objective, options.optimizer, problem.X.columns()).moments().size()) {
  if (problem.weights != nullptr && problem.weights->counted < problem.X.rows()) {
    throw Error(ErrorCode::invalidArgument,
                "Rows of weight 0 cannot be left out of an X that is not in the device's memory: "
                "give X without them, or use residency 'device', or a batch descent",
                {.option = "residency"});
  }
  held_[0] = room(device, options);
  whole_ = device.begin(problem, options, cancelled);
  if (windows.leaveRoom(problem.X.rowBytes())) readAhead(device, options);
}

void WindowedRun::readAhead(Device& device, const RunOptions& options) {
  try {
    held_[1] = room(device, options);
    reader_.emplace(problem_.X, cancelled_);
  } catch (const Error& error) {
    // One window is enough, if slower.
    if (error.code() != ErrorCode::outOfMemory) throw;
  }
}

std::unique_ptr<WindowedRun::Held> WindowedRun::room(Device& device,
                                                     const RunOptions& options) const {
  const std::uint64_t rows = windows_.mostChunks() * windows_.chunkRows;
  const Dtype dtype = problem_.X.dtype();
  auto held = std::make_unique<Held>();
  held->X = device.createMatrix(rows, problem_.X.columns(), dtype);
  held->y = device.createMatrix(rows, problem_.y.columns(), dtype);
  const Weights* weights = nullptr;
  if (problem_.weights != nullptr) {
    held->weightValues = device.createMatrix(rows, 1, dtype);
    weights = &held->weights.emplace(Weights{.values = *held->weightValues,
                                             .total = problem_.weights->total,
                                             .largest = problem_.weights->largest,
                                             .counted = problem_.weights->counted});
  }
  const Problem& problem =
      held->problem.emplace(Problem{*held->X, *held->y, problem_.objective, weights});
  held->steps = device.begin(problem, {.optimizer = options.optimizer}, cancelled_);
  return held;
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
  const std::uint64_t first = chunk * windows_.chunkRows;
  const std::uint64_t count = std::min(windows_.chunkRows, from.rows() - first);
  const auto upload = to.beginUpload(slot * windows_.chunkRows, count);
  from.read(first, count, upload->bytes());
  upload->commit();
}

std::vector<std::uint32_t> WindowedRun::chunksWith(std::span<const std::uint32_t> rows) const {
  std::vector<bool> have(slots_.size());
  for (const std::uint32_t row : rows) have[row / windows_.chunkRows] = true;
  std::vector<std::uint32_t> chunks;
  for (std::uint32_t chunk = 0; chunk < have.size(); ++chunk) {
    if (have[chunk]) chunks.push_back(chunk);
  }
  return chunks;
}

void WindowedRun::expectRows(std::span<const std::uint32_t> rows) {
  const std::vector<std::uint32_t> wanted = chunksWith(rows);
  const std::vector<std::uint32_t> read = reader_ ? reader_->take() : std::vector<std::uint32_t>{};
  const bool isRead = !read.empty();
  if (isRead && !std::ranges::includes(read, wanted))
    throw std::logic_error("rows are expected of another window than the next");
  if (isRead) now_ = 1 - now_;
  hold(isRead ? read : wanted, isRead);
  next_ = windows_.after(next_);
  if (!reader_ || next_.epoch == endEpoch_) return;
  reader_->begin(windows_.chunksOf(next_), windows_.chunkRows, *held_[1 - now_]->X);
}

void WindowedRun::hold(const std::vector<std::uint32_t>& chunks, bool isRead) {
  const Held& held = *held_[now_];
  std::ranges::fill(slots_, notThere);
  std::uint32_t slot = 0;
  for (const std::uint32_t chunk : chunks) {
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
    if (!isRead) copyRows(problem_.X, *held.X, chunk, slot);
    copyRows(problem_.y, *held.y, chunk, slot);
    if (held.weights) copyRows(problem_.weights->values, *held.weightValues, chunk, slot);
    slots_[chunk] = slot++;
  }
}

void WindowedRun::batchSteps(std::uint64_t count, StepRates rates) {
  if (reader_) reader_->wait();
  whole_->batchSteps(count, rates);
}

void WindowedRun::measureLoss() {
  if (reader_) reader_->wait();
  whole_->measureLoss();
}

double WindowedRun::gradient(std::span<double> gradient, std::span<double> interceptGradient) {
  if (reader_) reader_->wait();
  return whole_->gradient(gradient, interceptGradient);
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
    const std::uint64_t chunk = rows[i] / windows_.chunkRows;
    local_[i] = static_cast<std::uint32_t>(slots_[chunk] * windows_.chunkRows +
                                           rows[i] % windows_.chunkRows);
  }
  Run& steps = *held_[now_]->steps;
  handOver(*whole_, steps);
  steps.sequentialSteps(local_, batchSize, rates);
  taken_ += divideUp(rows.size(), batchSize);
  handOver(steps, *whole_);
}

}  // namespace thalweg
