#include "tunable.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

namespace thalweg::kernels {
namespace {

struct Tunable {
  std::string_view name;
  bool wide;
  bool rows;
  std::uint32_t least;
  std::uint32_t most;
  bool powerOfTwo;
  std::uint32_t& (*in)(KernelSizes&);

  [[nodiscard]] bool isOf(Shape shape) const { return shape == Shape::wide ? wide : rows; }
};

constexpr std::array tunables{
    Tunable{"groupSize", true, false, 32, 512, true,
            [](KernelSizes& p) -> std::uint32_t& { return p.pass.groupSize; }},
    Tunable{"groupsPerUnit", true, true, 1, 64, false,
            [](KernelSizes& p) -> std::uint32_t& { return p.pass.groupsPerUnit; }},
    Tunable{"elementsPerGroup", true, true, 256, 1U << 20U, false,
            [](KernelSizes& p) -> std::uint32_t& { return p.pass.elementsPerGroup; }},
    Tunable{"narrowFloats", true, false, 0, 32, false,
            [](KernelSizes& p) -> std::uint32_t& { return p.gradient.narrowFloats; }},
    Tunable{"rowRegisters", true, false, 2, 16, true,
            [](KernelSizes& p) -> std::uint32_t& { return p.gradient.rowRegisters; }},
    Tunable{"tileRegisters", true, false, 2, 64, true,
            [](KernelSizes& p) -> std::uint32_t& { return p.gradient.tileRegisters; }},
    Tunable{"sweepRows", true, false, 1, 8, true,
            [](KernelSizes& p) -> std::uint32_t& { return p.gradient.sweepRows; }},
    Tunable{"cacheKibibytes", true, false, 256, 1U << 20U, false,
            [](KernelSizes& p) -> std::uint32_t& { return p.gradient.cacheKibibytes; }},
    // A vector holds 8 rows' residuals in float64; see gradient.rows.cl.
    Tunable{"tileRows", false, true, 1, 8, true,
            [](KernelSizes& p) -> std::uint32_t& { return p.tile.rows; }},
};

/// The most local memory that a work-item of the wide kernels asks for: 8 rows at once in float64,
/// with the padding and the partial sums of lanes.wide.h, a residual and a sum.
constexpr std::uint64_t localBytesPerItem = 96;
/// The same of groups larger than the usual one, which hold two rows at once.
constexpr std::uint64_t localBytesPerLane = 48;

}  // namespace

void applySettings(KernelSizes& sizes, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const auto* found = std::find_if(tunables.begin(), tunables.end(), [&](const Tunable& each) {
      return each.name == setting.name && each.isOf(sizes.shape);
    });
    if (found == tunables.end()) continue;
    const auto value = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(setting.value, found->least, found->most));
    found->in(sizes) = found->powerOfTwo ? std::bit_floor(value) : value;
  }
}

void fitLocalMemory(KernelSizes& sizes, const QueueLimits& limits) {
  std::uint32_t& size = sizes.pass.groupSize;
  while (size > 1 && size * localBytesPerItem > limits.localBytes) size /= 2;
  std::uint32_t& lanes = sizes.gradient.mostLanes;
  while (lanes > size && lanes * localBytesPerLane > limits.localBytes) lanes /= 2;
}

std::vector<Setting> settingsOf(const KernelSizes& sizes) {
  std::vector<Setting> settings;
  KernelSizes values = sizes;
  for (const Tunable& each : tunables) {
    if (each.isOf(sizes.shape)) settings.push_back({std::string(each.name), each.in(values)});
  }
  return settings;
}

}  // namespace thalweg::kernels
