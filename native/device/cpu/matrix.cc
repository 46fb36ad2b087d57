#include "matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace thalweg::cpu {
namespace {

class InPlaceUpload final : public Upload {
 public:
  explicit InPlaceUpload(std::span<std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::span<std::byte> bytes() noexcept override { return bytes_; }
  void commit() override {}

 private:
  std::span<std::byte> bytes_;
};

std::shared_ptr<SparseStorage> storageOf(std::uint64_t rows, const Layout& layout, Dtype dtype) {
  return layout.sparse() == 0 ? nullptr : std::make_shared<SparseStorage>(rows, layout, dtype);
}

}  // namespace

CpuMatrix::CpuMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype)
    : CpuMatrix(rows, Layout{.dense = columns}, dtype) {}

CpuMatrix::CpuMatrix(std::uint64_t rows, Layout layout, Dtype dtype,
                     std::shared_ptr<SparseStorage> sparse)
    : Matrix(rows, std::move(layout), dtype),
      memory_(matrixBytes(rows, this->layout().dense, dtype)),
      sparse_(sparse != nullptr ? std::move(sparse) : storageOf(rows, this->layout(), dtype)) {}

std::unique_ptr<Upload> CpuMatrix::beginUpload(std::uint64_t first, std::uint64_t count) {
  return std::make_unique<InPlaceUpload>(
      std::span{memory_.data() + first * denseRowBytes(), count * denseRowBytes()});
}

void CpuMatrix::appendSparse(const SparseRows& rows) { sparse_->append(rows, layout().dense); }

std::uint64_t CpuMatrix::heldBytes() const noexcept {
  return memory_.size() + (sparse_ ? sparse_->bytes() : 0);
}

template <typename T>
void CpuMatrix::writeHeld(std::uint64_t row, T* held) const {
  const std::size_t dense = layout().dense;
  const auto view = sparse_->view<T>();
  std::copy_n(values<T>() + row * dense, dense, held);
  for (std::size_t j = 0; j < view.count; ++j) held[dense + j] = static_cast<T>(atZero(j));
  eachEntry(view, row, [&](std::size_t column, T value) {
    if (layout().place(dense + column) == Layout::nowhere) return;
    held[dense + column] = static_cast<T>(scaled(column, static_cast<double>(value)));
  });
}

template <typename T>
void CpuMatrix::writeOut(std::uint64_t first, std::uint64_t count, T* rows) const {
  std::vector<T> held(layout().held());
  for (std::uint64_t row = first; row < first + count; ++row, rows += columns()) {
    writeHeld(row, held.data());
    for (std::size_t h = 0; h < held.size(); ++h) {
      if (layout().place(h) != Layout::nowhere) rows[layout().place(h)] = held[h];
    }
  }
}

void CpuMatrix::read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const {
  if (sparse_ == nullptr) {
    std::memcpy(bytes.data(), memory_.data() + first * denseRowBytes(), count * denseRowBytes());
  } else if (dtype() == Dtype::float32) {
    writeOut(first, count, reinterpret_cast<float*>(bytes.data()));
  } else {
    writeOut(first, count, reinterpret_cast<double*>(bytes.data()));
  }
}

std::unique_ptr<CpuMatrix> CpuMatrix::timesPowerOfTwo(int exponent) const {
  Layout scaled = layout();
  scaled.means.resize(layout().sparse());
  scaled.scales.resize(layout().sparse(), 1);
  for (double& scale : scaled.scales) scale = std::ldexp(scale, -exponent);
  auto copy = std::make_unique<CpuMatrix>(rows(), std::move(scaled), dtype(), sparse_);
  const std::size_t count = rows() * layout().dense;
  const auto multiply = [&]<typename T>(const T* from, T* to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = std::ldexp(from[i], exponent);
  };
  if (dtype() == Dtype::float32) {
    multiply(values<float>(), reinterpret_cast<float*>(copy->memory_.data()));
  } else {
    multiply(values<double>(), reinterpret_cast<double*>(copy->memory_.data()));
  }
  copy->include(copy->sparseSummary(0, rows()));
  return copy;
}

template <typename T>
double CpuMatrix::largestNorm(std::uint64_t first, std::uint64_t count) const {
  const auto view = sparse_->view<T>();
  double ofZeros = 0;
  for (std::size_t j = 0; j < view.count; ++j) ofZeros += atZero(j) * atZero(j);
  double largest = 0;
  for (std::uint64_t row = first; row < first + count; ++row) {
    double norm = ofZeros;
    const T* const dense = values<T>() + row * layout().dense;
    for (std::size_t j = 0; j < layout().dense; ++j)
      norm += static_cast<double>(dense[j]) * static_cast<double>(dense[j]);
    eachEntry(view, row, [&](std::size_t column, T entry) {
      if (layout().place(layout().dense + column) == Layout::nowhere) return;
      const double value = scaled(column, static_cast<double>(entry));
      norm += value * value - atZero(column) * atZero(column);
    });
    largest = std::max(largest, norm);
  }
  return largest;
}

Summary CpuMatrix::sparseSummary(std::uint64_t first, std::uint64_t count) const {
  if (sparse_ == nullptr) return {};
  if (columns() == 1) {
    std::vector<std::byte> bytes(count * rowBytes());
    read(first, count, bytes);
    return summarize(bytes, dtype(), 1, first);
  }
  Summary summary;
  summary.maxRowNormSquared = dtype() == Dtype::float32 ? largestNorm<float>(first, count)
                                                        : largestNorm<double>(first, count);
  return summary;
}

template void CpuMatrix::writeHeld(std::uint64_t, float*) const;
template void CpuMatrix::writeHeld(std::uint64_t, double*) const;

}  // namespace thalweg::cpu
