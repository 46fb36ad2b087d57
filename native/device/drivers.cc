#include "drivers.h"

#include "../error.h"

namespace thalweg {

std::string problems(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.level == Finding::Level::ok) continue;
    text += (text.empty() ? "" : " ") + finding.what;
    for (const std::string& fix : finding.fix) text += " " + fix;
  }
  return text;
}

std::mutex& driverStartUp() {
  static std::mutex mutex;
  return mutex;
}

void checkDeviceIndex(const std::string& backend, const std::string& title, std::uint32_t index,
                      std::size_t count, const std::optional<std::string>& version,
                      const std::vector<Finding>& findings) {
  const std::string id = backend + ":" + std::to_string(index);
  const std::string reasons = problems(findings);
  if (!version) throw Error(ErrorCode::driverMissing, reasons, {.device = id});
  if (index < count) return;
  throw Error(ErrorCode::deviceNotFound,
              "There is no device " + id + "; " + title + " has " + std::to_string(count) +
                  " (`thalweg devices` lists them)." + (reasons.empty() ? "" : " " + reasons),
              {.device = id});
}

}  // namespace thalweg
