#include "jobs.h"

#include <utility>
#include <vector>

#include "../error.h"
#include "errors.h"

namespace thalweg::binding {
namespace {

std::exception_ptr lost(const DeviceHost& host) {
  return std::make_exception_ptr(Error(
      ErrorCode::deviceLost,
      host.title() + " stopped answering. Open the device again; if that fails too, look at the "
                     "system log and run `thalweg doctor`.",
      {.device = host.title()}));
}

Napi::FunctionReference kept(const Napi::Function& function) {
  return function.IsEmpty() ? Napi::FunctionReference() : Napi::Persistent(function);
}

/// What became of a job.
struct Outcome {
  Jobs::Resolve resolve{};
  std::exception_ptr failure{};
};

}  // namespace

Outbox::Outbox(Napi::Env env)
    : queue_(Napi::ThreadSafeFunction::New(
          env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "thalweg", 0, 1)) {
  queue_.Unref(env);
}

void Outbox::post(std::unique_ptr<Call> call) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  const auto status =
      queue_.NonBlockingCall(call.get(), [](Napi::Env env, Napi::Function, Call* data) {
        const std::unique_ptr<Call> taken(data);
        const Napi::HandleScope scope(env);
        try {
          (*taken)(env);
        } catch (const Napi::Error&) {
          // A worker that is being terminated refuses every call; nobody is left to tell.
        }
      });
  if (status == napi_ok) std::ignore = call.release();
}

void Outbox::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  queue_.Abort();
}

Jobs::Jobs(Napi::Env env) : outbox_(std::make_shared<Outbox>(env)) {}

Napi::Promise Jobs::run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work) {
  std::uint64_t id = 0;
  return run(env, host, std::move(work), {}, id);
}

Napi::Promise Jobs::run(Napi::Env env, const std::shared_ptr<DeviceHost>& host, Work work,
                        const Watch& watch, std::uint64_t& id) {
  id = nextId_++;
  auto deferred = Napi::Promise::Deferred::New(env);
  auto promise = deferred.Promise();
  if (host->isLeftBehind()) {
    deferred.Reject(toJavaScript(env, lost(*host)));
    return promise;
  }
  if (pending_.empty()) outbox_->ref(env);
  pending_.emplace(id, Job{deferred, kept(watch.progress), kept(watch.checkpoint), host});
  // Made here: where memory is full, the device's thread still tells what became of the job.
  const auto outcome = std::make_shared<Outcome>();
  const auto tell = std::make_shared<std::unique_ptr<Outbox::Call>>(
      std::make_unique<Outbox::Call>([this, id, outcome](Napi::Env callEnv) {
        settle(callEnv, id, outcome->resolve, outcome->failure);
      }));
  host->submit(
      [outbox = outbox_, outcome, tell, work = std::move(work)](DeviceHost& on) {
        try {
          outcome->resolve = work(on);
        } catch (...) {
          outcome->failure = std::current_exception();
        }
        outbox->post(std::move(*tell));
      },
      watch.cancel);
  return promise;
}

Jobs::Report Jobs::reporter(std::shared_ptr<const std::uint64_t> id) {
  return [this, outbox = outbox_, id = std::move(id)](double passes, double loss, double seconds) {
    outbox->post(std::make_unique<Outbox::Call>([=, this](Napi::Env env) {
      const auto job = pending_.find(*id);
      if (job == pending_.end() || job->second.progress.IsEmpty()) return;
      job->second.progress.Call({Napi::Number::New(env, passes), Napi::Number::New(env, loss),
                                 Napi::Number::New(env, seconds)});
    }));
  };
}

Jobs::Post Jobs::poster(std::shared_ptr<const std::uint64_t> id) {
  return [this, outbox = outbox_, id = std::move(id)](const Resolve& make) {
    outbox->post(std::make_unique<Outbox::Call>([=, this](Napi::Env env) {
      const auto job = pending_.find(*id);
      if (job == pending_.end() || job->second.checkpoint.IsEmpty()) return;
      job->second.checkpoint.Call({make(env)});
    }));
  };
}

void Jobs::giveUp(Napi::Env env, const std::shared_ptr<DeviceHost>& host) {
  host->leaveBehind();
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, job] : pending_) {
    if (job.host == host) waiting.push_back(id);
  }
  for (const std::uint64_t id : waiting) settle(env, id, {}, lost(*host));
}

void Jobs::settle(Napi::Env env, std::uint64_t id, const Resolve& resolve,
                  const std::exception_ptr& failure) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const Job job = std::move(found->second);
  pending_.erase(found);
  if (pending_.empty()) outbox_->unref(env);
  try {
    if (failure) std::rethrow_exception(failure);
    job.deferred.Resolve(resolve(env));
  } catch (...) {
    job.deferred.Reject(toJavaScript(env, std::current_exception()));
  }
}

}  // namespace thalweg::binding
