#include "kernel_run.h"

#include <algorithm>
#include <array>

#include "../../../error.h"
#include "../../weight_order.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t stateBytes = 16;
constexpr std::uint64_t historyBytes = (Run::lossesPerWait + 1) * sumBytes;

}  // namespace

KernelRun::KernelRun(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                     const Problem& problem, const RunOptions& options, const CancelFlag& cancelled)
    : queue_(queue),
      programs_(programs),
      sizes_(sizes),
      pacer_(queue, cancelled),
      X_(static_cast<const KernelMatrix&>(problem.X)),
      y_(static_cast<const KernelMatrix&>(problem.y)),
      weights_(weightsOf(problem)),
      totalWeight_(problem.totalWeight()),
      meanWeight_(problem.meanWeight()),
      objective_(problem.objective),
      options_(options),
      dtype_(problem.X.dtype()),
      m_(problem.X.rows()),
      n_(problem.X.columns()),
      coefficients_(n_ * objective_.outputs),
      unknowns_(coefficients_ + objective_.outputs),
      stride_(partialStride(unknowns_)),
      parts_(partsOf(X_, y_, weights_, m_)),
      launches_(partsOf(X_, y_, weights_, rowsTogether(X_, rowsPerLaunch(sizes, rowBytes())))),
      streamed_(queue, X_, launches_.front().rows) {
  findMostGroups();
  if (isSparse() && SparsePass::fits(queue.limits(), X_, objective_.outputs)) {
    sparse_ = std::make_unique<SparsePass>(queue, programs, sizes, problem, cancelled);
    mostLosses_ = std::max(mostLosses_, sparse_->lossPartials());
  }
  const HostStep start(objective_, options_.optimizer, n_);
  theta_ = queue.allocate((1 + start.count()) * stride_ * sizeOf(dtype_));
  if (options_.optimizer.initialSquare != 0) setMoments(start.moments(), 0);
  partials_ = queue.allocate(mostGroups_ * stride_ * sizeOf(dtype_));
  lossPartials_ = queue.allocate(mostLosses_ * sumBytes);
  record_ = makeRecord();
}

void KernelRun::findMostGroups() {
  const QueueLimits& limits = queue_.limits();
  for (const Part& part : launches_) {
    if (objective_.outputs > 1) {
      const OutputsShape forward = outputsForward(sizes_, limits, outputsProblem(), part.rows);
      const OutputsShape gradient = outputsShapeOf(part.rows);
      mostGroups_ = std::max(mostGroups_, gradient.partials);
      mostLosses_ = std::max({mostLosses_, forward.groups, gradient.groups});
      continue;
    }
    mostGroups_ = std::max({mostGroups_, passShape(sizes_, limits, dtype_, part.rows, n_).groups,
                            gradientShapeOf(part.rows, false).groups});
    mostLosses_ = mostGroups_;
  }
}

KernelRun::Record KernelRun::makeRecord() {
  return {queue_.allocate(stateBytes), queue_.allocate(historyBytes)};
}

void KernelRun::launch(const Kernel& kernel, std::uint64_t groups,
                       std::initializer_list<const Buffer*> buffers,
                       std::span<const std::byte> arguments, std::uint64_t bytes,
                       std::uint32_t groupSize) {
  if (launch_ != nullptr) {
    (*launch_)(kernel, groups, buffers, arguments, bytes, groupSize);
    return;
  }
  queue_.launch(kernel, groups, groupSize > 0 ? groupSize : sizes_.pass.groupSize, buffers,
                arguments);
  if (blocks_ && blocks_->isRecording()) {
    blockBytes_ += bytes;
    return;
  }
  pacer_.launched(bytes);
}

void KernelRun::launchUpdate(const char* name, std::uint64_t groups,
                             std::initializer_list<const Buffer*> buffers, double weight,
                             std::uint64_t bytes, double learningRate, bool settled) {
  const auto launchAs = [&]<typename Real>(Real /*type*/) {
    const auto rounded = static_cast<Real>(weight);
    const typename ArgumentsOf<Real>::StepArguments arguments{
        // Those that are settled count recorded losses on top, of which one may be no step's.
        .taken = settled ? taken_ - given_ : taken_,
        .options = stepOptions<ArgumentsOf<Real>>(objective_, learningRate, options_.optimizer),
        .weight = rounded,
        .weightRest = static_cast<Real>(weight - static_cast<double>(rounded)),
        .tolerance = static_cast<Real>(options_.tolerance),
        .n = static_cast<std::uint32_t>(coefficients_),
        .outputs = static_cast<std::uint32_t>(objective_.outputs),
        .partials = static_cast<std::uint32_t>(groups_),
        .losses = static_cast<std::uint32_t>(losses_),
        .stride = static_cast<std::uint32_t>(stride_),
        .fitIntercept = objective_.fitIntercept ? 1 : 0,
        .settled = settled ? 1 : 0,
    };
    const ProgramKey program{Unit::update, dtype_, {}, options_.optimizer.code};
    launch(programs_.kernel(program, name), groups, buffers, bytesOf(arguments), bytes);
  };
  if (dtype_ == Dtype::float32) {
    launchAs(float{});
  } else {
    launchAs(double{});
  }
}

PassArguments KernelRun::passArguments(const Part& part, bool byIndex, bool accumulate) const {
  return {.rows = spanOf(part, n_, byIndex),
          .activation = codeOf(objective_.activation),
          .loss = codeOf(objective_.loss),
          .accumulate = accumulate ? 1 : 0,
          .stride = static_cast<std::uint32_t>(stride_),
          .slices = 1,
          .sliceColumns = static_cast<std::uint32_t>(n_),
          .outputs = static_cast<std::uint32_t>(objective_.outputs)};
}

void KernelRun::checkRoom(std::uint64_t count) const {
  if (pending_ + count > lossesPerWait) {
    throw Error(ErrorCode::invalidArgument,
                "More than " + std::to_string(lossesPerWait) +
                    " losses were recorded without a wait between them.");
  }
}

void KernelRun::makeRoom(std::unique_ptr<Buffer>& buffer, std::uint64_t bytes) {
  if (buffer && buffer->bytes() >= bytes) return;
  // Recorded steps may name the buffer that is about to go.
  if (blocks_) blocks_->forget();
  buffer = queue_.allocate(bytes);
}

void KernelRun::setTheta(std::span<const double> theta, std::span<const double> intercepts) {
  std::vector<double> values = byOutput(theta, objective_.outputs);
  values.insert(values.end(), intercepts.begin(), intercepts.end());
  queue_.write(*theta_, 0, toReals(values, dtype_));
}

void KernelRun::readTheta(std::span<double> theta, std::span<double> intercepts) {
  std::vector<std::byte> bytes(unknowns_ * sizeOf(dtype_));
  queue_.read(*theta_, 0, bytes);
  pacer_.drained();
  std::vector<double> values(unknowns_);
  fromReals(bytes, dtype_, values);
  const std::span<const double> all(values);
  byFeature(all.first(coefficients_), objective_.outputs, theta);
  std::ranges::copy(all.subspan(coefficients_), intercepts.begin());
}

void KernelRun::setMoments(std::span<const double> moments, std::uint64_t taken) {
  const std::vector<double> kept = momentsByOutput(moments, coefficients_, objective_.outputs);
  for (std::uint64_t k = 0; k < kept.size() / unknowns_; ++k) {
    queue_.write(*theta_, (k + 1) * stride_ * sizeOf(dtype_),
                 toReals(std::span(kept).subspan(k * unknowns_, unknowns_), dtype_));
  }
  taken_ = taken;
}

void KernelRun::readMoments(std::span<double> moments) {
  std::vector<std::byte> bytes(unknowns_ * sizeOf(dtype_));
  std::vector<double> kept(moments.size());
  for (std::uint64_t k = 0; k < kept.size() / unknowns_; ++k) {
    queue_.read(*theta_, (k + 1) * stride_ * sizeOf(dtype_), bytes);
    fromReals(bytes, dtype_, std::span(kept).subspan(k * unknowns_, unknowns_));
  }
  pacer_.drained();
  momentsByFeature(kept, coefficients_, objective_.outputs, moments);
}

void KernelRun::setLossBefore(double loss) {
  std::array<std::uint32_t, stateBytes / sizeof(std::uint32_t)> state{};
  state[HostMath::STATE_RECORDED] = 1;
  queue_.write(*record_.state, 0, std::as_bytes(std::span(state)));
  queue_.write(*record_.history, HostMath::HISTORY_LAST * sumBytes,
               toSum(loss, queue_.limits().float64));
  recorded_ = given_ = 1;
}

std::uint64_t KernelRun::leastSteps() const {
  const bool recordsAlways = mayRecord() && queue_.limits().recordings == Recordings::always;
  return recordsAlways ? StepBlocks::steps : 1;
}

void KernelRun::batchSteps(std::uint64_t count, StepRates rates) {
  checkRoom(count);
  pending_ += count;
  std::uint64_t left = count;
  // A recorded step is told its rate once.
  if (mayRecord() && rates.areEqual() && left >= StepBlocks::steps) {
    const double learningRate = rates.at(0);
    if (!blocks_ || blocksRate_ != learningRate) {
      blocks_ =
          std::make_unique<StepBlocks>(queue_, [this, learningRate] { batchStep(learningRate); });
      blocksRate_ = learningRate;
      blockBytes_ = 0;
    }
    for (; left >= StepBlocks::steps; left -= StepBlocks::steps) {
      if (blocks_->enqueue()) pacer_.launched(blockBytes_);
    }
  }
  for (; left > 0; --left) batchStep(rates.at(count - left));
}

void KernelRun::batchStep(double learningRate) {
  gradientPass(record_);
  const bool penalised = HostMath::is_penalised(penalties<HostMath>(objective_));
  const std::uint64_t groups = groupsOfColumns();
  if (!penalised && options_.optimizer.isPlain()) {
    settleAndStep(groups + sizes_.update.judges, learningRate);
  } else if (groups == 1) {
    settleAndStep(1, learningRate);
  } else {
    settle(record_);
    takeStep(totalWeight_, true, learningRate);
  }
}

void KernelRun::measureLoss() {
  checkRoom(1);
  ++pending_;
  lossPass();
  settle(record_);
}

RunStatus KernelRun::wait(std::vector<double>& losses) {
  std::array<std::uint32_t, stateBytes / sizeof(std::uint32_t)> state{};
  queue_.read(*record_.state, 0, std::as_writable_bytes(std::span(state)));
  pacer_.drained();
  const auto halt = static_cast<Halt>(state[HostMath::STATE_HALT]);
  const std::uint64_t fresh = state[HostMath::STATE_RECORDED] - recorded_;
  if (fresh > 0) {
    // The history is a ring.
    std::vector<std::byte> bytes(fresh * sumBytes);
    const std::uint64_t slot = recorded_ % lossesPerWait;
    const std::uint64_t straight = std::min(fresh, lossesPerWait - slot);
    const std::span all(bytes);
    queue_.read(*record_.history, slot * sumBytes, all.first(straight * sumBytes));
    if (straight < fresh) queue_.read(*record_.history, 0, all.subspan(straight * sumBytes));
    losses.resize(losses.size() + fresh);
    fromSums(bytes, queue_.limits().float64, std::span(losses).last(fresh));
  }
  recorded_ += fresh;
  pending_ = 0;
  return {recorded_, halt};
}

double KernelRun::gradient(std::span<double> gradient, std::span<double> interceptGradient) {
  const bool float64 = queue_.limits().float64;
  if (!gradients_) {
    ownRecord_ = makeRecord();
    gradients_ = queue_.allocate(unknowns_ * sumBytes);
  }
  queue_.write(*ownRecord_.state, 0, std::array<std::byte, stateBytes>{});
  gradientPass(ownRecord_);
  settle(ownRecord_);
  launchUpdate("reduce_gradient", groupsOfColumns(),
               {partials_.get(), theta_.get(), gradients_.get()}, totalWeight_,
               groups_ * stride_ * sizeOf(dtype_));

  std::vector<std::byte> bytes(unknowns_ * sumBytes);
  queue_.read(*gradients_, 0, bytes);
  pacer_.drained();
  std::vector<double> values(unknowns_);
  fromSums(bytes, float64, values);
  const std::span<const double> all(values);
  byFeature(all.first(coefficients_), objective_.outputs, gradient);
  for (std::size_t k = 0; k < objective_.outputs; ++k)
    interceptGradient[k] = objective_.fitIntercept ? all[coefficients_ + k] : 0;

  double loss = 0;
  bytes.resize(sumBytes);
  queue_.read(*ownRecord_.history, 0, bytes);
  fromSums(bytes, float64, std::span(&loss, 1));
  return loss;
}

Launch KernelRun::launching() {
  return [this](const Kernel& kernel, std::uint64_t groups,
                std::initializer_list<const Buffer*> buffers, std::span<const std::byte> arguments,
                std::uint64_t bytes, std::uint32_t groupSize) {
    launch(kernel, groups, buffers, arguments, bytes, groupSize);
  };
}

void KernelRun::lossPass() {
  if (sparse_) {
    losses_ = sparse_->lossPartials();
    sparse_->loss(launching(), *theta_, *record_.state, *lossPartials_);
    return;
  }
  if (objective_.outputs > 1) {
    outputsLossPass();
    return;
  }
  groups_ = passShape(sizes_, queue_.limits(), dtype_, launches_.front().rows, n_).groups;
  losses_ = groups_;
  for (const Part& each : launches_) {
    const Part part = streamed_.onDevice(each);
    PassShape shape = passShape(sizes_, queue_.limits(), dtype_, part.rows, n_);
    shape.program.weighted = isWeighted();
    launch(programs_.kernel(shape.program, "loss_sum"), std::min(shape.groups, groups_),
           {part.X, part.y, part.weights, theta_.get(), record_.state.get(), lossPartials_.get()},
           bytesOf(passArguments(part, false, &each != &launches_.front())),
           part.rows * rowBytes());
  }
}

void KernelRun::settle(const Record& record) {
  launchUpdate("settle", 1,
               {lossPartials_.get(), theta_.get(), record.state.get(), record.history.get()},
               totalWeight_, coefficients_ * sizeOf(dtype_));
}

std::uint64_t KernelRun::groupsOfColumns() const {
  return stepGroups(sizes_, dtype_, groups_, unknowns_);
}

void KernelRun::takeStep(double weight, bool settled, double learningRate) {
  launchUpdate("take_step", groupsOfColumns(), {partials_.get(), theta_.get(), record_.state.get()},
               weight, groups_ * stride_ * sizeOf(dtype_), learningRate, settled);
}

void KernelRun::settleAndStep(std::uint64_t groups, double learningRate) {
  launchUpdate("settle_and_step", groups,
               {partials_.get(), lossPartials_.get(), theta_.get(), record_.state.get(),
                record_.history.get()},
               totalWeight_, groups_ * stride_ * sizeOf(dtype_), learningRate);
}

}  // namespace thalweg::kernels
