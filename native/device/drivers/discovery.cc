#include "discovery.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace thalweg::drivers {

Discovery::Discovery(std::string backend) : backend_(std::move(backend)), codes_(backend_) {
  std::transform(codes_.begin(), codes_.end(), codes_.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
}

void Discovery::found(std::unique_ptr<FoundDevice> device, const std::string& place) {
  DeviceInfo& info = device->info;
  info.backend = backend_;
  info.id = backend_ + ":" + std::to_string(devices.size());
  note("DEVICE", Finding::Level::ok, info.id + " is " + info.name + " (" + place + ").", {});
  devices.push_back(std::move(device));
}

void Discovery::note(const std::string& code, Finding::Level level, std::string what,
                     std::vector<std::string> fix) {
  findings.push_back({codes_ + "_" + code, level, std::move(what), std::move(fix)});
}

void Discovery::leaveOut(const std::string& device, const std::string& reason) {
  note("DEVICE_UNUSABLE", Finding::Level::warning, device + " is left out: " + reason + ".",
       {"Update the driver of this device."});
}

void Discovery::seesNone(std::string what) {
  note("NO_DEVICES", Finding::Level::warning, std::move(what),
       {"Check that you may open /dev/kfd and /dev/dri/renderD*: sudo usermod -aG render,video "
        "\"$USER\", then log in again.",
        "In a container, pass these devices in: --device /dev/kfd --device /dev/dri."});
}

std::string problems(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::ok) continue;
    text += (text.empty() ? "" : " ") + finding.what;
    for (const std::string& fix : finding.fix) text += " " + fix;
  }
  return text;
}

}  // namespace thalweg::drivers
