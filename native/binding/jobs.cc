#include "jobs.h"

#include <utility>

#include "errors.h"

namespace thalweg::binding {

Jobs::Jobs(Napi::Env env)
    : queue_(Napi::ThreadSafeFunction::New(
          env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "thalweg", 0, 1)) {
  queue_.Unref(env);
}

Napi::Promise Jobs::run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work) {
  std::uint64_t id = 0;
  return run(env, host, std::move(work), Napi::Function(), id);
}

Napi::Promise Jobs::run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work,
                        Napi::Function progress, std::uint64_t& id) {
  id = nextId_++;
  auto deferred = Napi::Promise::Deferred::New(env);
  auto promise = deferred.Promise();
  if (pending_.empty()) queue_.Ref(env);
  pending_.emplace(
      id, Job{deferred, progress.IsEmpty() ? Napi::FunctionReference() : Napi::Persistent(progress),
              host});
  host->submit([this, id, work = std::move(work)](DeviceHost& on) {
    Resolve resolve;
    std::exception_ptr failure;
    try {
      resolve = work(on);
    } catch (...) {
      failure = std::current_exception();
    }
    post([this, id, resolve = std::move(resolve), failure](Napi::Env callEnv) {
      settle(callEnv, id, resolve, failure);
    });
  });
  return promise;
}

void Jobs::report(std::uint64_t id, double passes, double loss, double seconds) {
  post([this, id, passes, loss, seconds](Napi::Env env) {
    const auto job = pending_.find(id);
    if (job == pending_.end() || job->second.progress.IsEmpty()) return;
    job->second.progress.Call({Napi::Number::New(env, passes), Napi::Number::New(env, loss),
                               Napi::Number::New(env, seconds)});
  });
}

void Jobs::settle(Napi::Env env, std::uint64_t id, const Resolve& resolve,
                  const std::exception_ptr& failure) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const Job job = std::move(found->second);
  pending_.erase(found);
  if (pending_.empty()) queue_.Unref(env);
  try {
    if (failure) std::rethrow_exception(failure);
    job.deferred.Resolve(resolve(env));
  } catch (...) {
    job.deferred.Reject(toJavaScript(env, std::current_exception()));
  }
}

void Jobs::post(Done done) {
  auto call = std::make_unique<Done>(std::move(done));
  const auto status =
      queue_.NonBlockingCall(call.get(), [](Napi::Env env, Napi::Function, Done* data) {
        const std::unique_ptr<Done> owned(data);
        const Napi::HandleScope scope(env);
        try {
          (*owned)(env);
        } catch (const Napi::Error&) {
          // A worker that is being terminated refuses every call; nobody is left to tell.
        }
      });
  if (status == napi_ok) std::ignore = call.release();
}

void Jobs::end() { queue_.Abort(); }

}  // namespace thalweg::binding
