#include "matrix_object.h"

#include <algorithm>
#include <optional>
#include <span>
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

template <typename Array>
Array arrayOf(const Napi::Value& value, napi_typedarray_type type) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    throw Error(ErrorCode::invalidArgument, "Another type of array is expected");
  return value.As<Array>();
}

std::span<const std::uint32_t> wholes(const Napi::Value& value) {
  auto array = arrayOf<Napi::Uint32Array>(value, napi_uint32_array);
  return {array.Data(), array.ElementLength()};
}

/// Where the elements of a typed array are, of so many bytes each.
const void* dataOf(const Napi::TypedArray& values) {
  return static_cast<const std::byte*>(values.ArrayBuffer().Data()) + values.ByteOffset();
}

}  // namespace

SparseRows MatrixObject::sparseRows(const Napi::Value& value) const {
  if (!value.IsObject()) throw Error(ErrorCode::invalidArgument, "Sparse columns are expected");
  const auto object = value.As<Napi::Object>();
  SparseRows rows{.count = static_cast<std::uint64_t>(object.Get("rows").ToNumber().Int64Value())};
  const auto codes = object.Get("codes").As<Napi::Array>();
  if (codes.Length() != layout_.levels.size())
    throw Error(ErrorCode::shape, "Codes of every column are expected");
  for (std::uint32_t c = 0; c < codes.Length(); ++c) {
    if (!codes.Get(c).IsTypedArray())
      throw Error(ErrorCode::invalidArgument, "Codes are a typed array");
    const auto array = codes.Get(c).As<Napi::TypedArray>();
    if (array.ElementLength() != rows.count || array.ElementSize() != codeBytes(layout_.levels[c]))
      throw Error(ErrorCode::shape, "A code for every row is expected, as short as can be");
    rows.codes.push_back({dataOf(array), array.ElementSize()});
  }
  if (layout_.compressed == 0) return rows;
  rows.lengths = wholes(object.Get("lengths"));
  rows.columns = wholes(object.Get("columns"));
  if (!isFloats(object.Get("values")))
    throw Error(ErrorCode::invalidArgument, "A Float32Array or Float64Array is expected");
  const auto values = object.Get("values").As<Napi::TypedArray>();
  rows.values = dataOf(values);
  rows.areDoubles = values.TypedArrayType() == napi_float64_array;
  std::uint64_t entries = 0;
  for (const std::uint32_t length : rows.lengths) entries += length;
  const auto isThere = [&](std::uint32_t column) { return column < layout_.compressed; };
  if (rows.lengths.size() != rows.count || entries != rows.columns.size() ||
      entries != values.ElementLength() || entries > layout_.entries - nextEntry_ ||
      !std::all_of(rows.columns.begin(), rows.columns.end(), isThere))
    throw Error(ErrorCode::shape, "These are no compressed rows of the matrix");
  return rows;
}

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
  if (held) self->layout_ = held->layout();
  if (held) object.Set("residency", name(held->placing().residency));
  object.Set("isSparse", held && held->isSparse());
  const bool isInMemory = held && held->placing().residency != Residency::disk;
  self->bytes_ = isInMemory ? static_cast<std::int64_t>(held->heldBytes()) : 0;
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
    const std::uint64_t first = nextRow_;
    const std::uint64_t left = matrix->rows() - first;
    const std::uint64_t dense = layout_.dense;
    const bool isSparse = layout_.sparse() > 0;
    std::optional<SparseRows> sparse;
    if (isSparse) sparse = sparseRows(info[1]);
    std::uint64_t rows = isSparse ? sparse->count : 0;
    if (dense > 0) {
      if (!isFloats(info[0]))
        throw Error(ErrorCode::invalidArgument, "A Float32Array or Float64Array is expected");
      const std::size_t values = info[0].As<Napi::TypedArray>().ElementLength();
      if (!isSparse) rows = values / dense;
      if (rows * dense != values) throw Error(ErrorCode::shape, "Whole rows are expected");
    }
    if (rows > left) throw Error(ErrorCode::shape, "The matrix has no more rows");
    if (isSparse) {
      matrix->appendSparse(*sparse);
      nextEntry_ += sparse->columns.size();
    }
    std::shared_ptr<Upload> upload = matrix->beginUpload(first, rows);
    Summary seen;
    if (dense > 0)
      seen = copier_->copy(valuesOf(info[0].As<Napi::TypedArray>()),
                           {upload->bytes(), matrix->dtype(), dense, first});
    nextRow_ += rows;
    const bool isLast = nextRow_ == matrix->rows() && rows > 0;
    return module_->jobs().run(env, host_, [=](DeviceHost&) -> Jobs::Resolve {
      upload->commit();
      matrix->include(isSparse ? matrix->sparseSummary(first, rows) : seen);
      if (isLast) matrix->complete();
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
