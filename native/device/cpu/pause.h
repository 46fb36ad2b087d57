#pragma once

namespace thalweg::cpu {

/// Tells the processor that the thread spins.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace thalweg::cpu
