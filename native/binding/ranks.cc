#include "ranks.h"

#include <span>
#include <string>
#include <vector>

#include "../error.h"
#include "../ranks/mpi.h"
#include "convert.h"
#include "errors.h"

namespace thalweg::binding {
namespace {

World& world() {
  const auto started = startedWorld();
  if (!started) throw Error(ErrorCode::rank, "The ranks have not been started");
  return *started;  // it lives as long as the process
}

std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

}  // namespace

Napi::Value startRanks(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const StartedWorld started = startMpi(text(info[0]));
    auto object = Napi::Object::New(env);
    object.Set("rank", static_cast<double>(started.world->rank()));
    object.Set("size", static_cast<double>(started.world->size()));
    object.Set("library", started.library);
    return object;
  });
}

Napi::Value endRanks(const Napi::CallbackInfo& info) {
  endMpiWith(info[0].ToNumber().Int32Value());
  return info.Env().Undefined();
}

Napi::Value gatherFromRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                            const Napi::CallbackInfo& info) {
  return jobs.run(info.Env(), thread, [mine = text(info[0])](DeviceHost&) -> Jobs::Resolve {
    const auto all = world().gather(std::as_bytes(std::span(mine)));
    return [all](Napi::Env env) {
      auto texts = Napi::Array::New(env, all.size());
      for (std::uint32_t r = 0; r < all.size(); ++r) {
        const auto* characters = reinterpret_cast<const char*>(all[r].data());
        texts.Set(r, Napi::String::New(env, characters, all[r].size()));
      }
      return texts;
    };
  });
}

Napi::Value sumOverRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                         const Napi::CallbackInfo& info) {
  return rethrowing(info.Env(), [&]() -> Napi::Value {
    auto values = std::make_shared<std::vector<double>>(doubles(info[0]));
    return jobs.run(info.Env(), thread, [values](DeviceHost&) -> Jobs::Resolve {
      world().sum(*values);
      return [values](Napi::Env env) { return float64Array(env, std::move(*values)); };
    });
  });
}

Napi::Value failBeforeRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                            const Napi::CallbackInfo& info) {
  return jobs.run(info.Env(), thread, [message = text(info[0])](DeviceHost&) -> Jobs::Resolve {
    world().fail(message);
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

}  // namespace thalweg::binding
