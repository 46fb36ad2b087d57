#pragma once

#include <memory>

#include "../device.h"
#include "plan/sizes.h"
#include "programs.h"
#include "queue.h"

namespace thalweg::kernels {

/// A device that computes with the kernels of kernels/ through a queue: what OpenCL and HIP devices
/// are.
class KernelDevice final : public Device {
 public:
  /// `measured`: see tunable.h.
  KernelDevice(DeviceInfo info, std::unique_ptr<KernelQueue> queue, Shape shape,
               std::span<const Setting> measured);

  [[nodiscard]] const DeviceInfo& info() const noexcept override { return info_; }
  [[nodiscard]] std::vector<Setting> settings() const override;
  void configure(std::span<const Setting> settings) override;
  [[nodiscard]] std::vector<KernelPlan> plans(const KernelPlanQuestion& question) const override;
  [[nodiscard]] bool recordsSteps() const noexcept override { return queue_->records(); }
  [[nodiscard]] bool hasRoomFor(std::uint64_t bytes) const override;
  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                     Dtype dtype, const Placing& placing) override;
  [[nodiscard]] bool holdsSparseColumns() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, const Layout& layout,
                                                     Dtype dtype) override;
  [[nodiscard]] std::uint64_t sparseBytes(std::uint64_t rows, const Layout& layout,
                                          Dtype dtype) const override;
  [[nodiscard]] std::unique_ptr<Matrix> sparseTimesPowerOfTwo(const Matrix& X,
                                                              int exponent) override;
  [[nodiscard]] std::unique_ptr<Run> begin(const Problem& problem, const RunOptions& options,
                                           const CancelFlag& cancelled) override;
  void predict(const Matrix& X, std::span<const double> theta, std::span<const double> intercepts,
               Activation activation, std::span<double> outputs,
               const CancelFlag& cancelled) override;
  [[nodiscard]] std::vector<double> gram(const Problem& problem,
                                         const CancelFlag& cancelled) override;
  [[nodiscard]] std::uint32_t readWords(const Matrix& X, std::uint64_t times,
                                        const CancelFlag& cancelled) override;

 private:
  void requireDtype(Dtype dtype) const;

  DeviceInfo info_;
  // The programs and what runs hold go before the queue.
  std::unique_ptr<KernelQueue> queue_;
  Shape shape_;
  KernelSizes sizes_;
  Programs programs_;
};

}  // namespace thalweg::kernels
