#include "opencl.h"

#include <mutex>

#include "../../error.h"
#include "../kernels/kernel_device.h"
#include "discovery.h"
#include "queue.h"

namespace thalweg::opencl {
namespace {

/// What stood in the way, and what to do about it, as one text.
std::string problems(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::ok) continue;
    text += (text.empty() ? "" : " ") + finding.what;
    for (const std::string& fix : finding.fix) text += " " + fix;
  }
  return text;
}

/// Held while drivers are loaded, asked and given a context: some are not safe to start up in two
/// threads at once, as those of two workers (PoCL 3.1 with ocl-icd crashes, or finds no device).
std::mutex& startUp() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

Survey survey(const DriverSettings& settings) {
  const std::lock_guard lock(startUp());
  Discovery discovery = discover(settings);
  Survey result;
  result.findings = std::move(discovery.findings);
  result.version = std::move(discovery.version);
  for (FoundDevice& device : discovery.devices) result.devices.push_back(std::move(device.info));
  return result;
}

std::vector<DeviceInfo> listDevices(const DriverSettings& settings) {
  return survey(settings).devices;
}

std::unique_ptr<Device> openDevice(std::uint32_t index, const OpenclSettings& settings) {
  const std::lock_guard lock(startUp());
  const Discovery discovery = discover(settings.driver);
  const std::string id = "opencl:" + std::to_string(index);
  if (!discovery.version)
    throw Error(ErrorCode::driverMissing, problems(discovery.findings), {.device = id});
  if (index >= discovery.devices.size()) {
    const std::string reasons = problems(discovery.findings);
    throw Error(ErrorCode::deviceNotFound,
                "There is no device " + id + "; OpenCL has " +
                    std::to_string(discovery.devices.size()) + " (`thalweg devices` lists them)." +
                    (reasons.empty() ? "" : " " + reasons),
                {.device = id});
  }
  FoundDevice device = discovery.devices[index];
  kernels::QueueLimits limits = device.limits;
  if (settings.maxAllocationBytes > 0) {
    limits.allocationBytes = std::min(limits.allocationBytes, settings.maxAllocationBytes);
  }
  limits.float64 = limits.float64 && settings.float64;
  device.info.float64 = limits.float64;
  const kernels::Shape shape = settings.shape.value_or(
      device.info.type == DeviceType::cpu ? kernels::Shape::rows : kernels::Shape::wide);
  auto queue = std::make_unique<OpenclQueue>(discovery.loaded.api, device, limits);
  return std::make_unique<kernels::KernelDevice>(device.info, std::move(queue),
                                                 kernels::parametersFor(shape, limits));
}

}  // namespace thalweg::opencl
