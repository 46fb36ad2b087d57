#include "kernel_programs.h"

#include <string>
#include <vector>

#include "../device/kernels/programs.h"

namespace thalweg::binding {
namespace {

template <typename Text>
Napi::Array texts(Napi::Env env, const std::vector<Text>& values) {
  auto array = Napi::Array::New(env, values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    array.Set(i, Napi::String::New(env, std::string(values[i])));
  }
  return array;
}

}  // namespace

Napi::Value kernelPrograms(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto device = info[0].As<Napi::Object>();
  const auto number = [&](const char* name) {
    return device.Get(name).As<Napi::Number>().Uint32Value();
  };
  kernels::QueueLimits limits;
  limits.groupSize = number("groupSize");
  limits.localBytes = number("localBytes");
  limits.float64 = device.Get("float64").ToBoolean();
  const bool rows = device.Get("shape").ToString().Utf8Value() == "rows";
  DeviceInfo described;
  described.type = DeviceType::gpu;
  described.isa = device.Get("isa").ToString().Utf8Value();
  const kernels::KernelSizes sizes = kernels::sizesFor(
      kernels::classOf(described), rows ? kernels::Shape::rows : kernels::Shape::wide, limits);

  const auto keys = kernels::everyProgram(sizes, limits.float64);
  auto programs = Napi::Array::New(env, keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    const kernels::Source source = kernels::sourceOf(keys[i], sizes, limits.float64);
    auto program = Napi::Object::New(env);
    program.Set("dtype", keys[i].dtype == Dtype::float64 ? "float64" : "float32");
    program.Set("files", texts(env, source.files));
    program.Set("defines", texts(env, source.defines));
    programs.Set(i, program);
  }
  return programs;
}

}  // namespace thalweg::binding
