#pragma once

#include "../device.h"
#include "memory.h"

namespace thalweg::cpu {

/// Rows in the process's own memory: uploads write them in place.
class CpuMatrix final : public Matrix {
 public:
  CpuMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype);

  [[nodiscard]] std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                    std::uint64_t count) override;
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const override;

  template <typename T>
  [[nodiscard]] const T* values() const noexcept {
    return reinterpret_cast<const T*>(memory_.data());
  }

 private:
  Memory memory_;
};

}  // namespace thalweg::cpu
