#pragma once

#include <utility>

// Loops that leave the registers as the rest of the program wants them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Clears the upper halves of the vector registers. Where they hold something, instructions of SSE
/// keep it and so wait for each other: after a loop of AVX-512 they have taken seven times as long,
/// all through the thread. GCC clears them where a function ends, but not on every path.
[[gnu::always_inline]] inline void clearUpperHalves() noexcept {
#if defined(__AVX__)
  __builtin_ia32_vzeroupper();
#endif
}

class CleanRegisters {
 public:
  CleanRegisters() noexcept = default;
  CleanRegisters(const CleanRegisters&) = delete;
  CleanRegisters& operator=(const CleanRegisters&) = delete;
  [[gnu::always_inline]] ~CleanRegisters() { clearUpperHalves(); }
};

template <auto loop>
struct Clean;

/// The loop as a function that leaves clean registers.
template <typename Result, typename... Arguments, Result (*loop)(Arguments...)>
struct Clean<loop> {
  static Result call(Arguments... arguments) {
    const CleanRegisters atTheEnd;
    return loop(std::forward<Arguments>(arguments)...);
  }
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
