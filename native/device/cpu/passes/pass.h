#pragma once

#include "../row_lengths.h"

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// A way to pass over rows for one output, for rows that fit it. Its loops are those of Kernels, in
/// level.h.
template <typename T>
struct Pass {
  const char* name;
  bool (*fits)(const Rows<T>&) noexcept;
  decltype(Kernels<T>::gradient) gradient;
  double (*loss)(const Rows<T>&, const Parameters<T>&, const Objective&);
  void (*outputs)(const Rows<T>&, const Parameters<T>&, Activation, double* outputs);
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
