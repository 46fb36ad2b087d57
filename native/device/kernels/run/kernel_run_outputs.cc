// Passes over rows with several outputs: kernels/outputs.*.cl and gradient.outputs.wide.cl.

#include <algorithm>

#include "kernel_run.h"

namespace thalweg::kernels {

OutputsShape KernelRun::outputsShapeOf(std::uint64_t rows) const {
  OutputsShape shape = outputsGradient(sizes_, queue_.limits(), outputsProblem(), rows);
  shape.program.weighted = isWeighted();
  return shape;
}

void KernelRun::outputsGradientLaunch(const Part& part, bool byIndex, bool accumulate,
                                      const Buffer& state) {
  const OutputsShape shape = outputsShapeOf(part.rows);
  makeRoom(scratch_, shape.scratchReals * sizeOf(dtype_));
  if (shape.isStretched) {
    outputsStretches(shape, part, byIndex, accumulate, state);
    return;
  }
  // Without indexes any buffer stands in for them.
  const Buffer* indexes = byIndex ? indexes_.get() : &state;
  launch(programs_.kernel(shape.program, "gradient_outputs"), std::min(shape.groups, losses_),
         {part.X, part.y, part.weights, indexes, theta_.get(), &state, scratch_.get(),
          partials_.get(), lossPartials_.get()},
         bytesOf(passArguments(part, byIndex, accumulate)), part.rows * rowBytes());
}

void KernelRun::outputsStretches(const OutputsShape& shape, const Part& part, bool byIndex,
                                 bool accumulate, const Buffer& state) {
  const Buffer* indexes = byIndex ? indexes_.get() : &state;
  for (std::uint64_t at = 0; at < part.rows; at += shape.rows) {
    const Part rows = rowsOf(part, at, std::min(shape.rows, part.rows - at));
    const PassArguments arguments = passArguments(rows, byIndex, accumulate || at > 0);
    launch(programs_.kernel(shape.program, "residuals_outputs"), std::min(shape.groups, losses_),
           {rows.X, rows.y, rows.weights, indexes, theta_.get(), &state, scratch_.get(),
            lossPartials_.get()},
           bytesOf(arguments), rows.rows * rowBytes());
    launch(programs_.kernel(shape.program, "slopes_outputs"),
           std::min(shape.partials, groups_) * shape.blocks,
           {rows.X, indexes, &state, scratch_.get(), partials_.get()}, bytesOf(arguments),
           rows.rows * rowBytes());
  }
}

void KernelRun::outputsLossPass() {
  const auto shapeOf = [this](std::uint64_t rows) {
    return outputsForward(sizes_, queue_.limits(), outputsProblem(), rows);
  };
  losses_ = shapeOf(launches_.front().rows).groups;
  for (const Part& each : launches_) {
    const Part part = streamed_.onDevice(each);
    OutputsShape shape = shapeOf(part.rows);
    shape.program.weighted = isWeighted();
    makeRoom(scratch_, shape.scratchReals * sizeOf(dtype_));
    launch(programs_.kernel(shape.program, "loss_outputs"), std::min(shape.groups, losses_),
           {part.X, part.y, part.weights, theta_.get(), record_.state.get(), scratch_.get(),
            lossPartials_.get()},
           bytesOf(passArguments(part, false, &each != &launches_.front())),
           part.rows * rowBytes());
  }
}

}  // namespace thalweg::kernels
