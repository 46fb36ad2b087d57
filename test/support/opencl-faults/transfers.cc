#include "transfers.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thalweg::opencl::faults {
namespace {

constexpr std::size_t leastWritten = 1024;
/// More than what tells whether a run goes on, which is no number.
constexpr std::size_t leastRead = 24;

}  // namespace

struct Transfers::State {
  std::mutex mutex;
  std::string kind;
  unsigned nth = 0;
  unsigned writes = 0;
  unsigned reads = 0;
  std::vector<std::byte> kept;
  Late late;
};

Transfers& Transfers::instance() {
  static Transfers& transfers = *new Transfers();  // NOLINT(cppcoreguidelines-owning-memory)
  return transfers;
}

Transfers::Transfers() : state_(*new State()) {
  const char* const asked = std::getenv("OPENCL_FAULTS_TRANSFERS");
  std::istringstream(asked == nullptr ? "" : asked) >> state_.kind >> state_.nth;
}

std::size_t Transfers::written(cl_mem to, std::size_t offset, std::size_t size, const void* from) {
  const std::lock_guard lock(state_.mutex);
  if (state_.kind.empty() || state_.kind == "bit" || size < leastWritten) return size;
  // Zeros are there already, or are followed by what counts.
  const auto* const values = static_cast<const std::byte*>(from);
  if (std::all_of(values, values + size, [](std::byte each) { return each == std::byte{0}; }))
    return size;
  if (++state_.writes != state_.nth) return size;
  if (state_.kind == "short") return size / 2;
  if (state_.kind == "late") {
    state_.kept.assign(values, values + size);
    state_.late = {to, offset, size, state_.kept.data()};
  }
  return 0;
}

void Transfers::read(void* to, std::size_t size) {
  const std::lock_guard lock(state_.mutex);
  if (state_.kind != "bit" || size < leastRead || ++state_.reads % state_.nth != 0) return;
  auto* const first = static_cast<unsigned char*>(to);
  *first = static_cast<unsigned char>(*first ^ 1U);
}

Transfers::Late Transfers::takeLate() {
  const std::lock_guard lock(state_.mutex);
  return std::exchange(state_.late, {});
}

}  // namespace thalweg::opencl::faults
