#include "matrix.h"

#include <cstring>

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

}  // namespace

CpuMatrix::CpuMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype)
    : Matrix(rows, columns, dtype), memory_(matrixBytes(rows, columns, dtype)) {}

std::unique_ptr<Upload> CpuMatrix::beginUpload(std::uint64_t first, std::uint64_t count) {
  return std::make_unique<InPlaceUpload>(
      std::span{memory_.data() + first * rowBytes(), count * rowBytes()});
}

void CpuMatrix::read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const {
  std::memcpy(bytes.data(), memory_.data() + first * rowBytes(), count * rowBytes());
}

}  // namespace thalweg::cpu
