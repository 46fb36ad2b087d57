#include "memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "../../error.h"
#include "level.h"

namespace thalweg::cpu {
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

Error outOfMemory(std::uint64_t bytes) {
  return {
      ErrorCode::outOfMemory,
      "The CPU device has no room for " + std::to_string(bytes >> 20U) + " MiB (" +
          std::to_string(availableBytes() >> 20U) +
          " MiB are available); use dtype: 'float32', fewer rows, or a machine with more memory",
      {.device = "cpu"}};
}

}  // namespace

std::uint64_t totalBytes() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t availableBytes() {
  return std::min(memAvailable().value_or(totalBytes()), cgroupAvailable().value_or(totalBytes()));
}

Memory::Memory(std::uint64_t bytes)
    : bytes_(bytes), mapped_(static_cast<std::size_t>(bytes) + slackBytes) {
  // Small matrices are not worth reading /proc for.
  constexpr std::uint64_t worthAsking = std::uint64_t{16} << 20U;
  if (bytes > std::numeric_limits<std::size_t>::max() / 2 ||
      (bytes > worthAsking && bytes > availableBytes())) {
    throw outOfMemory(bytes);
  }
  void* mapping =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    throw outOfMemory(bytes);  // NOLINT(performance-no-int-to-ptr): the macro's own cast
#if defined(MADV_HUGEPAGE)
  madvise(mapping, mapped_, MADV_HUGEPAGE);
#endif
  data_ = static_cast<std::byte*>(mapping);
}

Memory::~Memory() { munmap(data_, mapped_); }

}  // namespace thalweg::cpu
