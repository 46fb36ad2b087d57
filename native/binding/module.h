#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "device_host.h"
#include "jobs.h"

namespace thalweg::binding {

/// Everything that one Node environment (the main thread, or a worker) owns here. There is no other
/// state but the drivers that the process has loaded, and MPI, which a process starts once.
class Module final : public Napi::Addon<Module> {
 public:
  struct Constructors {
    Napi::Function device;
    Napi::Function matrix;
  };

  Module(Napi::Env env, Napi::Object exports);

  [[nodiscard]] Jobs& jobs() noexcept { return jobs_; }
  [[nodiscard]] Constructors constructors(Napi::Env env) const;

 private:
  /// The method, which gives a promise: threads that it needs may not begin.
  template <auto method>
  Napi::Value promised(const Napi::CallbackInfo& info);
  Napi::Value listDevices(const Napi::CallbackInfo& info);
  Napi::Value openDevice(const Napi::CallbackInfo& info);
  template <auto function>
  Napi::Value onFiles(const Napi::CallbackInfo& info);
  template <auto function>
  Napi::Value onRanks(const Napi::CallbackInfo& info);
  Napi::Value setDriverVariable(const Napi::CallbackInfo& info);
  Napi::Value driverVariable(const Napi::CallbackInfo& info);
  /// Such a thread, made when it is first needed.
  const std::shared_ptr<DeviceHost>& threadOf(std::shared_ptr<DeviceHost>& host, const char* title);
  /// Stops every device's thread.
  void stop();
  Napi::Value stopFromJavaScript(const Napi::CallbackInfo& info);

  // The order matters: hosts stop before the jobs that they report to end.
  Jobs jobs_;
  Napi::FunctionReference deviceConstructor_;
  Napi::FunctionReference matrixConstructor_;
  std::vector<std::weak_ptr<DeviceHost>> hosts_;
  std::shared_ptr<DeviceHost> survey_;  ///< a thread without a device, for questions to the drivers
  std::shared_ptr<DeviceHost> files_;   ///< another, for private files
  std::shared_ptr<DeviceHost> ranks_;   ///< another, for what ranks tell each other
};

}  // namespace thalweg::binding
