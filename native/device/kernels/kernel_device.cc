#include "kernel_device.h"

#include <algorithm>

#include "../../counts.h"
#include "../../error.h"
#include "../weight_order.h"
#include "matrix.h"
#include "plan/describe.h"
#include "plan/outputs.h"
#include "plan/pass.h"
#include "plan/tunable.h"
#include "run/forward.h"
#include "run/kernel_run.h"
#include "run/read_words.h"
#include "run/sparse_forward.h"
#include "run/values.h"
#include "streamed_rows.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t gramPartialsBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t gramProducts = std::uint64_t{1} << 27;  // a launch: a few milliseconds
constexpr std::uint64_t gramSlabRows = 256;

}  // namespace

KernelDevice::KernelDevice(DeviceInfo info, std::unique_ptr<KernelQueue> queue, Shape shape,
                           std::span<const Setting> measured)
    : info_(std::move(info)),
      queue_(std::move(queue)),
      shape_(shape),
      sizes_(sizesFor(classOf(info_), shape, queue_->limits(), measured)),
      programs_(*queue_, sizes_) {}

std::vector<Setting> KernelDevice::settings() const { return settingsOf(sizes_); }

void KernelDevice::configure(std::span<const Setting> settings) {
  sizes_ = sizesFor(classOf(info_), shape_, queue_->limits(), settings);
  programs_.sizesChanged();
}

std::vector<KernelPlan> KernelDevice::plans(const KernelPlanQuestion& question) const {
  return describePlans(sizes_, queue_->limits(), question);
}

bool KernelDevice::hasRoomFor(std::uint64_t bytes) const {
  try {
    queue_->expectRoom(bytes + bytes / 8);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void KernelDevice::requireDtype(Dtype dtype) const {
  if (dtype == Dtype::float64 && !queue_->limits().float64) {
    throw Error(
        ErrorCode::dtypeUnsupported,
        info_.name + " (" + info_.id + ") does not compute in float64; pass dtype: 'float32'.",
        {.option = "dtype", .device = info_.id});
  }
}

std::unique_ptr<Matrix> KernelDevice::createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                   Dtype dtype, const Placing& placing) {
  requireDtype(dtype);
  return std::make_unique<KernelMatrix>(*queue_, rows, columns, dtype, placing);
}

std::unique_ptr<Matrix> KernelDevice::createMatrix(std::uint64_t rows, const Layout& layout,
                                                   Dtype dtype) {
  requireDtype(dtype);
  if (!SparsePart::fits(queue_->limits(), rows, layout, dtype)) return nullptr;
  return std::make_unique<KernelMatrix>(*queue_, programs_, sizes_, rows, layout, dtype);
}

std::uint64_t KernelDevice::sparseBytes(std::uint64_t rows, const Layout& layout,
                                        Dtype dtype) const {
  return SparsePart::bytesOf(rows, layout, dtype);
}

std::unique_ptr<Matrix> KernelDevice::sparseTimesPowerOfTwo(const Matrix& X, int exponent) {
  const auto& matrix = static_cast<const KernelMatrix&>(X);
  return matrix.sparse() == nullptr ? nullptr : std::make_unique<KernelMatrix>(matrix, exponent);
}

std::unique_ptr<Run> KernelDevice::begin(const Problem& problem, const RunOptions& options,
                                         const CancelFlag& cancelled) {
  requireCountable(problem.X.columns(), problem.objective.outputs);
  return std::make_unique<KernelRun>(*queue_, programs_, sizes_, problem, options, cancelled);
}

void KernelDevice::predict(const Matrix& X, std::span<const double> theta,
                           std::span<const double> intercepts, Activation activation,
                           std::span<double> outputs, const CancelFlag& cancelled) {
  const std::uint64_t outputCount = intercepts.size();
  const auto& matrix = static_cast<const KernelMatrix&>(X);
  const Dtype dtype = X.dtype();
  const std::uint64_t n = X.columns();
  const OutputsProblem problem{dtype, n, outputCount, activation == Activation::softmax};
  requireCountable(n, outputCount);
  std::vector<double> values = byOutput(theta, outputCount);
  values.insert(values.end(), intercepts.begin(), intercepts.end());
  const auto weights = queue_->allocate(values.size() * sizeOf(dtype));
  queue_->write(*weights, 0, toReals(values, dtype));

  const std::uint64_t room = queue_->limits().allocationBytes / (outputCount * sizeOf(dtype));
  const std::vector<Part> launches =
      partsOf(matrix, matrix, nullptr,
              std::min(rowsTogether(matrix, rowsPerLaunch(sizes_, X.rowBytes())),
                       std::max<std::uint64_t>(room, 1)));
  std::uint64_t most = 0;
  for (const Part& part : launches) most = std::max(most, part.rows);
  const auto results = queue_->allocate(most * outputCount * sizeOf(dtype));
  const Launch launch = [this](const Kernel& kernel, std::uint64_t groups,
                               std::initializer_list<const Buffer*> buffers,
                               std::span<const std::byte> arguments, std::uint64_t, std::uint32_t) {
    queue_->launch(kernel, groups, sizes_.pass.groupSize, buffers, arguments);
  };
  std::optional<SparseForward> sparse;
  if (matrix.sparse() != nullptr && SparseForward::fits(queue_->limits(), matrix, outputCount)) {
    sparse.emplace(*queue_, programs_, sizes_, matrix,
                   sparseProgram(dtype, outputCount, problem.softmax), outputCount);
    sparse->takeWeights(launch, *weights);
  }
  Forward forward(*queue_, programs_, sizes_, problem, activation);
  StreamedRows streamed(*queue_, matrix, most);
  std::vector<std::byte> bytes;
  for (const Part& part : launches) {
    if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
    if (sparse) {
      sparse->denseDots(launch, part.first, part.rows, *results, 0);
      sparse->predict(launch, *weights, activation, part.first, part.rows, *results);
    } else {
      // There is an output for each row of the launch, and no label.
      Part rows = streamed.onDevice(part);
      rows.rowY = 0;
      forward.enqueue(launch, rows, *weights, *results);
    }
    bytes.resize(part.rows * outputCount * sizeOf(dtype));
    queue_->read(*results, 0, bytes);
    fromReals(bytes, dtype, outputs.subspan(part.first * outputCount, part.rows * outputCount));
  }
}

std::vector<double> KernelDevice::gram(const Problem& problem, const CancelFlag& cancelled) {
  const auto& X = static_cast<const KernelMatrix&>(problem.X);
  const auto& y = static_cast<const KernelMatrix&>(problem.y);
  const KernelMatrix* weights = weightsOf(problem);
  const Dtype dtype = X.dtype();
  const std::uint64_t n = X.columns();
  const std::uint64_t targets = y.columns();
  const std::uint64_t order = n + 1 + targets;
  const std::uint64_t side = divideUp(order, sizes_.gram.tile);
  const std::uint64_t rowsPerLaunch =
      rowsTogether(X, std::max<std::uint64_t>(gramProducts / (order * order), 1));
  const std::uint64_t slabs = std::clamp<std::uint64_t>(
      std::min({divideUp(std::min(X.rows(), rowsPerLaunch), gramSlabRows),
                divideUp(std::uint64_t{queue_->limits().computeUnits} * sizes_.pass.groupsPerUnit *
                             sizes_.gram.groupSize,
                         side * side),
                std::min(gramPartialsBytes, queue_->limits().allocationBytes) /
                    (order * order * sumBytes)}),
      1, X.rows());
  const auto partials = queue_->allocate(slabs * order * order * sumBytes);
  Pacer pacer(*queue_, cancelled);
  GramArguments arguments{.rows = {},
                          .targets = static_cast<std::uint32_t>(targets),
                          .slabs = static_cast<std::uint32_t>(slabs),
                          .accumulate = 0};
  const ProgramKey program{.unit = Unit::gram, .dtype = dtype, .weighted = weights != nullptr};
  StreamedRows streamed(*queue_, X, rowsPerLaunch);
  for (const Part& each : partsOf(X, y, weights, rowsPerLaunch)) {
    const Part part = streamed.onDevice(each);
    arguments.rows = spanOf(part, n);
    queue_->launch(programs_.kernel(program, "gram"),
                   divideUp(slabs * side * side, sizes_.gram.groupSize), sizes_.gram.groupSize,
                   {part.X, part.y, part.weights, partials.get()}, bytesOf(arguments));
    arguments.accumulate = 1;
    pacer.launched(part.rows * order * order);
  }
  const auto result = queue_->allocate(order * order * sumBytes);
  queue_->launch(programs_.kernel(program, "gram_sum"),
                 std::min(divideUp(order * order, sizes_.gram.groupSize), std::uint64_t{1024}),
                 sizes_.gram.groupSize, {partials.get(), result.get()}, bytesOf(arguments));
  std::vector<std::byte> bytes(order * order * sumBytes);
  queue_->read(*result, 0, bytes);
  std::vector<double> values(order * order);
  fromSums(bytes, queue_->limits().float64, values);
  return values;
}

std::uint32_t KernelDevice::readWords(const Matrix& X, std::uint64_t times,
                                      const CancelFlag& cancelled) {
  // Of sparse columns nothing.
  const auto* matrix = static_cast<const KernelMatrix*>(&X);
  if (matrix->sparse() != nullptr) matrix = matrix->sparse()->dense();
  if (matrix == nullptr) return 0;
  return kernels::readWords(*queue_, programs_, sizes_, *matrix, times, cancelled);
}

}  // namespace thalweg::kernels
