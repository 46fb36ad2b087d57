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

void CpuMatrix::complete() {
  if (sparse_ == nullptr) return;
  const std::vector<std::uint32_t> order = sparse_->orderByUse();
  if (!order.empty()) hold(layout().withCompressed(order));
  if (sparse_->hasFewAColumn()) byColumns_ = std::make_shared<EntriesByColumns>(sparse_);
}

std::uint64_t CpuMatrix::heldBytes() const noexcept {
  return memory_.size() + (sparse_ ? sparse_->bytes() : 0);
}

template <typename T>
HeldRows<T> CpuMatrix::held() const noexcept {
  return {layout(), sparse_->view<T>(), values<T>()};
}

template <typename T>
void CpuMatrix::writeHeld(std::uint64_t row, T* values) const {
  held<T>().writeHeld(row, values);
}

void CpuMatrix::read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const {
  if (sparse_ == nullptr) {
    std::memcpy(bytes.data(), memory_.data() + first * denseRowBytes(), count * denseRowBytes());
  } else if (dtype() == Dtype::float32) {
    held<float>().writeOut(first, count, reinterpret_cast<float*>(bytes.data()));
  } else {
    held<double>().writeOut(first, count, reinterpret_cast<double*>(bytes.data()));
  }
}

std::unique_ptr<CpuMatrix> CpuMatrix::timesPowerOfTwo(int exponent) const {
  auto copy =
      std::make_unique<CpuMatrix>(rows(), layout().timesPowerOfTwo(exponent), dtype(), sparse_);
  copy->byColumns_ = byColumns_;
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

Summary CpuMatrix::sparseSummary(std::uint64_t first, std::uint64_t count) const {
  if (sparse_ == nullptr) return {};
  return dtype() == Dtype::float32 ? held<float>().summaryOf(first, count)
                                   : held<double>().summaryOf(first, count);
}

std::vector<double> CpuMatrix::squares() const {
  if (sparse_ == nullptr || layout().isCentred()) return {};
  std::vector<double> squares(layout().held());
  if (dtype() == Dtype::float32) {
    held<float>().addSquares(0, rows(), squares);
  } else {
    held<double>().addSquares(0, rows(), squares);
  }
  return numbersOfX(layout(), squares);
}

template void CpuMatrix::writeHeld(std::uint64_t, float*) const;
template void CpuMatrix::writeHeld(std::uint64_t, double*) const;

}  // namespace thalweg::cpu
