#include "api.h"

#include "../driver_library.h"

namespace thalweg::opencl {
namespace {

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
  void* const handle = openDriver(loaded.library.c_str());
  if (handle == nullptr) {
    loaded.failure = linkerFailure();
    return loaded;
  }
  auto api = std::make_shared<Api>();
  findAll(handle, *api, loaded.failure);
  if (loaded.failure.empty()) loaded.api = std::move(api);
  return loaded;
}

}  // namespace thalweg::opencl
