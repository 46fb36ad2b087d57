#include "private_files.h"

#include <span>
#include <string>
#include <vector>

#include "../private_folder.h"

namespace thalweg::binding {
namespace {

std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

const char* nameOf(FolderState::Kind kind) {
  switch (kind) {
    case FolderState::Kind::ready: return "ready";
    case FolderState::Kind::absent: return "absent";
    case FolderState::Kind::unsafe: return "unsafe";
    case FolderState::Kind::failed: return "failed";
  }
  return "failed";
}

struct Inspected {
  FolderState state;
  std::string notWritable;
  std::vector<std::string> untrusted;
};

Napi::Value toJavaScript(Napi::Env env, const Inspected& found) {
  auto object = Napi::Object::New(env);
  object.Set("kind", nameOf(found.state.kind));
  if (!found.state.why.empty()) object.Set("why", found.state.why);
  if (!found.notWritable.empty()) object.Set("notWritable", found.notWritable);
  auto names = Napi::Array::New(env, found.untrusted.size());
  for (std::uint32_t i = 0; i < found.untrusted.size(); ++i)
    names.Set(i, Napi::String::New(env, found.untrusted[i]));
  object.Set("untrusted", names);
  return object;
}

}  // namespace

Napi::Value inspectFolder(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                          const Napi::CallbackInfo& info) {
  const std::string folder = text(info[0]);
  const bool make = info[1].ToBoolean();
  return jobs.run(info.Env(), thread, [folder, make](DeviceHost&) -> Jobs::Resolve {
    const PrivateFolder opened(folder, make);
    const Inspected found{opened.state(), opened.isOpen() ? opened.whyNotWritable() : "",
                          opened.untrusted()};
    return [found](Napi::Env env) { return toJavaScript(env, found); };
  });
}

Napi::Value readPrivate(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                        const Napi::CallbackInfo& info) {
  const std::string folder = text(info[0]);
  const std::string name = text(info[1]);
  const auto largest = static_cast<std::uint64_t>(info[2].As<Napi::Number>().Int64Value());
  return jobs.run(info.Env(), thread, [folder, name, largest](DeviceHost&) -> Jobs::Resolve {
    const auto file = PrivateFolder(folder).read(name, largest);
    return [file](Napi::Env env) -> Napi::Value {
      if (!file.isThere) return env.Undefined();
      if (!file.content) return env.Null();
      const auto* characters = reinterpret_cast<const char*>(file.content->data());
      return Napi::String::New(env, characters, file.content->size());
    };
  });
}

Napi::Value writePrivate(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                         const Napi::CallbackInfo& info) {
  const std::string folder = text(info[0]);
  const std::string name = text(info[1]);
  const std::string content = text(info[2]);
  return jobs.run(info.Env(), thread, [folder, name, content](DeviceHost&) -> Jobs::Resolve {
    const std::string why =
        PrivateFolder(folder, true).write(name, std::as_bytes(std::span(content)));
    return [why](Napi::Env env) { return Napi::String::New(env, why); };
  });
}

}  // namespace thalweg::binding
