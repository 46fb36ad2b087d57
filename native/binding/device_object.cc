#include "device_object.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "../error.h"
#include "../ranks/device_of_ranks.h"
#include "../ranks/mpi.h"
#include "convert.h"
#include "errors.h"
#include "matrix_object.h"
#include "module.h"

namespace thalweg::binding {
namespace {

/// Calls `body` with the device, or with that of all ranks together where the call is of them.
template <typename Body>
auto onRanks(Device& device, bool isOfRanks, const Body& body) {
  if (!isOfRanks) return body(device);
  const auto world = startedWorld();
  if (!world) throw Error(ErrorCode::rank, "The ranks have not been started");
  DeviceOfRanks all(device, *world);
  return body(all);
}

bool isOfRanks(const Napi::CallbackInfo& info) {
  return info[2].As<Napi::Object>().Get("ofRanks").ToBoolean();
}

}  // namespace

Napi::Function DeviceObject::define(Napi::Env env) {
  return DefineClass(env, "NativeDevice",
                     {InstanceMethod<&DeviceObject::configure>("configure"),
                      InstanceMethod<&DeviceObject::plans>("plans"),
                      InstanceMethod<&DeviceObject::createMatrix>("createMatrix"),
                      InstanceMethod<&DeviceObject::descend>("descend"),
                      InstanceMethod<&DeviceObject::descendOverParts>("descendOverParts"),
                      InstanceMethod<&DeviceObject::products>("products"),
                      InstanceMethod<&DeviceObject::placeOf>("placeOf"),
                      InstanceMethod<&DeviceObject::lossGradient>("lossGradient"),
                      InstanceMethod<&DeviceObject::predict>("predict"),
                      InstanceMethod<&DeviceObject::readWords>("readWords"),
                      InstanceMethod<&DeviceObject::giveUp>("giveUp"),
                      InstanceMethod<&DeviceObject::close>("close")});
}

Napi::Object DeviceObject::create(Napi::Env env, Module& module, std::shared_ptr<DeviceHost> host,
                                  const DeviceInfo& info, std::span<const Setting> settings,
                                  const Abilities& abilities, std::shared_ptr<RowCopier> copier) {
  auto object = module.constructors(env).device.New({});
  auto* self = Unwrap(object);
  self->module_ = &module;
  self->host_ = std::move(host);
  self->copier_ = std::move(copier);
  object.Set("info", binding::toJavaScript(env, info));
  object.Set("settings", binding::toJavaScript(env, settings));
  object.Set("recordsSteps", abilities.recordsSteps);
  object.Set("holdsSparseColumns", abilities.holdsSparseColumns);
  return object;
}

DeviceObject::DeviceObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<DeviceObject>(info) {}

DeviceObject::Operands DeviceObject::operandsOf(const Napi::CallbackInfo& info) const {
  const auto object = info[2].As<Napi::Object>();
  return {matrixOf(info[0]), columnOf(info[1]), optionalColumn(object.Get("weights")),
          descentOptions(object)};
}

DeviceObject::HeldOperands DeviceObject::partOf(const Napi::Object& object) const {
  return {matrixOf(object.Get("X")), columnOf(object.Get("y")),
          optionalColumn(object.Get("weights"))};
}

DeviceObject::HeldOperands DeviceObject::heldOf(const Napi::Value& value,
                                                const Operands& on) const {
  if (!value.IsObject()) return {};
  HeldOperands held = partOf(value.As<Napi::Object>());
  if (held.X->columns() != on.X->columns() || held.y->rows() != held.X->rows() ||
      held.y->columns() != on.y->columns() || held.X->dtype() != on.X->dtype() ||
      held.y->dtype() != on.X->dtype()) {
    throw Error(ErrorCode::shape, "validation needs rows as X and y have them");
  }
  return held;
}

std::shared_ptr<Matrix> DeviceObject::optionalColumn(const Napi::Value& value) const {
  return value.IsUndefined() ? nullptr : columnOf(value);
}

std::shared_ptr<Matrix> DeviceObject::columnOf(const Napi::Value& value) const {
  auto column = matrixOf(value);
  if (column->placing().residency == Residency::device) return column;
  throw Error(ErrorCode::invalidArgument, "Targets and weights are expected on the device",
              {.option = "residency"});
}

std::shared_ptr<Matrix> DeviceObject::matrixOf(const Napi::Value& value) const {
  if (!value.IsObject() ||
      !value.As<Napi::Object>().InstanceOf(module_->constructors(value.Env()).matrix)) {
    throw Error(ErrorCode::invalidArgument, "A matrix is expected");
  }
  const auto* object = MatrixObject::Unwrap(value.As<Napi::Object>());
  if (object->host() != host_.get()) {
    throw Error(ErrorCode::invalidArgument, "This matrix is on another device",
                {.option = "device"});
  }
  return object->matrix();
}

Napi::Object DeviceObject::start(Napi::Env env, Body body) {
  return start(env, std::move(body), std::make_shared<std::uint64_t>(0), env.Undefined(),
               env.Undefined());
}

Napi::Object DeviceObject::start(Napi::Env env, Body body, const std::shared_ptr<std::uint64_t>& id,
                                 const Napi::Value& progress, const Napi::Value& checkpoint) {
  auto cancelled = host_->newCancelFlag();
  const auto work = [body = std::move(body), cancelled](DeviceHost& host) {
    if (cancelled->load()) throw Cancelled();
    return body(host.device(), *cancelled);
  };
  auto object = Napi::Object::New(env);
  const auto function = [](const Napi::Value& value) {
    return value.IsFunction() ? value.As<Napi::Function>() : Napi::Function();
  };
  const Jobs::Watch watch{cancelled, function(progress), function(checkpoint)};
  object.Set("promise", module_->jobs().run(env, host_, work, watch, *id));
  object.Set("cancel", Napi::Function::New(env, [cancelled](const Napi::CallbackInfo&) {
               cancelled->store(true);
             }));
  // The function holds nothing that would keep the device.
  object.Set("giveUp", Napi::Function::New(env, [module = module_, weak = std::weak_ptr(host_),
                                                 cancelled](const Napi::CallbackInfo& info) {
               return giveUp(info.Env(), *module, weak.lock(), cancelled.get());
             }));
  return object;
}

Napi::Value DeviceObject::configure(const Napi::CallbackInfo& info) {
  const auto wanted = settings(info[0]);
  return module_->jobs().run(info.Env(), host_, [wanted](DeviceHost& on) -> Jobs::Resolve {
    on.device().configure(wanted);
    const auto now = on.device().settings();
    return [now](Napi::Env env) { return binding::toJavaScript(env, now); };
  });
}

Napi::Value DeviceObject::plans(const Napi::CallbackInfo& info) {
  const auto number = [&](std::size_t at) {
    return static_cast<std::uint64_t>(info[at].ToNumber().Int64Value());
  };
  const KernelPlanQuestion question{.dtype = dtype(info[0].ToString().Utf8Value()),
                                    .rows = number(1),
                                    .mostColumns = number(2),
                                    .batchSize = number(3)};
  return module_->jobs().run(info.Env(), host_, [question](DeviceHost& on) -> Jobs::Resolve {
    const auto plans = on.device().plans(question);
    return [plans](Napi::Env env) { return binding::toJavaScript(env, std::span(plans)); };
  });
}

Napi::Value DeviceObject::createMatrix(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const auto rows = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value());
    const auto columns = static_cast<std::uint64_t>(info[1].ToNumber().Int64Value());
    const Dtype type = dtype(info[2].ToString().Utf8Value());
    const Layout held =
        info[3].IsObject() ? layout(info[3].As<Napi::Object>()) : Layout{.dense = columns};
    if (held.columns() != columns)
      throw Error(ErrorCode::shape, "A layout of as many columns is expected");
    const PlacingWish wish = placingWish(info[4]);
    auto* module = module_;
    const std::weak_ptr<DeviceHost> weak = host_;
    const auto copier = copier_;
    return module_->jobs().run(env, host_, [=](DeviceHost& on) -> Jobs::Resolve {
      const auto matrix = on.keep(placedMatrix(on.device(), rows, held, type, wish));
      return [=](Napi::Env callEnv) {
        return MatrixObject::create(callEnv, *module, weak.lock(), copier, matrix);
      };
    });
  });
}

Napi::Value DeviceObject::descend(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const Operands on = operandsOf(info);
    const HeldOperands held = heldOf(info[2].As<Napi::Object>().Get("held"), on);
    const bool watched = info[3].IsFunction();
    const bool kept = info[4].IsFunction();
    const bool ofRanks = isOfRanks(info);
    const double seconds = kept ? info[5].ToNumber().DoubleValue() : 0;
    auto id = std::make_shared<std::uint64_t>(0);
    const auto report = module_->jobs().reporter(id);
    const auto post = module_->jobs().poster(id);
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      Control control{cancelled, nullptr};
      if (watched)
        control.report = [=](const Progress& progress) {
          report(static_cast<double>(progress.passes), progress.loss, progress.seconds);
        };
      if (kept) {
        control.checkpointSeconds = seconds;
        control.checkpoint = [=](DescentState state) {
          post([state = std::make_shared<DescentState>(std::move(state))](Napi::Env callEnv) {
            return binding::toJavaScript(callEnv, *state);
          });
        };
      }
      std::optional<Held> rows;
      if (held.X) rows.emplace(Held{*held.X, *held.y, held.weights.get()});
      auto result = std::make_shared<DescentResult>(onRanks(device, ofRanks, [&](Device& all) {
        return thalweg::descend(all, on.data(), rows ? &*rows : nullptr, on.options, control);
      }));
      return [result](Napi::Env callEnv) { return binding::toJavaScript(callEnv, *result); };
    };
    return start(env, body, id, info[3], info[4]);
  });
}

Napi::Value DeviceObject::descendOverParts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const auto given = info[0].As<Napi::Array>();
    const PartsOptions options = partsOptions(info[1].As<Napi::Object>());
    std::vector<HeldOperands> parts;
    for (std::uint32_t i = 0; i < given.Length(); ++i) {
      parts.push_back(partOf(given.Get(i).As<Napi::Object>()));
      const Matrix& X = *parts.back().X;
      const Matrix& first = *parts.front().X;
      if (X.columns() != first.columns() || X.dtype() != first.dtype() ||
          parts.back().y->columns() != parts.front().y->columns())
        throw Error(ErrorCode::shape, "parts need columns and a dtype in common");
    }
    if (parts.empty() || !options.descent.lbfgs)
      throw Error(ErrorCode::invalidArgument, "A part, and a descent to the optimum, are expected");
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      std::vector<Data> data;
      data.reserve(parts.size());
      for (const HeldOperands& part : parts) data.push_back({*part.X, *part.y, part.weights.get()});
      auto result = std::make_shared<std::optional<PartsResult>>(
          thalweg::descendOverParts(device, data, options, Control{cancelled, nullptr}));
      return [result](Napi::Env callEnv) -> Napi::Value {
        if (!*result) return callEnv.Undefined();
        return binding::toJavaScript(callEnv, **result);
      };
    };
    return start(env, body);
  });
}

Napi::Value DeviceObject::products(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const HeldOperands part = partOf(info[0].As<Napi::Object>());
    const DescentOptions options = descentOptions(info[1].As<Napi::Object>());
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      auto found = std::make_shared<std::optional<std::vector<double>>>(
          productsOf(device, Data{*part.X, *part.y, part.weights.get()}, options, cancelled));
      return [found](Napi::Env callEnv) -> Napi::Value {
        if (!*found) return callEnv.Undefined();
        return float64Array(callEnv, std::move(**found));
      };
    };
    return start(env, body);
  });
}

Napi::Value DeviceObject::placeOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const auto rows = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value());
    const auto columns = static_cast<std::uint64_t>(info[1].ToNumber().Int64Value());
    const std::uint64_t bytes = matrixBytes(rows, columns, dtype(info[2].ToString().Utf8Value()));
    const PlacingWish wish = placingWish(info[3]);
    return module_->jobs().run(env, host_, [=](DeviceHost& on) -> Jobs::Resolve {
      const Residency there = residencyOf(on.device(), bytes, wish);
      return [=](Napi::Env callEnv) { return Napi::String::New(callEnv, name(there)); };
    });
  });
}

Napi::Value DeviceObject::lossGradient(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const Operands on = operandsOf(info);
    const bool ofRanks = isOfRanks(info);
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      const auto found = std::make_shared<LossGradient>(onRanks(device, ofRanks, [&](Device& all) {
        return thalweg::lossGradient(all, on.data(), on.options, cancelled);
      }));
      return [=](Napi::Env callEnv) -> Napi::Value {
        auto object = Napi::Object::New(callEnv);
        object.Set("gradient", float64Array(callEnv, found->gradient));
        object.Set("interceptGradients", float64Array(callEnv, found->intercepts));
        object.Set("loss", found->loss);
        return object;
      };
    };
    return start(env, body);
  });
}

Napi::Value DeviceObject::predict(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    auto X = matrixOf(info[0]);
    const auto theta = doubles(info[1]);
    const auto intercepts = doubles(info[2]);
    const Activation phi = activation(info[3]);
    if (intercepts.empty() || theta.size() != X->columns() * intercepts.size())
      throw Error(ErrorCode::shape, "theta needs a value for each column of X and each output");
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      auto outputs = std::make_shared<std::vector<double>>(X->rows() * intercepts.size());
      device.predict(*X, theta, intercepts, phi, *outputs, cancelled);
      return [outputs](Napi::Env callEnv) { return float64Array(callEnv, std::move(*outputs)); };
    };
    return start(env, body);
  });
}

Napi::Value DeviceObject::readWords(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    auto X = matrixOf(info[0]);
    const auto times = static_cast<std::uint64_t>(info[1].ToNumber().Int64Value());
    const auto body = [=](Device& device, const CancelFlag& cancelled) -> Jobs::Resolve {
      using Clock = std::chrono::steady_clock;
      const Clock::time_point start = Clock::now();
      const std::uint32_t sum = device.readWords(*X, times, cancelled);
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      return [=](Napi::Env callEnv) -> Napi::Value {
        auto object = Napi::Object::New(callEnv);
        object.Set("sum", sum);
        object.Set("seconds", seconds);
        return object;
      };
    };
    return start(env, body);
  });
}

Napi::Value DeviceObject::giveUp(const Napi::CallbackInfo& info) {
  return giveUp(info.Env(), *module_, host_, nullptr);
}

Napi::Value DeviceObject::giveUp(Napi::Env env, Module& module,
                                 const std::shared_ptr<DeviceHost>& host,
                                 const CancelFlag* cancel) {
  const bool hung = host && host->isHung(cancel);
  if (hung) module.jobs().giveUp(env, host);
  return Napi::Boolean::New(env, hung);
}

Napi::Value DeviceObject::close(const Napi::CallbackInfo& info) {
  // Nothing can be done about it any more.
  if (host_->isLeftBehind()) {
    const auto deferred = Napi::Promise::Deferred::New(info.Env());
    deferred.Resolve(info.Env().Undefined());
    return deferred.Promise();
  }
  return module_->jobs().run(info.Env(), host_, [](DeviceHost& host) -> Jobs::Resolve {
    host.close();
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

}  // namespace thalweg::binding
