#include "sizes.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "tunable.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t kibi = 1024;
constexpr std::uint64_t mebi = 1024 * kibi;

/// The sizes of one kernel, by class of device.
template <typename Values>
struct ByClass {
  Values rdna;
  Values gcn;
  Values nvidia;
  Values cpu;

  [[nodiscard]] constexpr const Values& operator[](DeviceClass deviceClass) const {
    switch (deviceClass) {
      case DeviceClass::gcn: return gcn;
      case DeviceClass::nvidia: return nvidia;
      case DeviceClass::cpu: return cpu;
      case DeviceClass::rdna: break;
    }
    return rdna;
  }
};

constexpr PassSizes gpuPass{
    .groupSize = 256, .groupsPerUnit = 8, .elementsPerGroup = 4096, .bytes = 256 * mebi};
constexpr ByClass<PassSizes> pass{
    .rdna = gpuPass,
    .gcn = gpuPass,
    .nvidia = gpuPass,
    .cpu = {.groupSize = 1,
            .groupsPerUnit = 8,
            .elementsPerGroup = 16 * kibi,
            .rowsPerGroup = 64,
            .bytes = 64 * mebi},
};

// A wave of GCN shares its unit's registers with those of three more where it has 64 of them, one
// of RDNA with seven more where it has 128: fewer rows at once there. The caches are those of the
// smaller cards: RX 6500 XT, Instinct MI200.
constexpr GradientSizes gpuGradient{.narrowFloats = 32,
                                    .narrowDoubles = 8,
                                    .rowRegisters = 8,
                                    .mostRowRegisters = 16,
                                    .tileRegisters = 32,
                                    .sweepRows = 4,
                                    .cacheBytes = 12 * mebi,
                                    .sliceColumns = 1024};
constexpr GradientSizes gcnGradient{.narrowFloats = 16,
                                    .narrowDoubles = 8,
                                    .rowRegisters = 8,
                                    .mostRowRegisters = 16,
                                    .tileRegisters = 16,
                                    .sweepRows = 4,
                                    .cacheBytes = 8 * mebi,
                                    .sliceColumns = 1024};
constexpr ByClass<GradientSizes> gradient{
    .rdna = gpuGradient,
    .gcn = gcnGradient,
    .nvidia = gpuGradient,
    .cpu = {.narrowColumns = 15, .narrowRows = 16},
};

constexpr ByClass<TileSizes> tile{
    .rdna = {.rows = 4},
    .gcn = {.rows = 4},
    .nvidia = {.rows = 4},
    .cpu = {.rows = 4},
};

// A GPU's work-item loads 128 bits at once.
constexpr UpdateSizes gpuUpdate{
    .blockFloats = 4, .blockDoubles = 2, .atOnce = 8, .elementsPerGroup = 1};
constexpr ByClass<UpdateSizes> update{
    .rdna = gpuUpdate,
    .gcn = gpuUpdate,
    .nvidia = gpuUpdate,
    .cpu = {.blockFloats = 16, .blockDoubles = 16, .atOnce = 1, .elementsPerGroup = 16 * kibi},
};

constexpr StepsSizes gpuSteps{
    .batch = 1024, .batchElements = 64 * kibi, .chunkWork = 16 * mebi, .stepWork = 16 * kibi};
constexpr ByClass<StepsSizes> steps{
    .rdna = gpuSteps,
    .gcn = gpuSteps,
    .nvidia = gpuSteps,
    .cpu = {.batch = 1024, .batchElements = 256 * kibi, .chunkWork = 8 * mebi, .stepWork = 256},
};

constexpr ByClass<GramSizes> gram{
    .rdna = {.groupSize = 64, .tile = 4},
    .gcn = {.groupSize = 64, .tile = 4},
    .nvidia = {.groupSize = 64, .tile = 4},
    .cpu = {.groupSize = 1, .tile = 8},
};

/// 10 of gfx1030, 9 of gfx90a: what stands before the two digits of minor version and step.
unsigned majorOf(const std::string& isa) {
  constexpr std::size_t prefix = 3;
  constexpr std::size_t minorAndStep = 2;
  unsigned major = 0;
  if (isa.size() > prefix + minorAndStep) {
    std::from_chars(isa.data() + prefix, isa.data() + isa.size() - minorAndStep, major);
  }
  return major;
}

}  // namespace

DeviceClass classOf(const DeviceInfo& info) {
  constexpr unsigned firstRdna = 10;
  if (info.isa && info.isa->starts_with("gfx")) {
    return majorOf(*info.isa) >= firstRdna ? DeviceClass::rdna : DeviceClass::gcn;
  }
  if (info.type == DeviceType::cpu) return DeviceClass::cpu;
  return info.vendor.starts_with("NVIDIA") ? DeviceClass::nvidia : DeviceClass::rdna;
}

KernelSizes sizesFor(DeviceClass deviceClass, Shape shape, const QueueLimits& limits,
                     std::span<const Setting> measured) {
  // A shape that was asked for comes with the sizes that suit it.
  if (shape == Shape::rows) deviceClass = DeviceClass::cpu;
  if (shape == Shape::wide && deviceClass == DeviceClass::cpu) deviceClass = DeviceClass::rdna;
  KernelSizes sizes{shape,
                    pass[deviceClass],
                    gradient[deviceClass],
                    tile[deviceClass],
                    update[deviceClass],
                    steps[deviceClass],
                    gram[deviceClass]};
  applySettings(sizes, measured);
  const std::uint32_t most = std::bit_floor(std::max(limits.groupSize, 1U));
  sizes.pass.groupSize = std::min(sizes.pass.groupSize, most);
  fitLocalMemory(sizes, limits);
  sizes.gram.groupSize = std::min(sizes.gram.groupSize, most);
  // Compensated sums take two registers each, and there is no float64 lane to put them in.
  if (!limits.float64) sizes.gram.tile = 4;
  return sizes;
}

}  // namespace thalweg::kernels
