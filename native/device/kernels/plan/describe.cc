#include "describe.h"

#include <algorithm>
#include <string>

#include "pass.h"
#include "tiling.h"

namespace thalweg::kernels {
namespace {

const char* nameOf(Unit unit) {
  switch (unit) {
    case Unit::gradientNarrow: return "gradient_narrow";
    case Unit::gradientSweep: return "gradient_sweep";
    case Unit::gradientSlices: return "gradient_slices";
    case Unit::forward: return "forward";
    case Unit::steps: return "steps";
    default: return "gradient";
  }
}

std::string textOf(const ProgramKey& program) {
  std::string text = nameOf(program.unit);
  const Tiling& tiling = program.tiling;
  const auto add = [&](const char* name, std::uint32_t value) {
    if (value > 0) text += std::string(" ") + name + " " + std::to_string(value);
  };
  add("lanes", tiling.rowLanes);
  add("columns", tiling.columns);
  add("rows", tiling.rows);
  add("side by side", tiling.rowsAtOnce);
  return text + " pack " + std::to_string(tiling.pack);
}

KernelPlan describe(const KernelSizes& sizes, const QueueLimits& limits,
                    const KernelPlanQuestion& question, std::uint64_t n) {
  const Dtype dtype = question.dtype;
  const std::uint64_t rowBytes = n * sizeOf(dtype);
  const GradientShape gradient = gradientShape(sizes, limits, dtype, question.rows, n, false);
  const PassShape forward = passShape(sizes, limits, dtype, question.rows, n);
  KernelPlan plan;
  plan.gradient = textOf(gradient.program);
  plan.forward = textOf(forward.program);
  plan.steps = !fitsOneLaunch(sizes.steps, n, question.batchSize) ? "passes"
               : sizes.shape == Shape::rows
                   ? textOf({Unit::steps, dtype, {}})
                   : textOf(wideSteps(sizes, dtype, n, question.batchSize));
  plan.update =
      stepGroups(sizes, dtype, gradient.groups, n + 1) > 1 ? "several groups" : "one group";
  plan.tileRows = tileRowsOf(sizes, gradient.program);
  plan.groups = gradient.groups;
  plan.launchRows = rowsPerLaunch(sizes, rowBytes);
  plan.allocationRows = std::max<std::uint64_t>(limits.allocationBytes / rowBytes, 1);
  return plan;
}

}  // namespace

std::vector<KernelPlan> describePlans(const KernelSizes& sizes, const QueueLimits& limits,
                                      const KernelPlanQuestion& question) {
  std::vector<KernelPlan> plans;
  for (std::uint64_t n = 1; n <= question.mostColumns; ++n)
    plans.push_back(describe(sizes, limits, question, n));
  return plans;
}

}  // namespace thalweg::kernels
