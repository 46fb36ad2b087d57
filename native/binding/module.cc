#include "module.h"

#include <utility>

#include "../device/drivers/environment.h"
#include "../error.h"
#include "convert.h"
#include "device_object.h"
#include "errors.h"
#include "index_stream_object.h"
#include "kernel_programs.h"
#include "matrix_object.h"
#include "private_files.h"
#include "ranks.h"
#include "scores.h"

namespace thalweg::binding {
namespace {

std::unique_ptr<Device> open(const DeviceSettings& settings) {
  if (settings.backend == "cpu") return cpu::open(settings.cpu);
  for (const drivers::Backend& backend : drivers::backends()) {
    if (settings.backend == backend.name)
      return drivers::openDevice(backend, settings.index, settings.driver);
  }
  throw Error(ErrorCode::deviceNotFound, "There is no backend '" + settings.backend + "'");
}

double milliseconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()); }

const char* nameOf(drivers::VariableOutcome outcome) {
  switch (outcome) {
    case drivers::VariableOutcome::set: return "set";
    case drivers::VariableOutcome::kept: return "kept";
    case drivers::VariableOutcome::tooLate: return "too late";
  }
  return "kept";
}

}  // namespace

Module::Module(Napi::Env env, Napi::Object exports)
    : jobs_(env),
      deviceConstructor_(Napi::Persistent(DeviceObject::define(env))),
      matrixConstructor_(Napi::Persistent(MatrixObject::define(env))) {
  DefineAddon(
      exports,
      {InstanceMethod("listDevices", &Module::promised<&Module::listDevices>),
       InstanceMethod("openDevice", &Module::promised<&Module::openDevice>),
       InstanceMethod("stop", &Module::stopFromJavaScript),
       InstanceMethod("setDriverVariable", &Module::setDriverVariable),
       InstanceMethod("driverVariable", &Module::driverVariable),
       InstanceMethod("inspectFolder", &Module::promised<&Module::onFiles<inspectFolder>>),
       InstanceMethod("readPrivate", &Module::promised<&Module::onFiles<readPrivate>>),
       InstanceMethod("writePrivate", &Module::promised<&Module::onFiles<writePrivate>>),
       InstanceValue("startRanks", Napi::Function::New(env, startRanks)),
       InstanceValue("endRanks", Napi::Function::New(env, endRanks)),
       InstanceMethod("gatherFromRanks", &Module::promised<&Module::onRanks<gatherFromRanks>>),
       InstanceMethod("sumOverRanks", &Module::promised<&Module::onRanks<sumOverRanks>>),
       InstanceMethod("failBeforeRanks", &Module::promised<&Module::onRanks<failBeforeRanks>>),
       InstanceValue("patience", Napi::Number::New(env, milliseconds(DeviceHost::patience))),
       InstanceValue("kernelPrograms", Napi::Function::New(env, kernelPrograms)),
       InstanceValue("classScores", Napi::Function::New(env, classScores)),
       InstanceValue("valueScores", Napi::Function::New(env, valueScores)),
       InstanceValue("IndexStream", IndexStreamObject::define(env))});
  // Registered after the jobs' own hook, and so called before it.
  env.AddCleanupHook([this] {
    stop();
    jobs_.end();
  });
}

template <auto method>
Napi::Value Module::promised(const Napi::CallbackInfo& info) {
  return rejecting(info.Env(), [&] { return (this->*method)(info); });
}

Module::Constructors Module::constructors(Napi::Env) const {
  return {deviceConstructor_.Value(), matrixConstructor_.Value()};
}

Napi::Value Module::listDevices(const Napi::CallbackInfo& info) {
  const auto settings = deviceSettings(info[0].As<Napi::Object>());
  return jobs_.run(
      info.Env(), threadOf(survey_, "the search for devices"),
      [settings](DeviceHost&) -> Jobs::Resolve {
        auto found = std::make_shared<std::vector<DeviceInfo>>();
        found->push_back(cpu::describe(settings.cpu));
        auto surveys = std::make_shared<std::vector<drivers::Survey>>();
        for (const drivers::Backend& backend : drivers::backends()) {
          const bool asked = settings.backend.empty() || settings.backend == backend.name;
          surveys->push_back(asked ? drivers::survey(backend, settings.driver) : drivers::Survey());
          const auto& devices = surveys->back().devices;
          found->insert(found->end(), devices.begin(), devices.end());
        }
        stopHostsBeforeDriversExit();
        return [found, surveys](Napi::Env env) -> Napi::Value {
          auto devices = Napi::Array::New(env, found->size());
          for (std::uint32_t i = 0; i < found->size(); ++i) {
            devices.Set(i, binding::toJavaScript(env, (*found)[i]));
          }
          auto object = Napi::Object::New(env);
          object.Set("devices", devices);
          for (std::size_t i = 0; i < surveys->size(); ++i) {
            object.Set(drivers::backends()[i].name, binding::toJavaScript(env, (*surveys)[i]));
          }
          return object;
        };
      });
}

Napi::Value Module::openDevice(const Napi::CallbackInfo& info) {
  const auto settings = deviceSettings(info[0].As<Napi::Object>());
  auto host = DeviceHost::start(
      settings.backend == "cpu" ? "cpu" : settings.backend + ":" + std::to_string(settings.index));
  std::erase_if(hosts_, [](const auto& weak) { return weak.expired(); });
  hosts_.push_back(host);
  return jobs_.run(
      info.Env(), host,
      [this, weak = std::weak_ptr(host), settings](DeviceHost& on) -> Jobs::Resolve {
        on.open(open(settings));
        auto described = on.device().info();
        auto settled = on.device().settings();
        const Abilities abilities{on.device().recordsSteps(), on.device().holdsSparseColumns()};
        stopHostsBeforeDriversExit();
        return [this, weak, described, settled, abilities, settings](Napi::Env env) {
          return DeviceObject::create(env, *this, weak.lock(), described, settled, abilities,
                                      std::make_shared<RowCopier>(settings.cpu.threads));
        };
      });
}

template <auto function>
Napi::Value Module::onFiles(const Napi::CallbackInfo& info) {
  return function(jobs_, threadOf(files_, "the disk"), info);
}

template <auto function>
Napi::Value Module::onRanks(const Napi::CallbackInfo& info) {
  return function(jobs_, threadOf(ranks_, "the other ranks"), info);
}

const std::shared_ptr<DeviceHost>& Module::threadOf(std::shared_ptr<DeviceHost>& host,
                                                    const char* title) {
  if (!host) {
    host = DeviceHost::start(title);
    hosts_.push_back(host);
  }
  return host;
}

Napi::Value Module::setDriverVariable(const Napi::CallbackInfo& info) {
  const auto outcome = drivers::setDriverVariable(info[0].As<Napi::String>().Utf8Value(),
                                                  info[1].As<Napi::String>().Utf8Value());
  return Napi::String::New(info.Env(), nameOf(outcome));
}

Napi::Value Module::driverVariable(const Napi::CallbackInfo& info) {
  const auto value = drivers::driverVariable(info[0].As<Napi::String>().Utf8Value());
  return value ? Napi::String::New(info.Env(), *value) : info.Env().Undefined();
}

void Module::stop() {
  std::vector<std::shared_ptr<DeviceHost>> live;
  for (const auto& weak : hosts_) {
    if (auto host = weak.lock()) live.push_back(std::move(host));
  }
  DeviceHost::stop(live);
}

Napi::Value Module::stopFromJavaScript(const Napi::CallbackInfo& info) {
  stop();
  return info.Env().Undefined();
}

}  // namespace thalweg::binding
