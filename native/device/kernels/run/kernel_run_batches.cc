// Batches by row index: small ones in one launch for many steps, large ones as a pass and a step
// each.

#include <algorithm>

#include "../../../counts.h"
#include "kernel_run.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t indexesPerWrite = std::uint64_t{1} << 18;
constexpr std::uint64_t stagingBytes = std::uint64_t{16} << 20;

/// The largest multiple of `unit` up to `value`, but at least `unit`.
constexpr std::uint64_t wholeUnits(std::uint64_t value, std::uint64_t unit) {
  return std::max(value / unit * unit, unit);
}

}  // namespace

void KernelRun::sequentialSteps(std::span<const std::uint32_t> rows, std::uint64_t batchSize,
                                StepRates rates) {
  // Not to the rows at hand: a short batch takes the same kernel whether or not others come with
  // it.
  batchSize = std::min(batchSize, m_);
  const bool small = objective_.outputs == 1 && fitsOneLaunch(sizes_.steps, n_, batchSize);
  const std::uint64_t capacity = wholeUnits(indexesPerWrite, batchSize);
  makeRoom(indexes_, std::min(capacity, rows.size()) * sizeof(std::uint32_t));
  for (std::uint64_t first = 0; first < rows.size(); first += capacity) {
    const auto chunk = rows.subspan(first, std::min(capacity, rows.size() - first));
    queue_.write(*indexes_, 0, std::as_bytes(chunk));
    const StepRates ratesOfChunk = rates.from(first / batchSize);
    if (small) {
      smallBatches(chunk.size(), batchSize, ratesOfChunk);
    } else {
      batches(chunk.size(), batchSize, ratesOfChunk);
    }
  }
}

void KernelRun::batches(std::uint64_t count, std::uint64_t batchSize, StepRates rates) {
  for (std::uint64_t first = 0; first < count; first += batchSize) {
    const std::uint64_t size = std::min(batchSize, count - first);
    batchPass(first, size);
    takeStep(static_cast<double>(size) * meanWeight_, false, rates.at(first / batchSize));
    ++taken_;
  }
}

void KernelRun::batchPass(std::uint64_t first, std::uint64_t count) {
  if (split()) makeStaging(1);
  const std::uint64_t perLaunch = split() ? stagingRows_ : rowsPerLaunch(sizes_, rowBytes());
  expectPartials(std::min(perLaunch, count), !split());
  for (std::uint64_t done = 0; done < count; done += perLaunch) {
    const std::uint64_t size = std::min(perLaunch, count - done);
    const Part from = split() ? gather(first + done, size) : rowsByIndex(first + done, size);
    gradientLaunch(from, !split(), done > 0, *record_.state);
  }
}

void KernelRun::smallBatches(std::uint64_t count, std::uint64_t batchSize, StepRates rates) {
  if (!rates.areEqual()) {
    const auto each = rates.each().first(divideUp(count, batchSize));
    makeRoom(rates_, each.size() * sizeOf(dtype_));
    queue_.write(*rates_, 0, toReals(each, dtype_));
  }
  makeRoom(residuals_, sizes_.steps.batch * sizeOf(dtype_));
  if (split()) makeStaging(batchSize);
  const std::uint64_t work = batchSize * n_ + sizes_.steps.stepWork;
  std::uint64_t perLaunch = wholeUnits(sizes_.steps.chunkWork / work * batchSize, batchSize);
  if (split()) perLaunch = std::min(perLaunch, wholeUnits(stagingRows_, batchSize));
  for (std::uint64_t first = 0; first < count; first += perLaunch) {
    const std::uint64_t size = std::min(perLaunch, count - first);
    const Part from = split() ? gather(first, size) : rowsByIndex(first, size);
    stepsLaunch(from, !split(), batchSize, rates, first / batchSize);
    taken_ += divideUp(size, batchSize);
  }
}

void KernelRun::stepsLaunch(const Part& from, bool byIndex, std::uint64_t batchSize,
                            StepRates rates, std::uint64_t firstRate) {
  ProgramKey program = sizes_.shape == Shape::rows ? ProgramKey{Unit::steps, dtype_, {}}
                                                   : wideSteps(sizes_, dtype_, n_, batchSize);
  program.optimizer = options_.optimizer.code;
  program.weighted = isWeighted();
  const auto launchAs = [&]<typename Real>(Real /*type*/) {
    using Arguments = ArgumentsOf<Real>;
    const typename Arguments::StepsArguments arguments{
        .rows = spanOf<typename Arguments::RowSpan>(from, n_, byIndex),
        .taken = taken_,
        .firstRate = firstRate,
        .options = stepOptions<Arguments>(objective_, rates.at(firstRate), options_.optimizer),
        .weightScale = static_cast<Real>(1 / meanWeight_),
        .batchSize = static_cast<std::uint32_t>(batchSize),
        .stride = static_cast<std::uint32_t>(stride_),
        .fitIntercept = objective_.fitIntercept ? 1 : 0,
        .activation = codeOf(objective_.activation),
        .loss = codeOf(objective_.loss),
        .scheduled = rates.areEqual() ? 0 : 1,
    };
    // Without rates of their own any buffer stands in for them.
    const Buffer* each = rates.areEqual() ? theta_.get() : rates_.get();
    launch(programs_.kernel(program, "steps"), 1,
           {from.X, from.y, from.weights, indexes_.get(), theta_.get(), record_.state.get(),
            residuals_.get(), each},
           bytesOf(arguments),
           (from.rows * n_ + from.rows / batchSize * sizes_.steps.stepWork) * sizeOf(dtype_),
           groupSizeOf(program, sizes_));
  };
  if (dtype_ == Dtype::float32) {
    launchAs(float{});
  } else {
    launchAs(double{});
  }
}

void KernelRun::makeStaging(std::uint64_t least) {
  const std::uint64_t most = std::min(stagingBytes, queue_.limits().allocationBytes) / rowBytes();
  const auto rows = std::max<std::uint64_t>({std::min(most, m_), least, 1});
  if (rows <= stagingRows_) return;
  makeRoom(stagingX_, rows * rowBytes());
  makeRoom(stagingY_, rows * y_.rowBytes());
  if (isWeighted()) makeRoom(stagingWeights_, rows * sizeOf(dtype_));
  stagingRows_ = rows;
}

Part KernelRun::gather(std::uint64_t first, std::uint64_t count) {
  const Kernel& kernel = programs_.kernel(Unit::gather, dtype_, "gather");
  const std::uint64_t most =
      std::uint64_t{queue_.limits().computeUnits} * sizes_.pass.groupsPerUnit;
  // With sparse columns rows are written out, and labels alone are copied.
  if (isSparse()) {
    X_.sparse()->writeOut({.first = first, .count = count, .indexes = indexes_.get()}, *stagingX_);
    pacer_.launched(count * rowBytes());
  }
  for (const Part& part : parts_) {
    GatherArguments arguments{.firstX = part.rowX,
                              .firstY = part.rowY,
                              .firstRow = part.first,
                              .partRows = part.rows,
                              .first = first,
                              .count = count,
                              .n = isSparse() ? 0 : static_cast<std::uint32_t>(n_),
                              .targets = static_cast<std::uint32_t>(y_.columns())};
    launch(kernel, std::min(count, most),
           {isSparse() ? part.y : part.X, part.y, indexes_.get(), stagingX_.get(), stagingY_.get()},
           bytesOf(arguments), count * rowBytes() / parts_.size());
    if (!isWeighted()) continue;
    // Weights are rows of one column; their labels are copied once more.
    arguments.firstX = part.rowWeight;
    arguments.n = 1;
    launch(kernel, std::min(count, most),
           {part.weights, part.y, indexes_.get(), stagingWeights_.get(), stagingY_.get()},
           bytesOf(arguments), count * sizeOf(dtype_));
  }
  const Buffer* weights = isWeighted() ? stagingWeights_.get() : stagingY_.get();
  return {stagingX_.get(), 0, stagingY_.get(), 0, weights, 0, 0, count};
}

Part KernelRun::rowsByIndex(std::uint64_t first, std::uint64_t count) const {
  const Part& whole = parts_.front();
  return {whole.X, first, whole.y, 0, whole.weights, 0, 0, count};
}

}  // namespace thalweg::kernels
