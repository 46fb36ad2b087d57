#include "drivers.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "../../error.h"
#include "../kernels/kernel_device.h"
#include "copy_check.h"
#include "hip/discovery.h"
#include "opencl/discovery.h"

namespace thalweg::drivers {
namespace {

constexpr std::array<Backend, 2> all{
    {{"hip", "HIP", &hip::discover, false}, {"opencl", "OpenCL", &opencl::discover, true}}};

/// Held while drivers are loaded, asked and given a context: some are not safe to start up in two
/// threads at once, as those of two workers (PoCL 3.1 with ocl-icd crashes, or finds no device).
std::mutex& startUp() {
  static std::mutex mutex;
  return mutex;
}

Discovery discover(const Backend& backend, const Settings& settings) {
  const auto library = settings.libraries.find(backend.name);
  return backend.discover(library == settings.libraries.end() ? std::string() : library->second);
}

void checkIndex(const Backend& backend, std::uint32_t index, const Discovery& discovery) {
  const std::string id = std::string(backend.name) + ":" + std::to_string(index);
  const std::string reasons = problems(discovery.findings);
  if (!discovery.version) throw Error(ErrorCode::driverMissing, reasons, {.device = id});
  const std::size_t count = discovery.devices.size();
  if (index < count) return;
  throw Error(ErrorCode::deviceNotFound,
              "There is no device " + id + "; " + backend.title + " has " + std::to_string(count) +
                  " (`thalweg devices` lists them)." + (reasons.empty() ? "" : " " + reasons),
              {.device = id});
}

}  // namespace

std::span<const Backend> backends() { return all; }

Survey survey(const Backend& backend, const Settings& settings) {
  const std::lock_guard lock(startUp());
  Discovery discovery = discover(backend, settings);
  Survey survey{.findings = std::move(discovery.findings), .version = std::move(discovery.version)};
  for (const auto& device : discovery.devices) survey.devices.push_back(device->info);
  return survey;
}

std::unique_ptr<Device> openDevice(const Backend& backend, std::uint32_t index,
                                   const Settings& settings) {
  std::unique_lock lock(startUp());
  const Discovery discovery = discover(backend, settings);
  checkIndex(backend, index, discovery);
  const FoundDevice& device = *discovery.devices[index];
  DeviceInfo info = device.info;
  kernels::QueueLimits limits = device.limits;
  kernels::Shape shape = info.type == DeviceType::cpu ? kernels::Shape::rows : kernels::Shape::wide;
  if (settings.maxAllocationBytes > 0)
    limits.allocationBytes = std::min(limits.allocationBytes, settings.maxAllocationBytes);
  limits.recordings = settings.recordings;
  if (backend.isFlexible) {
    limits.float64 = limits.float64 && settings.float64;
    info.float64 = limits.float64;
    shape = settings.shape.value_or(shape);
  }
  auto queue = device.openQueue(limits, settings.cacheFolder);
  lock.unlock();
  checkCopies(*queue, info);
  return std::make_unique<kernels::KernelDevice>(info, std::move(queue), shape, settings.measured);
}

}  // namespace thalweg::drivers
