#include "api.h"

namespace thalweg::opencl {
namespace {

using drivers::find;

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

drivers::Loaded<Api> loadApi(const std::string& library) {
  const std::string name = library.empty() ? "libOpenCL.so.1" : library;
  void* const handle = drivers::openDriver(name.c_str());
  return drivers::loaded<Api>(
      handle, name, [&](Api& api, std::string& failure) { findAll(handle, api, failure); });
}

}  // namespace thalweg::opencl
