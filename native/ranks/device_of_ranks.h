#pragma once

#include <functional>

#include "../device/device.h"

namespace thalweg {

/// The device of one rank, whose runs and gram matrices are over the rows of all ranks; matrices
/// and predictions are of this rank alone.
class DeviceOfRanks final : public Device {
 public:
  /// Both outlive it.
  DeviceOfRanks(Device& here, Ranks& ranks) : here_(here), ranks_(ranks) {}

  [[nodiscard]] const DeviceInfo& info() const noexcept override { return here_.info(); }
  [[nodiscard]] Ranks* ranks() noexcept override { return &ranks_; }
  [[nodiscard]] Device& ofThisRank() noexcept override { return here_; }

  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                     Dtype dtype, const Placing& placing) override {
    return here_.createMatrix(rows, columns, dtype, placing);
  }
  [[nodiscard]] bool hasRoomFor(std::uint64_t bytes) const override {
    return here_.hasRoomFor(bytes);
  }
  void forEach(std::size_t count, const std::function<void(std::size_t)>& work) override {
    here_.forEach(count, work);
  }
  [[nodiscard]] bool holdsSparseColumns() const noexcept override {
    return here_.holdsSparseColumns();
  }
  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, const Layout& layout,
                                                     Dtype dtype) override {
    return here_.createMatrix(rows, layout, dtype);
  }
  [[nodiscard]] std::uint64_t sparseBytes(std::uint64_t rows, const Layout& layout,
                                          Dtype dtype) const override {
    return here_.sparseBytes(rows, layout, dtype);
  }
  [[nodiscard]] std::unique_ptr<Matrix> sparseTimesPowerOfTwo(const Matrix& X,
                                                              int exponent) override {
    return here_.sparseTimesPowerOfTwo(X, exponent);
  }
  [[nodiscard]] std::unique_ptr<Run> begin(const Problem& problem, const RunOptions& options,
                                           const CancelFlag& cancelled) override;
  void predict(const Matrix& X, std::span<const double> theta, std::span<const double> intercepts,
               Activation activation, std::span<double> outputs,
               const CancelFlag& cancelled) override {
    here_.predict(X, theta, intercepts, activation, outputs, cancelled);
  }
  [[nodiscard]] std::vector<double> gram(const Problem& problem,
                                         const CancelFlag& cancelled) override;
  [[nodiscard]] std::uint32_t readWords(const Matrix& X, std::uint64_t times,
                                        const CancelFlag& cancelled) override {
    return here_.readWords(X, times, cancelled);
  }

 private:
  Device& here_;
  Ranks& ranks_;
};

}  // namespace thalweg
