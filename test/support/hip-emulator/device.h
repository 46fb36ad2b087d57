// What hiprtc gives to a kernel without an #include, as far as kernels here use it: the emulator
// puts this before each source that it compiles.
#pragma once

#include <math.h>
#include <stddef.h>

#include <type_traits>
#include <utility>

#include "block.h"

namespace emulated {

static thread_local Block* here;

// Calls a kernel with arguments that it is given the addresses of.
template <typename... Parameters, size_t... at>
void call(void (*kernel)(Parameters...), void** arguments, std::index_sequence<at...>) {
  kernel(*static_cast<std::remove_cv_t<Parameters>*>(arguments[at])...);
}
template <typename... Parameters>
void call(void (*kernel)(Parameters...), void** arguments) {
  call(kernel, arguments, std::index_sequence_for<Parameters...>());
}

template <typename... Parameters>
unsigned int sizes(void (*)(Parameters...), size_t* bytes) {
  const size_t each[] = {sizeof(Parameters)...};
  for (size_t i = 0; i < sizeof...(Parameters); ++i) bytes[i] = each[i];
  return sizeof...(Parameters);
}

}  // namespace emulated

#define threadIdx (emulated::here->thread)
#define blockIdx (emulated::here->block)
#define blockDim (emulated::here->blockSize)
#define gridDim (emulated::here->gridSize)
#define warpSize (emulated::here->waveSize)

#define __device__
#define __shared__ static thread_local
#define __syncthreads() emulated::here->meet(emulated::here, __LINE__)

// Names that the emulator finds in the preprocessed source, and takes out of it.
#define __global__ EMULATED_KERNEL
#define __launch_bounds__(size) EMULATED_BOUNDS(size)

template <typename T>
static inline T min(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
static inline T max(T a, T b) {
  return a < b ? b : a;
}
