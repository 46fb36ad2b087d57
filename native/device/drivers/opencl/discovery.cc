#include "discovery.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "../amd.h"
#include "queue.h"
#include "statuses.h"

namespace thalweg::opencl {
namespace {

using drivers::Discovery;
using Level = drivers::Finding::Level;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

/// A text that `get(size, value, sizeWritten)` answers, or the status with which it fails.
struct TextAnswer {
  cl_int status = CL_SUCCESS;
  std::string text{};
};

template <typename Get>
TextAnswer text(Get get) {
  std::size_t size = 0;
  cl_int status = get(std::size_t{0}, nullptr, &size);
  if (status != CL_SUCCESS || size == 0) return {status};
  std::string value(size, '\0');
  status = get(size, value.data(), nullptr);
  if (status != CL_SUCCESS) return {status};
  return {status, trimmed(value)};
}

/// One device as the driver describes it. A question that the driver fails at is remembered: what
/// is not known of a device would be wrong in everything that is made of it.
class Asked {
 public:
  Asked(const Api& api, cl_device_id id) : api_(api), id_(id) {}

  template <typename Value>
  [[nodiscard]] Value number(cl_uint what) {
    Value value{};
    note(api_.clGetDeviceInfo(id_, what, sizeof value, &value, nullptr));
    return value;
  }
  [[nodiscard]] std::string string(cl_uint what) {
    TextAnswer answer = ask(what);
    note(answer.status);
    return std::move(answer.text);
  }
  /// Of an extension that drivers may not have.
  [[nodiscard]] std::string optionalString(cl_uint what) const { return ask(what).text; }

  /// The first failure, or empty.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  [[nodiscard]] TextAnswer ask(cl_uint what) const {
    return text([&](std::size_t size, void* value, std::size_t* written) {
      return api_.clGetDeviceInfo(id_, what, size, value, written);
    });
  }
  void note(cl_int status) {
    if (status == CL_SUCCESS || !failure_.empty()) return;
    failure_ =
        "its driver does not say what it is (clGetDeviceInfo: " + statuses.describe(status) + ")";
  }

  const Api& api_;
  cl_device_id id_;
  std::string failure_;
};

DeviceType typeOf(Asked& device) {
  const auto type = device.number<cl_bitfield>(CL_DEVICE_TYPE);
  if ((type & CL_DEVICE_TYPE_GPU) != 0) return DeviceType::gpu;
  return (type & CL_DEVICE_TYPE_CPU) != 0 ? DeviceType::cpu : DeviceType::accelerator;
}

/// AMD names a card by its instruction set ('gfx90a:sramecc+:xnack-') and has the card's name
/// elsewhere.
void nameDevice(Asked& device, OpenclDevice& found) {
  found.target = device.string(CL_DEVICE_NAME);
  DeviceInfo& info = found.info;
  info.name = found.target;
  if (!info.name.starts_with("gfx")) return;
  info.isa = info.name.substr(0, info.name.find(':'));
  const std::string board = device.optionalString(CL_DEVICE_BOARD_NAME_AMD);
  if (!board.empty()) info.name = board;
}

/// '0000:03:00.0', from whichever extension the driver has.
std::optional<std::string> pciAddress(Asked& device) {
  struct Topology {  // cl_device_topology_amd
    cl_uint type;
    unsigned char unused[17];
    unsigned char bus;
    unsigned char device;
    unsigned char function;
  };
  struct BusInfo {  // cl_device_pci_bus_info_khr
    cl_uint domain;
    cl_uint bus;
    cl_uint device;
    cl_uint function;
  };
  const std::string extensions = device.string(CL_DEVICE_EXTENSIONS);
  const auto has = [&](const char* name) { return extensions.find(name) != std::string::npos; };
  BusInfo at{};
  if (has("cl_khr_pci_bus_info")) {
    at = device.number<BusInfo>(CL_DEVICE_PCI_BUS_INFO_KHR);
  } else if (has("cl_amd_device_attribute_query")) {
    const auto topology = device.number<Topology>(CL_DEVICE_TOPOLOGY_AMD);
    if (topology.type != 1) return std::nullopt;
    at = {0, topology.bus, topology.device, topology.function};
  } else {
    return std::nullopt;
  }
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.%x", at.domain, at.bus,
                                  at.device, at.function));
  return text.data();
}

/// Bytes of the last cache before the memory; 0 where the driver does not say. What AMD's and
/// NVIDIA's call the cache of global memory is the first.
std::uint64_t lastCache(Asked& device, const DeviceInfo& info) {
  if (info.isa) return drivers::lastCacheOf(*info.isa, info.computeUnits);
  if (info.vendor.starts_with("NVIDIA")) return 0;
  return device.number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE);
}

void describeDevice(Asked& device, OpenclDevice& found) {
  DeviceInfo& info = found.info;
  nameDevice(device, found);
  info.type = typeOf(device);
  info.vendor = device.string(CL_DEVICE_VENDOR);
  info.driver = device.string(CL_DRIVER_VERSION);
  info.pci = pciAddress(device);
  info.computeUnits = std::max(device.number<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS), cl_uint{1});
  if (info.isa) info.computeUnits = drivers::computeUnitsOf(*info.isa, info.computeUnits);
  info.memoryBytes = device.number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE);
  info.float64 = device.string(CL_DEVICE_EXTENSIONS).find("cl_khr_fp64") != std::string::npos &&
                 device.number<cl_bitfield>(CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
  const auto groupSize = device.number<std::size_t>(CL_DEVICE_MAX_WORK_GROUP_SIZE);
  found.limits = {
      .allocationBytes = device.number<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE),
      .groupSize = static_cast<std::uint32_t>(std::min<std::size_t>(groupSize, 1U << 16)),
      .localBytes = device.number<cl_ulong>(CL_DEVICE_LOCAL_MEM_SIZE),
      .computeUnits = info.computeUnits,
      .cacheBytes = lastCache(device, info),
      .float64 = info.float64};
}

/// Why a device cannot be used; empty if it can.
std::string unusable(Asked& device) {
  const bool available = device.number<cl_bool>(CL_DEVICE_AVAILABLE) != CL_FALSE;
  const bool compiles = device.number<cl_bool>(CL_DEVICE_COMPILER_AVAILABLE) != CL_FALSE;
  const std::string version = device.string(CL_DEVICE_VERSION);  // "OpenCL 1.2 …"
  if (!device.failure().empty()) return device.failure();
  if (!available) return "the driver says that it is not available";
  if (!compiles) return "its driver has no compiler";
  const std::string number = version.substr(std::min(version.find(' '), version.size()));
  if (std::strtod(number.c_str(), nullptr) < 1.2)
    return "it has " + version + ", and thalweg needs OpenCL 1.2";
  return {};
}

void platformIsBroken(Discovery& discovery, const std::string& what) {
  discovery.note("PLATFORM_BROKEN", Level::problem, what + ".",
                 {"Reinstall or update the driver of this platform."});
}

void discoverDevices(const std::shared_ptr<const Api>& api, cl_platform_id platform,
                     const std::string& platformName, Discovery& discovery) {
  cl_uint count = 0;
  cl_int status = api->clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count);
  std::vector<cl_device_id> ids(status == CL_SUCCESS ? count : 0);
  if (!ids.empty())
    status = api->clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, ids.data(), nullptr);
  if (status != CL_SUCCESS && status != CL_DEVICE_NOT_FOUND) {
    platformIsBroken(discovery,
                     platformName + " does not list its devices: " + statuses.describe(status));
    return;
  }
  if (ids.empty()) discovery.seesNone(platformName + " is installed but sees no device.");
  for (cl_device_id id : ids) {
    Asked asked(*api, id);
    auto device = std::make_unique<OpenclDevice>();
    describeDevice(asked, *device);
    const std::string reason = unusable(asked);
    if (!reason.empty()) {
      const std::string& name = device->info.name;
      discovery.leaveOut((name.empty() ? "A device" : name) + " (" + platformName + ")", reason);
      continue;
    }
    device->api = api;
    device->id = id;
    device->platform = platformName;
    discovery.found(std::move(device), platformName);
  }
}

std::vector<cl_platform_id> platformsOf(const Api& api, const std::string& library,
                                        Discovery& discovery) {
  cl_uint count = 0;
  cl_int status = api.clGetPlatformIDs(0, nullptr, &count);
  std::vector<cl_platform_id> platforms(status == CL_SUCCESS ? count : 0);
  if (!platforms.empty()) status = api.clGetPlatformIDs(count, platforms.data(), nullptr);
  if (status != CL_SUCCESS && status != CL_PLATFORM_NOT_FOUND_KHR) {
    discovery.note("LOADER_BROKEN", Level::problem,
                   "The OpenCL loader " + library + " fails: " + statuses.describe(status) + ".",
                   {"Reinstall the OpenCL loader (Debian and Ubuntu: ocl-icd-libopencl1)."});
    return {};
  }
  if (platforms.empty()) {
    discovery.note(
        "NO_PLATFORM", Level::problem,
        "The OpenCL loader is installed, but no driver: /etc/OpenCL/vendors names none that "
        "works.",
        {"AMD, Arch and Manjaro: install rocm-opencl-runtime or opencl-amd.",
         "AMD, Debian and Ubuntu: sudo apt install mesa-opencl-icd, or AMD's rocm-opencl-runtime.",
         "CPU only: sudo apt install pocl-opencl-icd, sudo pacman -S pocl, or sudo dnf install "
         "pocl."});
  }
  return platforms;
}

}  // namespace

std::unique_ptr<kernels::KernelQueue> OpenclDevice::openQueue(
    const kernels::QueueLimits& atMost, const std::string& cacheFolder) const {
  return std::make_unique<OpenclQueue>(*this, atMost, cacheFolder);
}

Discovery discover(const std::string& library) {
  Discovery discovery("opencl");
  const auto loaded = loadApi(library);
  if (!loaded.api) {
    discovery.note(
        "LIBRARY_MISSING", Level::problem,
        "OpenCL cannot be loaded from " + loaded.library + ": " + loaded.failure + ".",
        {"Debian and Ubuntu: sudo apt install ocl-icd-libopencl1 and the driver of your card.",
         "Arch and Manjaro: sudo pacman -S ocl-icd and the driver of your card.",
         "Fedora: sudo dnf install ocl-icd and the driver of your card."});
    return discovery;
  }
  const Api& api = *loaded.api;
  for (cl_platform_id platform : platformsOf(api, loaded.library, discovery)) {
    const auto ask = [&](cl_uint what) {
      return text([&](std::size_t size, void* value, std::size_t* written) {
        return api.clGetPlatformInfo(platform, what, size, value, written);
      });
    };
    const TextAnswer version = ask(CL_PLATFORM_VERSION);
    const TextAnswer name = ask(CL_PLATFORM_NAME);
    const cl_int status = version.status != CL_SUCCESS ? version.status : name.status;
    if (status != CL_SUCCESS) {
      platformIsBroken(discovery, "A platform does not say what it is (clGetPlatformInfo: " +
                                      statuses.describe(status) + ")");
      continue;
    }
    if (!discovery.version) discovery.version = version.text;
    discoverDevices(loaded.api, platform, name.text, discovery);
  }
  return discovery;
}

}  // namespace thalweg::opencl
