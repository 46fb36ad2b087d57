#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <span>

#include "../descent/descent.h"
#include "../device/row_copy.h"
#include "device_host.h"
#include "jobs.h"

namespace thalweg::binding {

class MatrixObject;
class Module;

/// What a device can do besides what all can.
struct Abilities {
  bool recordsSteps = false;
  bool holdsSparseColumns = false;
};

/// An open device, as JavaScript holds it.
class DeviceObject final : public Napi::ObjectWrap<DeviceObject> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object create(Napi::Env env, Module& module, std::shared_ptr<DeviceHost> host,
                             const DeviceInfo& info, std::span<const Setting> settings,
                             const Abilities& abilities, std::shared_ptr<RowCopier> copier);

  explicit DeviceObject(const Napi::CallbackInfo& info);

 private:
  using Body = std::function<Jobs::Resolve(Device&, const CancelFlag&)>;

  Napi::Value configure(const Napi::CallbackInfo& info);
  Napi::Value plans(const Napi::CallbackInfo& info);
  Napi::Value createMatrix(const Napi::CallbackInfo& info);
  Napi::Value descend(const Napi::CallbackInfo& info);
  Napi::Value descendOverParts(const Napi::CallbackInfo& info);
  Napi::Value products(const Napi::CallbackInfo& info);
  Napi::Value placeOf(const Napi::CallbackInfo& info);
  Napi::Value lossGradient(const Napi::CallbackInfo& info);
  Napi::Value predict(const Napi::CallbackInfo& info);
  Napi::Value readWords(const Napi::CallbackInfo& info);
  Napi::Value giveUp(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  /// Leaves a host behind that hangs in the job that `cancel` is to end, or in one that is never
  /// long; returns whether it did.
  static Napi::Value giveUp(Napi::Env env, Module& module, const std::shared_ptr<DeviceHost>& host,
                            const CancelFlag* cancel);

  /// (X, y, options), the first arguments of `descend` and `lossGradient`; the options may have a
  /// matrix of weights.
  struct Operands {
    std::shared_ptr<Matrix> X;
    std::shared_ptr<Matrix> y;
    std::shared_ptr<Matrix> weights;  ///< null: 1 each
    DescentOptions options;

    [[nodiscard]] Data data() const noexcept { return {*X, *y, weights.get()}; }
  };
  [[nodiscard]] Operands operandsOf(const Napi::CallbackInfo& info) const;
  /// { X, y, weights }: a part of the rows; or the rows to validate with, checked beside those to
  /// learn from, or nothing.
  struct HeldOperands {
    std::shared_ptr<Matrix> X;
    std::shared_ptr<Matrix> y;
    std::shared_ptr<Matrix> weights;  ///< null: 1 each
  };
  /// { X, y, weights } of an object.
  [[nodiscard]] HeldOperands partOf(const Napi::Object& object) const;
  [[nodiscard]] HeldOperands heldOf(const Napi::Value& value, const Operands& on) const;
  /// The matrix behind an argument; refuses one of another device.
  [[nodiscard]] std::shared_ptr<Matrix> matrixOf(const Napi::Value& value) const;
  /// The same of y or of weights, which are in the device's memory.
  [[nodiscard]] std::shared_ptr<Matrix> columnOf(const Napi::Value& value) const;
  /// That of an option that may be left out.
  [[nodiscard]] std::shared_ptr<Matrix> optionalColumn(const Napi::Value& value) const;
  /// { promise, cancel(), giveUp() } of a job that can be cancelled.
  Napi::Object start(Napi::Env env, Body body, const std::shared_ptr<std::uint64_t>& id,
                     const Napi::Value& progress, const Napi::Value& checkpoint);
  Napi::Object start(Napi::Env env, Body body);

  Module* module_ = nullptr;
  std::shared_ptr<DeviceHost> host_;
  std::shared_ptr<RowCopier> copier_;
};

}  // namespace thalweg::binding
