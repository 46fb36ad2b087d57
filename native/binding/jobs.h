#pragma once

#include <napi.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "device_host.h"

namespace thalweg::binding {

/// The way from any thread to the JavaScript thread of one environment, until that ends. Threads
/// that outlive the environment hold it.
class Outbox {
 public:
  using Call = std::function<void(Napi::Env)>;

  explicit Outbox(Napi::Env env);

  /// Makes the call on the JavaScript thread; after `end`, not at all.
  void post(std::unique_ptr<Call> call);
  /// Nothing is posted any more.
  void end();

  // On the JavaScript thread: whether what is to be posted keeps the environment alive.
  void ref(Napi::Env env) { queue_.Ref(env); }
  void unref(Napi::Env env) { queue_.Unref(env); }

 private:
  std::mutex mutex_;
  bool ended_ = false;
  Napi::ThreadSafeFunction queue_;
};

/// The promises of one Node environment that wait for a device's thread, all on the JavaScript
/// thread. While a job is pending the environment stays alive; an idle device keeps nothing alive.
class Jobs {
 public:
  /// Makes the value a promise resolves with, on the JavaScript thread.
  using Resolve = std::function<Napi::Value(Napi::Env)>;
  /// Runs on the device's thread.
  using Work = std::function<Resolve(DeviceHost&)>;
  /// Calls a job's progress function with the numbers, unless the job has settled. For the device's
  /// thread.
  using Report = std::function<void(double passes, double loss, double seconds)>;
  /// Calls its checkpoint function likewise, with what is made of it on the JavaScript thread.
  using Post = std::function<void(const Resolve&)>;

  explicit Jobs(Napi::Env env);

  /// Runs `work` on the host's thread and settles the promise with what it returns or throws. The
  /// host is kept until then; work itself must not own it, or the host would not end.
  Napi::Promise run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work);

  /// How a job is watched and ended: `cancel` is the flag that ends it, the functions are kept for
  /// `reporter` and `poster` until the promise settles.
  struct Watch {
    std::shared_ptr<CancelFlag> cancel{};
    Napi::Function progress{};
    Napi::Function checkpoint{};
  };
  /// As `run`, watched. Sets `id`.
  Napi::Promise run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work,
                    const Watch& watch, std::uint64_t& id);

  /// `id` is read when the job runs.
  [[nodiscard]] Report reporter(std::shared_ptr<const std::uint64_t> id);
  [[nodiscard]] Post poster(std::shared_ptr<const std::uint64_t> id);

  /// Leaves a host behind; all jobs that wait for it reject, since their device is lost.
  void giveUp(Napi::Env env, const std::shared_ptr<DeviceHost>& host);

  /// No more calls into JavaScript.
  void end() { outbox_->end(); }

 private:
  struct Job {
    Napi::Promise::Deferred deferred;
    Napi::FunctionReference progress;
    Napi::FunctionReference checkpoint;
    std::shared_ptr<DeviceHost> host;
  };

  void settle(Napi::Env env, std::uint64_t id, const Resolve& resolve,
              const std::exception_ptr& failure);

  std::shared_ptr<Outbox> outbox_;
  std::unordered_map<std::uint64_t, Job> pending_;
  std::uint64_t nextId_ = 1;
};

}  // namespace thalweg::binding
