#pragma once

#include "../row_lengths.h"

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// A way to pass over rows, for rows that fit it. Its loops are those of Kernels, in level.h.
template <typename T>
struct Pass {
  const char* name;
  bool (*fits)(const Rows<T>&) noexcept;
  decltype(Kernels<T>::gradient) gradient;
  decltype(Kernels<T>::loss) loss;
  decltype(Kernels<T>::outputs) outputs;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
