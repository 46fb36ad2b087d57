#pragma once

#include <dlfcn.h>

#include <memory>
#include <string>

#include "environment.h"

namespace thalweg::drivers {

/// What became of loading a driver: its functions, or why there are none. Its library stays loaded:
/// drivers keep threads of their own.
template <typename Api>
struct Loaded {
  std::shared_ptr<const Api> api;
  std::string library;  ///< what was looked for, or found
  std::string failure;  ///< dlopen's or dlsym's words, empty with an api
};

/// nullptr where that fails.
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

/// The functions that `fill(api, failure)` finds in an open library, which may be nullptr.
template <typename Api, typename Fill>
[[nodiscard]] Loaded<Api> loaded(void* handle, std::string library, Fill fill) {
  Loaded<Api> result{nullptr, std::move(library), {}};
  if (handle == nullptr) {
    result.failure = linkerFailure();
    return result;
  }
  auto api = std::make_shared<Api>();
  fill(*api, result.failure);
  if (result.failure.empty()) result.api = std::move(api);
  return result;
}

}  // namespace thalweg::drivers
