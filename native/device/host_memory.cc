#include "host_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

#include "../error.h"

namespace thalweg {
namespace {

std::optional<std::uint64_t> numberIn(const char* path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

std::optional<std::uint64_t> memAvailable() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kibibytes = 0;
  while (file >> key >> kibibytes) {
    if (key == "MemAvailable:") return kibibytes * 1024;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

/// What a container may still take: control groups version 2, then version 1.
std::optional<std::uint64_t> cgroupAvailable() {
  auto limit = numberIn("/sys/fs/cgroup/memory.max");
  auto used = numberIn("/sys/fs/cgroup/memory.current");
  if (!limit) {
    limit = numberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    used = numberIn("/sys/fs/cgroup/memory/memory.usage_in_bytes");
  }
  if (!limit || !used) return std::nullopt;
  return *limit > *used ? *limit - *used : 0;
}

}  // namespace

std::uint64_t totalHostBytes() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t availableHostBytes() {
  return std::min(memAvailable().value_or(totalHostBytes()),
                  cgroupAvailable().value_or(totalHostBytes()));
}

void checkHostMemory(std::uint64_t bytes, const std::string& device, const std::string& instead) {
  // Small requests are not worth reading /proc for.
  constexpr std::uint64_t worthAsking = std::uint64_t{16} << 20U;
  if (bytes <= worthAsking) return;
  const std::uint64_t available = availableHostBytes();
  if (bytes <= available) return;
  throw Error(ErrorCode::outOfMemory,
              "The device " + device + " has no room for " + std::to_string(bytes >> 20U) +
                  " MiB (" + std::to_string(available >> 20U) + " MiB are available); use " +
                  instead + ", or a machine with more memory",
              {.device = device});
}

}  // namespace thalweg
