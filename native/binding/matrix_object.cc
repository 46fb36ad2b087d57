#include "matrix_object.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "../error.h"
#include "convert.h"
#include "errors.h"
#include "module.h"

namespace thalweg::binding {
namespace {

HostValues valuesOf(const Napi::TypedArray& values) {
  if (values.TypedArrayType() == napi_float32_array)
    return {values.As<Napi::Float32Array>().Data(), Dtype::float32};
  return {values.As<Napi::Float64Array>().Data(), Dtype::float64};
}

bool isFloats(const Napi::Value& value) {
  if (!value.IsTypedArray()) return false;
  const auto type = value.As<Napi::TypedArray>().TypedArrayType();
  return type == napi_float32_array || type == napi_float64_array;
}

}  // namespace

Napi::Function MatrixObject::define(Napi::Env env) {
  return DefineClass(
      env, "NativeMatrix",
      {InstanceMethod<&MatrixObject::append>("append"), InstanceMethod<&MatrixObject::read>("read"),
       InstanceMethod<&MatrixObject::dispose>("dispose")});
}

Napi::Object MatrixObject::create(Napi::Env env, Module& module, std::shared_ptr<DeviceHost> host,
                                  std::shared_ptr<RowCopier> copier,
                                  const std::weak_ptr<Matrix>& matrix) {
  auto object = module.constructors(env).matrix.New({});
  auto* self = Unwrap(object);
  self->module_ = &module;
  self->host_ = std::move(host);
  self->copier_ = std::move(copier);
  object.Set("sliceBytes", static_cast<double>(self->copier_->sliceBytes()));
  self->matrix_ = matrix;
  // Without this a garbage collection would not be due however much undisposed matrices hold.
  const auto held = matrix.lock();
  self->bytes_ = held ? static_cast<std::int64_t>(held->rows() * held->rowBytes()) : 0;
  Napi::MemoryManagement::AdjustExternalMemory(env, self->bytes_);
  return object;
}

MatrixObject::MatrixObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MatrixObject>(info) {}

MatrixObject::~MatrixObject() { drop(); }

void MatrixObject::drop() {
  if (!host_) return;
  host_->submit([matrix = std::exchange(matrix_, {})](DeviceHost& host) { host.drop(matrix); });
  // Also called by the destructor, which must not throw: a status that is not ok changes nothing.
  std::int64_t total = 0;
  std::ignore = napi_adjust_external_memory(Env(), -std::exchange(bytes_, 0), &total);
}

std::shared_ptr<Matrix> MatrixObject::matrix() const {
  auto matrix = matrix_.lock();
  if (!matrix) throw Error(ErrorCode::disposed, "This matrix is disposed, or its device is closed");
  return matrix;
}

Napi::Value MatrixObject::append(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    auto matrix = this->matrix();
    if (!isFloats(info[0]))
      throw Error(ErrorCode::invalidArgument, "A Float32Array or Float64Array is expected");
    const auto values = info[0].As<Napi::TypedArray>();
    const std::uint64_t rows = values.ElementLength() / matrix->columns();
    if (rows * matrix->columns() != values.ElementLength() || rows > matrix->rows() - nextRow_) {
      throw Error(ErrorCode::shape, "Whole rows are expected, and no more than the matrix has");
    }
    const std::uint64_t first = nextRow_;
    std::shared_ptr<Upload> upload = matrix->beginUpload(first, rows);
    const Summary seen = copier_->copy(
        valuesOf(values), {upload->bytes(), matrix->dtype(), matrix->columns(), first});
    nextRow_ += rows;
    return module_->jobs().run(env, host_, [matrix, upload, seen](DeviceHost&) -> Jobs::Resolve {
      matrix->include(seen);
      upload->commit();
      return [](Napi::Env callEnv) { return callEnv.Undefined(); };
    });
  });
}

Napi::Value MatrixObject::read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    auto matrix = this->matrix();
    const auto first = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value());
    const auto rows = static_cast<std::uint64_t>(info[1].ToNumber().Int64Value());
    if (first > matrix->rows() || rows > matrix->rows() - first) {
      throw Error(ErrorCode::shape, "Rows past the end of the matrix");
    }
    return module_->jobs().run(env, host_, [matrix, first, rows](DeviceHost&) -> Jobs::Resolve {
      auto bytes = std::make_shared<std::vector<std::byte>>(rows * matrix->rowBytes());
      matrix->read(first, rows, *bytes);
      const Dtype dtype = matrix->dtype();
      return [bytes, dtype](Napi::Env callEnv) -> Napi::Value {
        auto buffer = Napi::ArrayBuffer::New(callEnv, bytes->size());
        std::copy(bytes->begin(), bytes->end(), static_cast<std::byte*>(buffer.Data()));
        if (dtype == Dtype::float32)
          return Napi::Float32Array::New(callEnv, bytes->size() / sizeof(float), buffer, 0);
        return Napi::Float64Array::New(callEnv, bytes->size() / sizeof(double), buffer, 0);
      };
    });
  });
}

Napi::Value MatrixObject::dispose(const Napi::CallbackInfo& info) {
  drop();
  return info.Env().Undefined();
}

}  // namespace thalweg::binding
