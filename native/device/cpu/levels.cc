#include "levels.h"

#include <array>

#include "../../error.h"

namespace thalweg::cpu {
namespace {

struct Candidate {
  const char* name;
  const Level& (*level)() noexcept;
  bool (*runsHere)();
};

bool always() { return true; }

#if defined(__x86_64__)
bool hasV2() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0;
}
bool hasV3() {
  return hasV2() && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi2") != 0;
}
bool hasV4() {
  return hasV3() && __builtin_cpu_supports("avx512f") != 0 &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}
constexpr std::array candidates{Candidate{"x86_64_v4", x86_64_v4::level, hasV4},
                                Candidate{"x86_64_v3", x86_64_v3::level, hasV3},
                                Candidate{"x86_64_v2", x86_64_v2::level, hasV2},
                                Candidate{"portable", portable::level, always}};
#else
constexpr std::array candidates{Candidate{"portable", portable::level, always}};
#endif

}  // namespace

const Level& selectLevel(const std::string& named) {
  for (const auto& candidate : candidates) {
    if (named.empty() ? candidate.runsHere() : named == candidate.name) {
      if (candidate.runsHere()) return candidate.level();
      throw Error(
          ErrorCode::invalidArgument,
          "THALWEG_CPU_LEVEL names " + named + ", which this processor cannot run; leave it unset",
          {.option = "THALWEG_CPU_LEVEL"});
    }
  }
  std::string known;
  for (const auto& candidate : candidates)
    known += std::string(known.empty() ? "" : ", ") + candidate.name;
  throw Error(ErrorCode::invalidArgument,
              "THALWEG_CPU_LEVEL must be one of " + known + "; it is " + named,
              {.option = "THALWEG_CPU_LEVEL"});
}

}  // namespace thalweg::cpu
