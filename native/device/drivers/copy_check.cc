#include "copy_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../../error.h"

namespace thalweg::drivers {
namespace {

constexpr std::size_t roomBytes = std::size_t{1} << 20;

/// Of θ, of what is not a whole number of anything, and of a slice of rows: drivers copy small,
/// odd and large pieces in ways of their own.
struct Place {
  std::size_t offset;
  std::size_t bytes;
};
constexpr std::array places{Place{4, 12}, Place{4099, 65'537}, Place{0, roomBytes}};

/// No zero, and other bytes for another seed.
void fill(std::span<std::byte> bytes, std::uint32_t seed) {
  std::uint32_t state = seed;
  for (std::byte& byte : bytes) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<std::byte>((state >> 24U) | 1U);
  }
}

}  // namespace

void checkCopies(kernels::KernelQueue& queue, const DeviceInfo& info) {
  const auto buffer = queue.allocate(std::min<std::uint64_t>(
      roomBytes, std::max<std::uint64_t>(queue.limits().allocationBytes, 1)));
  std::uint32_t seed = 1;
  for (const Place& place : places) {
    if (place.offset + place.bytes > buffer->bytes()) continue;
    std::vector<std::byte> written(place.bytes);
    std::vector<std::byte> back(place.bytes);
    fill(written, ++seed);
    queue.write(*buffer, place.offset, written);
    queue.read(*buffer, place.offset, back);
    const auto [expected, got] = std::mismatch(written.begin(), written.end(), back.begin());
    if (expected == written.end()) continue;
    throw Error(ErrorCode::deviceLost,
                info.name + " (" + info.id + ") loses what is copied to it: of " +
                    std::to_string(place.bytes) + " bytes written and read back, number " +
                    std::to_string(expected - written.begin()) + " is " +
                    std::to_string(std::to_integer<int>(*got)) + ", not " +
                    std::to_string(std::to_integer<int>(*expected)) +
                    ". Update the driver, or use another device; `thalweg doctor` says what there "
                    "is.",
                {.device = info.id});
  }
}

}  // namespace thalweg::drivers
