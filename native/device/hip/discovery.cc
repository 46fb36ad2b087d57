#include "discovery.h"

#include <algorithm>
#include <cctype>

#include "status.h"

namespace thalweg::hip {
namespace {

using Level = Finding::Level;

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
FoundDevice describeAs(const Properties& properties) {
  FoundDevice found;
  found.target = text(properties.gcnArchName);
  DeviceInfo& info = found.info;
  info.isa = found.target.substr(0, found.target.find(':'));
  info.name = text(properties.name);
  if (info.name.empty()) info.name = *info.isa;
  info.backend = "hip";
  info.type = DeviceType::gpu;
  info.vendor = "Advanced Micro Devices, Inc.";
  info.computeUnits = static_cast<std::uint32_t>(std::max(properties.multiProcessorCount, 1));
  info.memoryBytes = properties.totalGlobalMem;
  found.limits = {
      .allocationBytes = properties.totalGlobalMem,
      .groupSize = static_cast<std::uint32_t>(std::max(properties.maxThreadsPerBlock, 1)),
      .localBytes = properties.sharedMemPerBlock,
      .computeUnits = info.computeUnits,
      .float64 = true};
  return found;
}

hipError_t askFor(const Api& api, int ordinal, FoundDevice& found) {
  if (api.hipGetDevicePropertiesR0600 != nullptr) {
    PropertiesR0600 properties{};
    const hipError_t status = api.hipGetDevicePropertiesR0600(&properties, ordinal);
    found = describeAs(properties);
    return status;
  }
  PropertiesR0000 properties{};
  const hipError_t status = api.hipGetDeviceProperties(&properties, ordinal);
  found = describeAs(properties);
  return status;
}

Finding missing(const LoadedApi& loaded) {
  return {"HIP_LIBRARY_MISSING",
          Level::warning,
          "HIP cannot be loaded from " + loaded.library + ": " + loaded.failure + ".",
          {"Arch and Manjaro: sudo pacman -S rocm-hip-sdk.",
           "Debian: sudo apt install libamdhip64-5; Ubuntu: AMD's rocm-hip-runtime.",
           "Fedora: sudo dnf install rocm-hip.", "An AMD GPU also works through OpenCL."}};
}

Finding broken(const LoadedApi& loaded, const char* function, hipError_t status) {
  return {"HIP_RUNTIME_BROKEN",
          Level::problem,
          "The HIP runtime " + loaded.library + " fails: " + function + " answers " +
              describe(status) + ".",
          {"Reinstall the ROCm packages: all of one version.",
           "Check that the amdgpu kernel module is loaded: lsmod | grep amdgpu."}};
}

Finding noDevices(const LoadedApi& loaded) {
  return {"HIP_NO_DEVICES",
          Level::warning,
          "The HIP runtime " + loaded.library + " sees no GPU.",
          {"Check that you may open /dev/kfd and /dev/dri/renderD*: sudo usermod -aG render,video "
           "\"$USER\", then log in again.",
           "In a container, pass these devices in: --device /dev/kfd --device /dev/dri."}};
}

void discoverDevices(const Api& api, int count, const std::string& version, Discovery& discovery) {
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    FoundDevice found;
    const hipError_t status = askFor(api, ordinal, found);
    if (status != hipSuccess) {
      discovery.findings.push_back({"HIP_DEVICE_UNUSABLE",
                                    Level::warning,
                                    "HIP device " + std::to_string(ordinal) +
                                        " is left out: hipGetDeviceProperties answers " +
                                        describe(status) + ".",
                                    {"Update the driver of this device."}});
      continue;
    }
    found.ordinal = ordinal;
    found.info.driver = version;
    found.info.id = "hip:" + std::to_string(discovery.devices.size());
    const std::string pci = pciAddress(api, ordinal);
    if (!pci.empty()) found.info.pci = pci;
    discovery.findings.push_back({"HIP_DEVICE", Level::ok,
                                  found.info.id + " is " + found.info.name + " (" + found.target +
                                      ", HIP " + version + ")."});
    discovery.devices.push_back(std::move(found));
  }
}

}  // namespace

Discovery discover(const DriverSettings& settings) {
  Discovery discovery{loadApi(settings.library), {}, {}, {}};
  if (!discovery.loaded.api) {
    discovery.findings.push_back(missing(discovery.loaded));
    return discovery;
  }
  const Api& api = *discovery.loaded.api;
  int count = 0;
  hipError_t status = api.hipInit(0);
  const char* function = "hipInit";
  if (status == hipSuccess) {
    status = api.hipGetDeviceCount(&count);
    function = "hipGetDeviceCount";
  }
  // Without a GPU, ROCm 5's hipInit answers hipErrorInvalidDevice.
  const bool none = status == hipErrorNoDevice || status == hipErrorInvalidDevice ||
                    (status == hipSuccess && count == 0);
  if (status != hipSuccess && !none) {
    discovery.findings.push_back(broken(discovery.loaded, function, status));
    return discovery;
  }
  discovery.version = runtimeVersion(api);
  if (none) {
    discovery.findings.push_back(noDevices(discovery.loaded));
    return discovery;
  }
  discoverDevices(api, count, *discovery.version, discovery);
  return discovery;
}

}  // namespace thalweg::hip
