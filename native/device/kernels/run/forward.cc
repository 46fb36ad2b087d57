#include "forward.h"

#include "../arguments.h"

namespace thalweg::kernels {

void Forward::enqueue(const Launch& launch, const Part& part, const Buffer& weights,
                      const Buffer& results) {
  const auto columns = static_cast<std::uint32_t>(problem_.columns);
  const PassArguments arguments{.rows = spanOf(part, columns),
                                .activation = codeOf(activation_),
                                .loss = 0,
                                .accumulate = 0,
                                .stride = 0,
                                .slices = 1,
                                .sliceColumns = columns,
                                .outputs = static_cast<std::uint32_t>(problem_.outputs)};
  const std::uint64_t bytes = part.rows * problem_.columns * sizeOf(problem_.dtype);
  if (problem_.outputs == 1) {
    const PassShape shape =
        passShape(sizes_, queue_.limits(), problem_.dtype, part.rows, problem_.columns);
    launch(programs_.kernel(shape.program, "predict"), shape.groups, {part.X, &weights, &results},
           bytesOf(arguments), bytes, 0);
    return;
  }
  const OutputsShape shape = outputsForward(sizes_, queue_.limits(), problem_, part.rows);
  const std::uint64_t scratchBytes = shape.scratchReals * sizeOf(problem_.dtype);
  if (!scratch_ || scratch_->bytes() < scratchBytes) scratch_ = queue_.allocate(scratchBytes);
  launch(programs_.kernel(shape.program, "predict_outputs"), shape.groups,
         {part.X, &weights, scratch_.get(), &results}, bytesOf(arguments), bytes, 0);
}

}  // namespace thalweg::kernels
