#pragma once

#include <memory>
#include <utility>

#include "api.h"

namespace thalweg::opencl {

/// Owns one OpenCL object; `release` is the function of the table that gives it back.
template <typename Object, cl_int (*Api::*release)(Object)>
class Handle {
 public:
  Handle() = default;
  Handle(std::shared_ptr<const Api> api, Object object) : api_(std::move(api)), object_(object) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept
      : api_(std::move(other.api_)), object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this == &other) return *this;
    reset();
    api_ = std::move(other.api_);
    object_ = std::exchange(other.object_, nullptr);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] Object get() const noexcept { return object_; }

 private:
  // A destructor has nobody to tell of a failed release.
  void reset() noexcept {
    if (object_ != nullptr) static_cast<void>(((*api_).*release)(object_));
    object_ = nullptr;
  }

  std::shared_ptr<const Api> api_;
  Object object_ = nullptr;
};

using ContextHandle = Handle<cl_context, &Api::clReleaseContext>;
using QueueHandle = Handle<cl_command_queue, &Api::clReleaseCommandQueue>;
using MemoryHandle = Handle<cl_mem, &Api::clReleaseMemObject>;
using ProgramHandle = Handle<cl_program, &Api::clReleaseProgram>;
using KernelHandle = Handle<cl_kernel, &Api::clReleaseKernel>;
using EventHandle = Handle<cl_event, &Api::clReleaseEvent>;

}  // namespace thalweg::opencl
