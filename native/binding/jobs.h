#pragma once

#include <napi.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <unordered_map>

#include "device_host.h"

namespace thalweg::binding {

/// The promises of one Node environment that wait for a device's thread. All of it lives on the
/// JavaScript thread but for `post`. While a job is pending the environment stays alive; an idle
/// device keeps nothing alive.
class Jobs {
 public:
  using Done = std::function<void(Napi::Env)>;
  /// Makes the value a promise resolves with, on the JavaScript thread.
  using Resolve = std::function<Napi::Value(Napi::Env)>;
  /// Runs on the device's thread.
  using Work = std::function<Resolve(DeviceHost&)>;

  explicit Jobs(Napi::Env env);

  /// Runs `work` on the host's thread and settles the promise with what it returns or throws. The
  /// host is kept until then; work itself must not own it, or the host could come to destroy itself
  /// on its own thread.
  Napi::Promise run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work);

  /// As `run`, with `progress` kept for `report` until the promise settles. Sets `id`.
  Napi::Promise run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work,
                    Napi::Function progress, std::uint64_t& id);

  /// From the device's thread: calls the job's progress function with the numbers, unless it has
  /// settled.
  void report(std::uint64_t id, double passes, double loss, double seconds);

  /// No more calls into JavaScript; every host must have stopped before.
  void end();

 private:
  struct Job {
    Napi::Promise::Deferred deferred;
    Napi::FunctionReference progress;
    std::shared_ptr<DeviceHost> host;
  };

  void post(Done done);
  void settle(Napi::Env env, std::uint64_t id, const Resolve& resolve,
              const std::exception_ptr& failure);

  Napi::ThreadSafeFunction queue_;
  std::unordered_map<std::uint64_t, Job> pending_;
  std::uint64_t nextId_ = 1;
};

}  // namespace thalweg::binding
