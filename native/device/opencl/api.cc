#include "api.h"

#include <dlfcn.h>

#include "../driver_environment.h"

namespace thalweg::opencl {
namespace {

/// Fills `function` from the library; remembers the first name that is missing.
template <typename Function>
void find(void* handle, const char* name, Function& function, std::string& failure) {
  void* const symbol = dlsym(handle, name);
  if (symbol == nullptr && failure.empty()) failure = std::string("it has no function ") + name;
  function = reinterpret_cast<Function>(symbol);
}

void findAll(void* handle, Api& api, std::string& failure) {
  find(handle, "clGetPlatformIDs", api.clGetPlatformIDs, failure);
  find(handle, "clGetPlatformInfo", api.clGetPlatformInfo, failure);
  find(handle, "clGetDeviceIDs", api.clGetDeviceIDs, failure);
  find(handle, "clGetDeviceInfo", api.clGetDeviceInfo, failure);
  find(handle, "clCreateContext", api.clCreateContext, failure);
  find(handle, "clReleaseContext", api.clReleaseContext, failure);
  find(handle, "clCreateCommandQueue", api.clCreateCommandQueue, failure);
  find(handle, "clReleaseCommandQueue", api.clReleaseCommandQueue, failure);
  find(handle, "clCreateBuffer", api.clCreateBuffer, failure);
  find(handle, "clReleaseMemObject", api.clReleaseMemObject, failure);
  find(handle, "clEnqueueFillBuffer", api.clEnqueueFillBuffer, failure);
  find(handle, "clEnqueueWriteBuffer", api.clEnqueueWriteBuffer, failure);
  find(handle, "clEnqueueReadBuffer", api.clEnqueueReadBuffer, failure);
  find(handle, "clCreateProgramWithSource", api.clCreateProgramWithSource, failure);
  find(handle, "clCreateProgramWithBinary", api.clCreateProgramWithBinary, failure);
  find(handle, "clGetProgramInfo", api.clGetProgramInfo, failure);
  find(handle, "clBuildProgram", api.clBuildProgram, failure);
  find(handle, "clGetProgramBuildInfo", api.clGetProgramBuildInfo, failure);
  find(handle, "clReleaseProgram", api.clReleaseProgram, failure);
  find(handle, "clCreateKernel", api.clCreateKernel, failure);
  find(handle, "clReleaseKernel", api.clReleaseKernel, failure);
  find(handle, "clSetKernelArg", api.clSetKernelArg, failure);
  find(handle, "clEnqueueNDRangeKernel", api.clEnqueueNDRangeKernel, failure);
  find(handle, "clEnqueueMarkerWithWaitList", api.clEnqueueMarkerWithWaitList, failure);
  find(handle, "clWaitForEvents", api.clWaitForEvents, failure);
  find(handle, "clReleaseEvent", api.clReleaseEvent, failure);
  find(handle, "clFlush", api.clFlush, failure);
  find(handle, "clFinish", api.clFinish, failure);
}

}  // namespace

LoadedApi loadApi(const std::string& library) {
  LoadedApi loaded{nullptr, library.empty() ? "libOpenCL.so.1" : library, {}};
  noteDriverLoad();
  void* const handle = dlopen(loaded.library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = dlerror();
    loaded.failure = reason == nullptr ? "the dynamic linker gives no reason" : reason;
    return loaded;
  }
  auto api = std::make_shared<Api>();
  findAll(handle, *api, loaded.failure);
  if (loaded.failure.empty()) loaded.api = std::move(api);
  return loaded;
}

}  // namespace thalweg::opencl
