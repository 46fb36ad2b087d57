#include "sizes.h"

#include <algorithm>
#include <bit>

#include "../../isa.h"
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

// Every group leaves a partial as long as a row: rowsPerGroup keeps them to some 3 % of X where n
// is large. A unit of RDNA, GCN or CDNA holds four groups at most of the kernels that need most
// registers; one of NVIDIA's two or three, and then takes the next.
constexpr PassSizes gpuPass{.groupSize = 256,
                            .groupsPerUnit = 4,
                            .elementsPerGroup = 4096,
                            .rowsPerGroup = 32,
                            .bytes = 256 * mebi};
constexpr PassSizes nvidiaPass{.groupSize = 256,
                               .groupsPerUnit = 8,
                               .elementsPerGroup = 4096,
                               .rowsPerGroup = 32,
                               .bytes = 256 * mebi};
constexpr ByClass<PassSizes> pass{
    .rdna = gpuPass,
    .gcn = gpuPass,
    .nvidia = nvidiaPass,
    .cpu = {.groupSize = 1,
            .groupsPerUnit = 8,
            .elementsPerGroup = 16 * kibi,
            .rowsPerGroup = 64,
            .bytes = 64 * mebi},
};

// A row a work-item: neighbours' loads lie a row apart, and a cache looks up one line at a time. At
// 128 bytes a row that is 16 bytes a cycle, a quarter of what lanes along the row get, and on an
// H100 no more than its memory has; on RDNA still four times that, without a barrier. Registers say
// the same: 124 against 77 on NVIDIA at n = 32, two groups a unit against three; 89 against 86 on
// RDNA.
//
// A wave of GCN shares its unit's registers with those of three more where it has 64 of them, one
// of RDNA with seven more where it has 128: fewer rows at once there, and smaller groups. The
// caches stand for cards that are not known: of the smaller ones, RX 6500 XT and Instinct MI200.
constexpr GradientSizes gpuGradient{.narrowFloats = 32,
                                    .narrowDoubles = 8,
                                    .rowRegisters = 8,
                                    .mostRowRegisters = 16,
                                    .tileRegisters = 32,
                                    .mostLanes = 1024,
                                    .sweepRows = 4,
                                    .cacheKibibytes = 12 * 1024,
                                    .sliceColumns = 1024};
constexpr GradientSizes nvidiaGradient = [] {
  GradientSizes sizes = gpuGradient;
  sizes.narrowFloats = 16;
  return sizes;
}();
constexpr GradientSizes gcnGradient = [] {
  GradientSizes sizes = gpuGradient;
  sizes.narrowFloats = 16;
  sizes.tileRegisters = 16;
  sizes.mostLanes = 512;
  sizes.cacheKibibytes = 8 * 1024;
  return sizes;
}();
constexpr ByClass<GradientSizes> gradient{
    .rdna = gpuGradient,
    .gcn = gcnGradient,
    .nvidia = nvidiaGradient,
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
    .blockFloats = 4, .blockDoubles = 2, .atOnce = 8, .elementsPerGroup = 1, .judges = 1};
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

constexpr SparseSizes gpuSparse{.groups = 2048};
constexpr ByClass<SparseSizes> sparse{
    .rdna = gpuSparse, .gcn = gpuSparse, .nvidia = gpuSparse, .cpu = {.groups = 64}};

constexpr ByClass<GramSizes> gram{
    .rdna = {.groupSize = 64, .tile = 4},
    .gcn = {.groupSize = 64, .tile = 4},
    .nvidia = {.groupSize = 64, .tile = 4},
    .cpu = {.groupSize = 1, .tile = 8},
};

/// Of the last cache that rows may fill: others use it as well.
struct Share {
  std::uint64_t of;
  std::uint64_t in;
};
constexpr Share cacheShare{3, 4};

}  // namespace

DeviceClass classOf(const DeviceInfo& info) {
  if (info.isa && info.isa->starts_with("gfx"))
    return isRdna(*info.isa) ? DeviceClass::rdna : DeviceClass::gcn;
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
                    sparse[deviceClass],
                    gram[deviceClass]};
  if (limits.cacheBytes > 0) {
    sizes.gradient.cacheKibibytes =
        static_cast<std::uint32_t>(limits.cacheBytes / kibi * cacheShare.of / cacheShare.in);
  }
  applySettings(sizes, measured);
  const std::uint32_t most = std::bit_floor(std::max(limits.groupSize, 1U));
  sizes.pass.groupSize = std::min(sizes.pass.groupSize, most);
  sizes.gradient.mostLanes = std::min(sizes.gradient.mostLanes, most);
  fitLocalMemory(sizes, limits);
  sizes.gram.groupSize = std::min(sizes.gram.groupSize, most);
  // Compensated sums take two registers each, and there is no float64 lane to put them in.
  if (!limits.float64) sizes.gram.tile = 4;
  return sizes;
}

}  // namespace thalweg::kernels
