// The gradient pass: which kernel each part of the matrix is handed to, in which sizes.

#include <algorithm>
#include <array>

#include "kernel_run.h"

namespace thalweg::kernels {
namespace {

const char* kernelName(Unit unit) {
  switch (unit) {
    case Unit::gradientNarrow: return "gradient_narrow";
    case Unit::gradientSweep: return "gradient_sweep";
    case Unit::gradientSlices: return "gradient_slices";
    default: return "gradient";
  }
}

}  // namespace

GradientShape KernelRun::gradientShapeOf(std::uint64_t rows, bool byIndex) const {
  GradientShape shape = gradientShape(sizes_, queue_.limits(), dtype_, rows, n_, byIndex);
  shape.program.weighted = isWeighted();
  return shape;
}

void KernelRun::gradientPass(const Record& record) {
  if (!sparse_) return gradientOfParts(*record.state);
  groups_ = 1;
  losses_ = sparse_->lossPartials();
  sparse_->gradient(launching(), *theta_, *record.state, *lossPartials_, *partials_);
}

KernelRun::Partials KernelRun::gradientOnly(const Launch& launch, const Buffer& state) {
  launch_ = &launch;
  gradientOfParts(state);
  launch_ = nullptr;
  return {*partials_, groups_, stride_};
}

void KernelRun::gradientOfParts(const Buffer& state) {
  expectPartials(launches_.front().rows, false);
  for (const Part& part : launches_)
    gradientLaunch(streamed_.onDevice(part), false, &part != &launches_.front(), state);
}

void KernelRun::expectPartials(std::uint64_t rows, bool byIndex) {
  if (objective_.outputs > 1) {
    const OutputsShape shape = outputsShapeOf(rows);
    groups_ = std::min(shape.partials, mostGroups_);
    losses_ = std::min(shape.groups, mostLosses_);
    return;
  }
  groups_ = std::min(gradientShapeOf(rows, byIndex).groups, mostGroups_);
  losses_ = groups_;
}

void KernelRun::gradientLaunch(const Part& part, bool byIndex, bool accumulate,
                               const Buffer& state) {
  if (objective_.outputs > 1) {
    outputsGradientLaunch(part, byIndex, accumulate, state);
    return;
  }
  const GradientShape shape = gradientShapeOf(part.rows, byIndex);
  if (shape.program.unit == Unit::gradientSlices) {
    slicesPass(shape, part, byIndex, accumulate, state);
    return;
  }
  const Kernel& kernel = programs_.kernel(shape.program, kernelName(shape.program.unit));
  // Without indexes any buffer stands in for them.
  const Buffer* indexes = byIndex ? indexes_.get() : &state;
  launch(kernel, std::min(shape.groups, groups_),
         {part.X, part.y, part.weights, indexes, theta_.get(), &state, partials_.get(),
          lossPartials_.get()},
         bytesOf(passArguments(part, byIndex, accumulate)), part.rows * rowBytes(),
         groupSizeOf(shape.program, sizes_));
}

void KernelRun::slicesPass(const GradientShape& shape, const Part& part, bool byIndex,
                           bool accumulate, const Buffer& state) {
  const std::uint64_t dots = shape.rows * shape.slices;
  makeRoom(dots_, 2 * dots * sizeOf(dtype_));
  // Without indexes any buffer stands in for them.
  const Buffer* indexes = byIndex ? indexes_.get() : &state;
  const auto stretch = [&](std::uint64_t first) {
    return rowsOf(part, first, std::min(shape.rows, part.rows - first));
  };
  const auto argumentsOf = [&](const Part& rows, bool more) {
    PassArguments arguments = passArguments(rows, byIndex, more);
    arguments.slices = static_cast<std::uint32_t>(shape.slices);
    arguments.sliceColumns = static_cast<std::uint32_t>(shape.sliceColumns);
    return arguments;
  };
  const Part first = stretch(0);
  launch(programs_.kernel(shape.program, "gradient_slice_dots"), shape.dotGroups * shape.slices,
         {first.X, indexes, theta_.get(), &state, dots_.get()},
         bytesOf(argumentsOf(first, accumulate)), first.rows * rowBytes());
  const std::uint64_t groups = std::min(shape.groups, groups_);
  for (std::uint64_t at = 0; at < part.rows; at += shape.rows) {
    const Part now = stretch(at);
    const bool odd = at / shape.rows % 2 == 1;
    SlicesArguments arguments{};
    arguments.pass = argumentsOf(now, accumulate || at > 0);
    (odd ? arguments.firstDots : arguments.nextDots) = dots;
    std::uint64_t nextRows = 0;
    if (at + shape.rows < part.rows) {
      const Part next = stretch(at + shape.rows);
      nextRows = next.rows;
      arguments.next = spanOf(next, n_, byIndex);
      arguments.dotGroups = static_cast<std::uint32_t>(shape.dotGroups);
    }
    launch(programs_.kernel(shape.program, kernelName(shape.program.unit)),
           (groups + arguments.dotGroups) * shape.slices,
           {now.X, now.y, now.weights, indexes, theta_.get(), &state, dots_.get(), partials_.get(),
            lossPartials_.get()},
           bytesOf(arguments), (now.rows + nextRows) * rowBytes());
  }
}

}  // namespace thalweg::kernels
