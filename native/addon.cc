#include <napi.h>

#include "device/kernels/embedded.h"

namespace thalweg::cpu {
namespace portable {
double multiplyAdd(double a, double b, double c);
}
#if defined(__x86_64__)
namespace x86_64_v2 {
double multiplyAdd(double a, double b, double c);
}
namespace x86_64_v3 {
double multiplyAdd(double a, double b, double c);
}
namespace x86_64_v4 {
double multiplyAdd(double a, double b, double c);
}
#endif
}  // namespace thalweg::cpu

namespace {

Napi::Value multiplyAdd(const Napi::CallbackInfo& info) {
  const double a = info[0].ToNumber();
  auto* function = &thalweg::cpu::portable::multiplyAdd;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v2") != 0) function = &thalweg::cpu::x86_64_v2::multiplyAdd;
  if (__builtin_cpu_supports("x86-64-v3") != 0) function = &thalweg::cpu::x86_64_v3::multiplyAdd;
  if (__builtin_cpu_supports("x86-64-v4") != 0) function = &thalweg::cpu::x86_64_v4::multiplyAdd;
#endif
  return Napi::Number::New(info.Env(), function(a, a, a));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("version", "0.1.0");
  exports.Set("multiplyAdd", Napi::Function::New(env, multiplyAdd));
  exports.Set("placeholder", std::string(thalweg::kernelSource("placeholder.cl")));
  return exports;
}

}  // namespace

NODE_API_MODULE(thalweg, initialize)
