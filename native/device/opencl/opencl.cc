#include "opencl.h"

#include "../kernels/kernel_device.h"
#include "discovery.h"
#include "queue.h"

namespace thalweg::opencl {

Survey survey(const DriverSettings& settings) {
  const std::lock_guard lock(driverStartUp());
  return surveyOf(discover(settings));
}

std::unique_ptr<Device> openDevice(std::uint32_t index, const OpenclSettings& settings) {
  const std::lock_guard lock(driverStartUp());
  const Discovery discovery = discover(settings.driver);
  checkDeviceIndex("opencl", "OpenCL", index, discovery.devices.size(), discovery.version,
                   discovery.findings);
  FoundDevice device = discovery.devices[index];
  kernels::QueueLimits limits = device.limits;
  if (settings.maxAllocationBytes > 0) {
    limits.allocationBytes = std::min(limits.allocationBytes, settings.maxAllocationBytes);
  }
  limits.float64 = limits.float64 && settings.float64;
  device.info.float64 = limits.float64;
  const kernels::Shape shape = settings.shape.value_or(
      device.info.type == DeviceType::cpu ? kernels::Shape::rows : kernels::Shape::wide);
  auto queue =
      std::make_unique<OpenclQueue>(discovery.loaded.api, device, limits, settings.cacheFolder);
  return std::make_unique<kernels::KernelDevice>(device.info, std::move(queue), shape,
                                                 settings.measured);
}

}  // namespace thalweg::opencl
