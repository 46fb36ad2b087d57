#include "index_stream_object.h"

#include <span>

namespace thalweg::binding {

Napi::Function IndexStreamObject::define(Napi::Env env) {
  return DefineClass(env, "IndexStream",
                     {InstanceMethod<&IndexStreamObject::randint>("randint"),
                      InstanceMethod<&IndexStreamObject::permutation>("permutation")});
}

IndexStreamObject::IndexStreamObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<IndexStreamObject>(info), stream_(info[0].ToNumber().Uint32Value()) {}

Napi::Value IndexStreamObject::randint(const Napi::CallbackInfo& info) {
  auto draws = Napi::Uint32Array::New(info.Env(), info[1].ToNumber().Uint32Value());
  stream_.randint(info[0].ToNumber().Uint32Value(), std::span(draws.Data(), draws.ElementLength()));
  return draws;
}

Napi::Value IndexStreamObject::permutation(const Napi::CallbackInfo& info) {
  auto draws = Napi::Uint32Array::New(info.Env(), info[0].ToNumber().Uint32Value());
  stream_.permutation(std::span(draws.Data(), draws.ElementLength()));
  return draws;
}

}  // namespace thalweg::binding
