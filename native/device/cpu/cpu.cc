#include "cpu.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "../../error.h"
#include "../host_memory.h"
#include "levels.h"
#include "matrix.h"
#include "read_words.h"
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

  [[nodiscard]] std::unique_ptr<Matrix> createMatrix(std::uint64_t rows, std::uint64_t columns,
                                                     Dtype dtype) override {
    return std::make_unique<CpuMatrix>(rows, columns, dtype);
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
    return problem.X.dtype() == Dtype::float32 ? gramAs<float>(problem, cancelled)
                                               : gramAs<double>(problem, cancelled);
  }

  [[nodiscard]] std::uint32_t readWords(const Matrix& X, std::uint64_t times,
                                        const CancelFlag& cancelled) override {
    return cpu::readWords(pool_, static_cast<const CpuMatrix&>(X), times, cancelled);
  }

 private:
  template <typename T>
  void predictAs(const Matrix& X, std::span<const double> theta, std::span<const double> intercepts,
                 Activation activation, std::span<double> outputs, const CancelFlag& cancelled);
  template <typename T>
  std::vector<double> gramAs(const Problem& problem, const CancelFlag& cancelled);

  DeviceInfo info_;
  const Level& level_;
  ThreadPool pool_;
};

template <typename T>
void CpuDevice::predictAs(const Matrix& X, std::span<const double> theta,
                          std::span<const double> intercepts, Activation activation,
                          std::span<double> outputs, const CancelFlag& cancelled) {
  const std::size_t count = intercepts.size();
  const std::size_t stride = count > 1 ? outputStride<T>(X.columns()) : paddedSize<T>(X.columns());
  Padded<T> rounded(stride * count, T{0});
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t j = 0; j < X.columns(); ++j)
      rounded[k * stride + j] = static_cast<T>(theta[j * count + k]);
  }
  const std::vector<T> b(intercepts.begin(), intercepts.end());
  const Parameters<T> at{rounded.data(), b.front(), b.data(), stride};
  const T* data = static_cast<const CpuMatrix&>(X).values<T>();
  const Blocks blocks(X.rows(), X.columns(), sizeof(T));
  std::vector<Padded<T>> scratch(pool_.threads(), Padded<T>(tileScratchSize(count)));
  pool_.forEach(blocks.count(), [&](std::size_t block, std::size_t thread) {
    if (cancelled.load(std::memory_order_relaxed)) return;
    const Rows<T> rows{
        data, nullptr, X.columns(), nullptr, blocks.first(block), blocks.rowsIn(block), 0};
    kernelsOf<T>(level_).outputs(rows, at, activation, count, scratch[thread].data(),
                                 outputs.data() + blocks.first(block) * count);
  });
  if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
}

/// Blocks are joined in groups of a fixed count, each with an AᵀA of its own: one a block would be
/// too many.
template <typename T>
std::vector<double> CpuDevice::gramAs(const Problem& problem, const CancelFlag& cancelled) {
  constexpr std::size_t groups = 8;
  const Matrix& X = problem.X;
  const std::size_t outputs = problem.y.columns();
  const std::size_t width = X.columns() + 1 + outputs;
  const std::size_t stride = gramStride(X.columns(), outputs);
  const Blocks blocks(X.rows(), X.columns(), sizeof(T));
  const T* data = static_cast<const CpuMatrix&>(X).values<T>();
  const T* targets = static_cast<const CpuMatrix&>(problem.y).values<T>();
  const T* weights = weightsOf<T>(problem);
  const std::size_t count = std::min(groups, blocks.count());
  checkHostMemory(matrixBytes(stride, stride * count, Dtype::float64), info_.id);
  std::vector<std::vector<double>> grams(count);
  for (auto& gram : grams) gram.resize(gramRows(X.columns(), outputs) * stride);
  std::vector<std::vector<double>> scratch(pool_.threads(),
                                           std::vector<double>(2 * gramTileRows * stride));
  pool_.forEach(grams.size(), [&](std::size_t group, std::size_t thread) {
    for (std::size_t block = group; block < blocks.count(); block += groups) {
      if (cancelled.load(std::memory_order_relaxed)) return;
      const Rows<T> rows{
          data, targets, X.columns(), nullptr, blocks.first(block), blocks.rowsIn(block),
          0,    weights};
      kernelsOf<T>(level_).gram(rows, outputs, stride, scratch[thread].data(), grams[group].data());
    }
  });
  if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
  std::vector<double> total(width * width);
  for (std::size_t p = 0; p < width; ++p) {
    for (std::size_t q = p; q < width; ++q) {
      double sum = 0;
      for (const auto& gram : grams) sum += gram[p * stride + q];
      total[p * width + q] = sum;
      total[q * width + p] = sum;
    }
  }
  return total;
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
