#pragma once

#include <dlfcn.h>

#include <string>

#include "driver_environment.h"

namespace thalweg {

/// Loads a driver's library, which stays loaded: drivers keep threads of their own. nullptr where
/// that fails.
inline void* openDriver(const char* library) {
  noteDriverLoad();
  return dlopen(library, RTLD_NOW | RTLD_LOCAL);
}

/// Why the last library could not be loaded.
inline std::string linkerFailure() {
  const char* const reason = dlerror();
  return reason == nullptr ? "the dynamic linker gives no reason" : reason;
}

/// Fills `function` from the library; remembers the first name that is missing.
template <typename Function>
void find(void* handle, const char* name, Function& function, std::string& failure) {
  void* const symbol = dlsym(handle, name);
  if (symbol == nullptr && failure.empty()) failure = std::string("it has no function ") + name;
  function = reinterpret_cast<Function>(symbol);
}

}  // namespace thalweg
