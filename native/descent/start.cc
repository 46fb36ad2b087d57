#include "start.h"

#include <cmath>
#include <string>

#include "../device/host_memory.h"
#include "../error.h"
#include "targets.h"

namespace thalweg {
namespace {

/// One more than the largest label.
std::size_t countClasses(Device& device, const Matrix& y, const Objective& objective) {
  checkTargets(objective, y);
  const double largest = largestOver(device, y.targetSummary().largest);
  if (largest < 1) {
    throw Error(ErrorCode::invalidArgument,
                "y has no label but 0, and softmax tells 2 classes or more apart: give classes",
                {.option = "y"});
  }
  // Labels of float64 reach where no count does; there is no memory long before.
  return static_cast<std::size_t>(std::fmin(largest, 0x1p60)) + 1;
}

void fillUp(std::vector<double>& values, std::size_t count, const std::string& option,
            const std::string& places) {
  if (values.empty()) values.resize(count);
  if (values.size() == count) return;
  throw Error(ErrorCode::shape,
              option + " has " + std::to_string(values.size()) + " values, and needs " +
                  std::to_string(count) + ", one " + places,
              {.option = option});
}

/// How many numbers a weight takes at least: those of weights, gradients and moments, and of the
/// sums of some blocks of rows where outputs make them many.
std::uint64_t vectorsOf(std::size_t outputs) noexcept { return outputs > 1 ? 32 : 6; }

}  // namespace

DescentOptions completed(DescentOptions options, const Data& data, Device& device,
                         const StartNames& names) {
  const auto& [X, y, weights] = data;
  Objective& objective = options.objective;
  const bool ofRows = objective.activation == Activation::softmax;
  if (ofRows && objective.outputs == 0) objective.outputs = countClasses(device, y, objective);
  const std::size_t outputs = objective.outputs;
  if (y.rows() != X.rows() || y.dtype() != X.dtype() || y.columns() != (ofRows ? 1 : outputs))
    throw Error(ErrorCode::shape, "y needs a row for each row of X, and a value for each output",
                {.option = "y"});
  if (weights != nullptr &&
      (weights->rows() != X.rows() || weights->columns() != 1 || weights->dtype() != X.dtype()))
    throw Error(ErrorCode::shape, "weights need a value for each row of X",
                {.option = "sampleWeight"});
  checkHostMemory(matrixBytes(outputs, (X.columns() + 1) * vectorsOf(outputs), Dtype::float64),
                  device.info().id, "fewer columns or outputs");
  fillUp(options.theta, X.columns() * outputs, names.theta, "a column of X and output");
  fillUp(options.intercepts, outputs, names.intercept, "an output");
  return options;
}

}  // namespace thalweg
