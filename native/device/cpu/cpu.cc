#include "cpu.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "../../error.h"
#include "../host_memory.h"
#include "gram_sums.h"
#include "held_order.h"
#include "levels.h"
#include "matrix.h"
#include "pieces.h"
#include "read_words.h"
#include "rounded.h"
#include "run.h"
#include "thread_pool.h"

namespace thalweg::cpu {
namespace {

/// The value of the first line of /proc/cpuinfo with this key; empty where there is none.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const auto colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

std::string vendorName() {
  const std::string id = cpuinfo("vendor_id");
  if (id == "AuthenticAMD") return "AMD";
  if (id == "GenuineIntel") return "Intel";
  return id.empty() ? "unknown" : id;
}

class CpuDevice final : public Device {
 public:
  explicit CpuDevice(const Settings& settings)
      : info_(describe(settings)),
        level_(selectLevel(settings.level)),
        pool_(info_.computeUnits, usableProcessors()) {}

  [[nodiscard]] const DeviceInfo& info() const noexcept override { return info_; }

  [[nodiscard]] bool hasRoomFor(std::uint64_t bytes) const override {
    return bytes <= mostOf(availableHostBytes());
  }

  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                     Dtype dtype, const Placing& placing) override {
    if (placing.residency == Residency::disk)
      return std::make_unique<SpooledMatrix>(rows, columns, dtype, placing);
    return std::make_unique<CpuMatrix>(rows, columns, dtype);
  }
  void forEach(std::size_t count, const std::function<void(std::size_t)>& work) override {
    pool_.forEach(count, [&](std::size_t block, std::size_t) { work(block); });
  }
  [[nodiscard]] bool holdsSparseColumns() const noexcept override { return true; }
  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, const Layout& layout,
                                                     Dtype dtype) override {
    return std::make_unique<CpuMatrix>(rows, layout, dtype);
  }
  [[nodiscard]] std::unique_ptr<Matrix> sparseTimesPowerOfTwo(const Matrix& X,
                                                              int exponent) override {
    return X.isSparse() ? asCpu(X).timesPowerOfTwo(exponent) : nullptr;
  }

  [[nodiscard]] std::unique_ptr<Run> begin(const Problem& problem, const RunOptions& options,
                                           const CancelFlag& cancelled) override {
    if (problem.X.dtype() == Dtype::float32) {
      return std::make_unique<CpuRun<float>>(pool_, level_, problem, options, cancelled);
    }
    return std::make_unique<CpuRun<double>>(pool_, level_, problem, options, cancelled);
  }

  void predict(const Matrix& X, std::span<const double> theta, std::span<const double> intercepts,
               Activation activation, std::span<double> outputs,
               const CancelFlag& cancelled) override {
    if (X.dtype() == Dtype::float32)
      return predictAs<float>(X, theta, intercepts, activation, outputs, cancelled);
    predictAs<double>(X, theta, intercepts, activation, outputs, cancelled);
  }

  [[nodiscard]] std::vector<double> gram(const Problem& problem,
                                         const CancelFlag& cancelled) override {
    return problem.X.dtype() == Dtype::float32
               ? gramSums<float>(pool_, level_, problem, cancelled)
               : gramSums<double>(pool_, level_, problem, cancelled);
  }

  [[nodiscard]] std::uint32_t readWords(const Matrix& X, std::uint64_t times,
                                        const CancelFlag& cancelled) override {
    return cpu::readWords(pool_, X, times, cancelled);
  }

 private:
  template <typename T>
  void predictAs(const Matrix& X, std::span<const double> theta, std::span<const double> intercepts,
                 Activation activation, std::span<double> outputs, const CancelFlag& cancelled);

  DeviceInfo info_;
  const Level& level_;
  ThreadPool pool_;
};

template <typename T>
void CpuDevice::predictAs(const Matrix& X, std::span<const double> theta,
                          std::span<const double> intercepts, Activation activation,
                          std::span<double> outputs, const CancelFlag& cancelled) {
  const std::size_t count = intercepts.size();
  RoundedParameters<T> rounded(X, count);
  rounded.set(heldWeights(X.layout(), theta, count), intercepts);
  const Parameters<T> at = rounded.at();
  const Blocks blocks(X.rows(), X.columns(), sizeof(T));
  std::vector<Padded<T>> scratch(pool_.threads(), Padded<T>(tileScratchSize(count, X.isSparse())));
  overPieces<T>(pool_, Operands<T>(X), PieceOrder(blocks), cancelled,
                [&](const Rows<T>& rows, const Piece& piece, std::size_t thread) {
                  kernelsOf<T>(level_).outputs(rows, at, activation, count, scratch[thread].data(),
                                               outputs.data() + piece.first * count);
                });
}

}  // namespace

DeviceInfo describe(const Settings& settings) {
  const std::string model = cpuinfo("model name");
  return {.id = "cpu",
          .backend = "cpu",
          .name = model.empty() ? "CPU" : model,
          .type = DeviceType::cpu,
          .vendor = vendorName(),
          .driver = selectLevel(settings.level).name,
          .isa = std::nullopt,
          .computeUnits = static_cast<std::uint32_t>(settings.threads > 0 ? settings.threads
                                                                          : usableProcessors()),
          .memoryBytes = totalHostBytes(),
          .float64 = true};
}

std::unique_ptr<Device> open(const Settings& settings) {
  return std::make_unique<CpuDevice>(settings);
}

}  // namespace thalweg::cpu
