// The gradient pass: which kernel each part of the matrix is handed to, in which sizes.

#include <algorithm>
#include <array>

#include "kernel_run.h"

namespace thalweg::kernels {
namespace {

/// Rows first … first + rows − 1 of a part.
Part rowsOf(const Part& part, std::uint64_t first, std::uint64_t rows) {
  return {part.X, part.rowX + first, part.y, part.rowY + first, part.first + first, rows};
}

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
  return gradientShape(sizes_, queue_.limits(), dtype_, rows, n_, byIndex);
}

void KernelRun::gradientPass(const Record& record) {
  groups_ = gradientShapeOf(launches_.front().rows, false).groups;
  for (const Part& part : launches_)
    gradientLaunch(part, false, &part != &launches_.front(), record);
}

void KernelRun::gradientLaunch(const Part& part, bool byIndex, bool accumulate,
                               const Record& record) {
  const GradientShape shape = gradientShapeOf(part.rows, byIndex);
  if (shape.program.unit == Unit::gradientSlices) {
    for (std::uint64_t first = 0; first < part.rows; first += shape.rows) {
      slicesLaunch(shape, rowsOf(part, first, std::min(shape.rows, part.rows - first)), byIndex,
                   accumulate || first > 0, record);
    }
    return;
  }
  const Kernel& kernel = programs_.kernel(shape.program, kernelName(shape.program.unit));
  // Without indexes any buffer stands in for them.
  const Buffer* indexes = byIndex ? indexes_.get() : record.state.get();
  launch(kernel, std::min(shape.groups, groups_),
         {part.X, part.y, indexes, theta_.get(), record.state.get(), partials_.get(),
          lossPartials_.get()},
         bytesOf(passArguments(part, byIndex, accumulate)), part.rows * X_.rowBytes());
}

void KernelRun::slicesLaunch(const GradientShape& shape, const Part& part, bool byIndex,
                             bool accumulate, const Record& record) {
  makeRoom(dots_, shape.rows * shape.slices * sizeOf(dtype_));
  const Buffer* indexes = byIndex ? indexes_.get() : record.state.get();
  PassArguments arguments = passArguments(part, byIndex, accumulate);
  arguments.slices = static_cast<std::uint32_t>(shape.slices);
  arguments.sliceColumns = static_cast<std::uint32_t>(shape.sliceColumns);
  const std::uint64_t bytes = part.rows * X_.rowBytes();
  launch(programs_.kernel(shape.program, "gradient_slice_dots"), shape.dotGroups * shape.slices,
         {part.X, indexes, theta_.get(), record.state.get(), dots_.get()}, bytesOf(arguments),
         bytes);
  launch(programs_.kernel(shape.program, kernelName(shape.program.unit)),
         std::min(shape.groups, groups_) * shape.slices,
         {part.X, part.y, indexes, theta_.get(), record.state.get(), dots_.get(), partials_.get(),
          lossPartials_.get()},
         bytesOf(arguments), bytes);
}

}  // namespace thalweg::kernels
