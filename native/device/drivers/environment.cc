#include "environment.h"

#include <dlfcn.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>

namespace thalweg::drivers {
namespace {

/// One for the process, as its environment is: workers share both. Never destroyed: threads may
/// still load drivers while statics are.
struct DriverEnvironment {
  std::mutex mutex;
  bool loaded = false;
  std::map<std::string, std::string> ours;  ///< what was set here, not by the user
};

DriverEnvironment& shared() {
  static auto* const environment = std::make_unique<DriverEnvironment>().release();
  return *environment;
}

/// Whether something else in this process has loaded AMD's runtime, which reads the variables.
bool runtimeIsLoaded() {
  void* const handle = dlopen("libhsa-runtime64.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

std::optional<std::string> valueOf(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace

void noteDriverLoad() {
  const std::lock_guard lock(shared().mutex);
  shared().loaded = true;
}

VariableOutcome setDriverVariable([[maybe_unused]] const std::string& name,
                                  [[maybe_unused]] const std::string& value) {
#ifdef __linux__
  DriverEnvironment& environment = shared();
  // Held while it is set: no driver of ours begins to read the environment meanwhile.
  const std::lock_guard lock(environment.mutex);
  const auto current = valueOf(name);
  const auto known = environment.ours.find(name);
  const bool isOurs = known != environment.ours.end() && current == known->second;
  if (current == value) return VariableOutcome::set;
  if (current && !isOurs) return VariableOutcome::kept;
  if (environment.loaded || runtimeIsLoaded()) return VariableOutcome::tooLate;
  setenv(name.c_str(), value.c_str(), 1);
  environment.ours[name] = value;
  return VariableOutcome::set;
#else
  return VariableOutcome::kept;
#endif
}

std::optional<std::string> driverVariable(const std::string& name) {
  const std::lock_guard lock(shared().mutex);
  return valueOf(name);
}

}  // namespace thalweg::drivers
