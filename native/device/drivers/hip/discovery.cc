#include "discovery.h"

#include <algorithm>
#include <cctype>

#include "../amd.h"
#include "queue.h"
#include "statuses.h"

namespace thalweg::hip {
namespace {

using drivers::Discovery;
using Level = drivers::Finding::Level;

template <std::size_t size>
std::string text(const char (&field)[size]) {
  return {field, std::find(field, field + size, '\0')};
}

/// '6.2.41134' from 60241134.
std::string versionText(int version) {
  return std::to_string(version / 10'000'000) + "." + std::to_string(version / 100'000 % 100) +
         "." + std::to_string(version % 100'000);
}

std::string runtimeVersion(const Api& api) {
  int version = 0;
  return api.hipRuntimeGetVersion(&version) == hipSuccess ? versionText(version) : "unknown";
}

/// '0000:03:00.0', as the system writes it; empty where the runtime does not say.
std::string pciAddress(const Api& api, int ordinal) {
  char address[64] = {};
  if (api.hipDeviceGetPCIBusId(address, sizeof address, ordinal) != hipSuccess) return {};
  std::string lower = text(address);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

template <typename Properties>
void describeAs(const Properties& properties, HipDevice& device) {
  device.target = text(properties.gcnArchName);
  DeviceInfo& info = device.info;
  info.isa = device.target.substr(0, device.target.find(':'));
  info.name = text(properties.name);
  if (info.name.empty()) info.name = *info.isa;
  info.type = DeviceType::gpu;
  info.vendor = "Advanced Micro Devices, Inc.";
  info.computeUnits = drivers::computeUnitsOf(
      *info.isa, static_cast<std::uint32_t>(std::max(properties.multiProcessorCount, 1)));
  info.memoryBytes = properties.totalGlobalMem;
  device.limits = {
      .allocationBytes = properties.totalGlobalMem,
      .groupSize = static_cast<std::uint32_t>(std::max(properties.maxThreadsPerBlock, 1)),
      .localBytes = properties.sharedMemPerBlock,
      .computeUnits = info.computeUnits,
      .cacheBytes = std::max(drivers::lastCacheOf(*info.isa, info.computeUnits),
                             static_cast<std::uint64_t>(std::max(properties.l2CacheSize, 0))),
      .float64 = true};
}

hipError_t askFor(const Api& api, int ordinal, HipDevice& device) {
  if (api.hipGetDevicePropertiesR0600 != nullptr) {
    PropertiesR0600 properties{};
    const hipError_t status = api.hipGetDevicePropertiesR0600(&properties, ordinal);
    describeAs(properties, device);
    return status;
  }
  PropertiesR0000 properties{};
  const hipError_t status = api.hipGetDeviceProperties(&properties, ordinal);
  describeAs(properties, device);
  return status;
}

void discoverDevices(const std::shared_ptr<const Api>& api, int count, const std::string& version,
                     Discovery& discovery) {
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    auto device = std::make_unique<HipDevice>();
    const hipError_t status = askFor(*api, ordinal, *device);
    if (status != hipSuccess) {
      discovery.leaveOut("HIP device " + std::to_string(ordinal),
                         "hipGetDeviceProperties answers " + statuses.describe(status));
      continue;
    }
    device->api = api;
    device->ordinal = ordinal;
    device->info.driver = version;
    const std::string pci = pciAddress(*api, ordinal);
    if (!pci.empty()) device->info.pci = pci;
    const std::string place = device->target + ", HIP " + version;
    discovery.found(std::move(device), place);
  }
}

}  // namespace

std::unique_ptr<kernels::KernelQueue> HipDevice::openQueue(const kernels::QueueLimits& atMost,
                                                           const std::string& cacheFolder) const {
  return std::make_unique<HipQueue>(*this, atMost, cacheFolder);
}

Discovery discover(const std::string& library) {
  Discovery discovery("hip");
  const auto loaded = loadApi(library);
  if (!loaded.api) {
    discovery.note("LIBRARY_MISSING", Level::warning,
                   "HIP cannot be loaded from " + loaded.library + ": " + loaded.failure + ".",
                   {"Arch and Manjaro: sudo pacman -S rocm-hip-sdk.",
                    "Debian: sudo apt install libamdhip64-5; Ubuntu: AMD's rocm-hip-runtime.",
                    "Fedora: sudo dnf install rocm-hip.", "An AMD GPU also works through OpenCL."});
    return discovery;
  }
  int count = 0;
  hipError_t status = loaded.api->hipInit(0);
  const char* function = "hipInit";
  if (status == hipSuccess) {
    status = loaded.api->hipGetDeviceCount(&count);
    function = "hipGetDeviceCount";
  }
  // Without a GPU, ROCm 5's hipInit answers hipErrorInvalidDevice.
  const bool none = status == hipErrorNoDevice || status == hipErrorInvalidDevice ||
                    (status == hipSuccess && count == 0);
  if (status != hipSuccess && !none) {
    discovery.note("RUNTIME_BROKEN", Level::problem,
                   "The HIP runtime " + loaded.library + " fails: " + function + " answers " +
                       statuses.describe(status) + ".",
                   {"Reinstall the ROCm packages: all of one version.",
                    "Check that the amdgpu kernel module is loaded: lsmod | grep amdgpu."});
    return discovery;
  }
  const std::string version = runtimeVersion(*loaded.api);
  discovery.version = version;
  if (none) {
    discovery.seesNone("The HIP runtime " + loaded.library + " sees no GPU.");
  } else {
    discoverDevices(loaded.api, count, version, discovery);
  }
  return discovery;
}

}  // namespace thalweg::hip
