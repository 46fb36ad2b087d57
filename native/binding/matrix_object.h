#pragma once

#include <napi.h>

#include <memory>

#include "../device/device.h"
#include "../device/row_copy.h"
#include "device_host.h"

namespace thalweg::binding {

class Module;

/// A matrix on a device, as JavaScript holds it: append rows in order, read rows, dispose.
class MatrixObject final : public Napi::ObjectWrap<MatrixObject> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object create(Napi::Env env, Module& module, std::shared_ptr<DeviceHost> host,
                             std::shared_ptr<RowCopier> copier,
                             const std::weak_ptr<Matrix>& matrix);

  explicit MatrixObject(const Napi::CallbackInfo& info);
  ~MatrixObject() override;
  MatrixObject(const MatrixObject&) = delete;
  MatrixObject& operator=(const MatrixObject&) = delete;

  [[nodiscard]] const DeviceHost* host() const noexcept { return host_.get(); }
  /// Throws Error disposed. Hold it only within a task of the host, or to make one.
  [[nodiscard]] std::shared_ptr<Matrix> matrix() const;

 private:
  Napi::Value append(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);
  void drop();
  /// { rows, codes, lengths, columns, values }, valid until JavaScript runs again.
  [[nodiscard]] SparseRows sparseRows(const Napi::Value& value) const;

  Module* module_ = nullptr;
  std::shared_ptr<DeviceHost> host_;
  std::shared_ptr<RowCopier> copier_;
  std::weak_ptr<Matrix> matrix_;
  Layout layout_;
  std::uint64_t nextRow_ = 0;
  std::uint64_t nextEntry_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace thalweg::binding
