#include "hip.h"

#include "../kernels/kernel_device.h"
#include "discovery.h"
#include "queue.h"

namespace thalweg::hip {

Survey survey(const DriverSettings& settings) {
  const std::lock_guard lock(driverStartUp());
  return surveyOf(discover(settings));
}

std::unique_ptr<Device> openDevice(std::uint32_t index, const HipSettings& settings) {
  const std::lock_guard lock(driverStartUp());
  const Discovery discovery = discover(settings.driver);
  checkDeviceIndex("hip", "HIP", index, discovery.devices.size(), discovery.version,
                   discovery.findings);
  const FoundDevice& device = discovery.devices[index];
  kernels::QueueLimits limits = device.limits;
  if (settings.maxAllocationBytes > 0) {
    limits.allocationBytes = std::min(limits.allocationBytes, settings.maxAllocationBytes);
  }
  auto queue =
      std::make_unique<HipQueue>(discovery.loaded.api, device, limits, settings.cacheFolder);
  return std::make_unique<kernels::KernelDevice>(device.info, std::move(queue),
                                                 kernels::Shape::wide, settings.measured);
}

}  // namespace thalweg::hip
