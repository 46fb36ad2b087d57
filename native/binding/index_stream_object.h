#pragma once

#include <napi.h>

#include "../descent/index_stream.h"

namespace thalweg::binding {

/// `new IndexStream(seed)`, with `randint(bound, count)` and `permutation(count)`: for tests, which
/// hold the stream against NumPy's.
class IndexStreamObject final : public Napi::ObjectWrap<IndexStreamObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit IndexStreamObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value randint(const Napi::CallbackInfo& info);
  Napi::Value permutation(const Napi::CallbackInfo& info);

  IndexStream stream_;
};

}  // namespace thalweg::binding
