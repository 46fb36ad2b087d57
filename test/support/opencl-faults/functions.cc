/// The OpenCL functions that thalweg uses, forwarded to the library that OPENCL_FAULTS_LIBRARY
/// names (libOpenCL.so.1 where unset), but for those calls that the plan makes fail.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "../edited-source.h"
#include "builds.h"
#include "plan.h"
#include "transfers.h"

namespace thalweg::opencl::faults {
namespace {

// Statuses that only this library hands out; thalweg knows the others of its own.
constexpr cl_int CL_INVALID_MEM_OBJECT = -38;
constexpr cl_int CL_INVALID_KERNEL_NAME = -46;
constexpr cl_int CL_INVALID_KERNEL = -48;
constexpr cl_int CL_INVALID_EVENT = -58;

constexpr cl_uint extensionQuestions = 0x4000;

const Api& real() {
  static const drivers::Loaded<Api> loaded = [] {
    const char* const library = std::getenv("OPENCL_FAULTS_LIBRARY");
    drivers::Loaded<Api> found = loadApi(library == nullptr ? "" : library);
    if (!found.api) {
      std::fprintf(stderr, "opencl-faults: %s: %s\n", found.library.c_str(), found.failure.c_str());
      std::abort();
    }
    return found;
  }();
  return *loaded.api;
}

std::optional<cl_int> failing(const char* function, Kind kind, cl_int fitting) {
  return Plan::instance().failing(function, kind, fitting);
}

template <typename Function, typename... Arguments>
cl_int forward(Function Api::*function, const char* name, Kind kind, cl_int fitting,
               Arguments... arguments) {
  const auto failure = failing(name, kind, fitting);
  return failure ? *failure : (real().*function)(arguments...);
}

/// `arguments` but the last of a function that makes an object and answers a status through that
/// one.
template <typename Function, typename... Arguments>
auto create(Function Api::*function, const char* name, cl_int fitting, const char* object,
            cl_int* status, Arguments... arguments) {
  using Object = decltype((real().*function)(arguments..., status));
  cl_int answer = CL_SUCCESS;
  Object made = nullptr;
  if (const auto failure = failing(name, Kind::onDevice, fitting)) {
    answer = *failure;
  } else {
    made = (real().*function)(arguments..., &answer);
  }
  if (made != nullptr) Plan::instance().created(object, made);
  if (status != nullptr) *status = answer;
  return made;
}

/// The object is released even where the call is to fail: nobody could do it later.
template <typename Object>
cl_int release(cl_int (*Api::*function)(Object), const char* name, cl_int fitting,
               const char* object, Object handle) {
  const auto failure = failing(name, Kind::release, fitting);
  Plan::instance().released(object, handle);
  const cl_int status = (real().*function)(handle);
  return failure ? *failure : status;
}

/// A call that enqueues; its event is an object of its own.
template <typename Function, typename... Arguments>
cl_int enqueue(Function Api::*function, const char* name, cl_int fitting, cl_event* event,
               Arguments... arguments) {
  const cl_int status = forward(function, name, Kind::onDevice, fitting, arguments..., event);
  if (status == CL_SUCCESS && event != nullptr) Plan::instance().created("event", *event);
  return status;
}

constexpr std::string_view ownLog = "this build was made to fail";

cl_int answerOwnLog(std::size_t size, void* value, std::size_t* written) {
  const std::size_t needed = ownLog.size() + 1;
  if (written != nullptr) *written = needed;
  if (value == nullptr) return CL_SUCCESS;
  if (size < needed) return CL_OUT_OF_RESOURCES;
  std::memset(value, 0, needed);
  std::memcpy(value, ownLog.data(), ownLog.size());
  return CL_SUCCESS;
}

}  // namespace

extern "C" {

#pragma GCC visibility push(default)

cl_int clGetPlatformIDs(cl_uint entries, cl_platform_id* platforms, cl_uint* count) {
  const cl_int status = forward(&Api::clGetPlatformIDs, "clGetPlatformIDs", Kind::discovery,
                                CL_OUT_OF_HOST_MEMORY, entries, platforms, count);
  // Every look at the devices begins here, and so does what a test asks for between two steps.
  Plan::instance().report();
  return status;
}

cl_int clGetPlatformInfo(cl_platform_id platform, cl_uint what, std::size_t size, void* value,
                         std::size_t* written) {
  return forward(&Api::clGetPlatformInfo, "clGetPlatformInfo", Kind::discovery,
                 CL_OUT_OF_HOST_MEMORY, platform, what, size, value, written);
}

cl_int clGetDeviceIDs(cl_platform_id platform, cl_bitfield type, cl_uint entries,
                      cl_device_id* devices, cl_uint* count) {
  return forward(&Api::clGetDeviceIDs, "clGetDeviceIDs", Kind::discovery, CL_OUT_OF_RESOURCES,
                 platform, type, entries, devices, count);
}

cl_int clGetDeviceInfo(cl_device_id device, cl_uint what, std::size_t size, void* value,
                       std::size_t* written) {
  // What extensions tell is not needed: whether they are asked depends on the driver.
  if (what >= extensionQuestions) return real().clGetDeviceInfo(device, what, size, value, written);
  return forward(&Api::clGetDeviceInfo, "clGetDeviceInfo", Kind::discovery, CL_OUT_OF_RESOURCES,
                 device, what, size, value, written);
}

cl_context clCreateContext(const std::intptr_t* properties, cl_uint count,
                           const cl_device_id* devices, Api::ContextError notify, void* user,
                           cl_int* status) {
  return create(&Api::clCreateContext, "clCreateContext", CL_DEVICE_NOT_AVAILABLE, "context",
                status, properties, count, devices, notify, user);
}

cl_int clReleaseContext(cl_context context) {
  return release(&Api::clReleaseContext, "clReleaseContext", CL_OUT_OF_RESOURCES, "context",
                 context);
}

cl_command_queue clCreateCommandQueue(cl_context context, cl_device_id device,
                                      cl_bitfield properties, cl_int* status) {
  return create(&Api::clCreateCommandQueue, "clCreateCommandQueue", CL_DEVICE_NOT_AVAILABLE,
                "queue", status, context, device, properties);
}

cl_int clReleaseCommandQueue(cl_command_queue queue) {
  return release(&Api::clReleaseCommandQueue, "clReleaseCommandQueue", CL_INVALID_COMMAND_QUEUE,
                 "queue", queue);
}

cl_mem clCreateBuffer(cl_context context, cl_bitfield flags, std::size_t size, void* host,
                      cl_int* status) {
  return create(&Api::clCreateBuffer, "clCreateBuffer", CL_MEM_OBJECT_ALLOCATION_FAILURE, "buffer",
                status, context, flags, size, host);
}

cl_int clReleaseMemObject(cl_mem memory) {
  return release(&Api::clReleaseMemObject, "clReleaseMemObject", CL_INVALID_MEM_OBJECT, "buffer",
                 memory);
}

cl_int clEnqueueFillBuffer(cl_command_queue queue, cl_mem memory, const void* pattern,
                           std::size_t patternSize, std::size_t offset, std::size_t size,
                           cl_uint count, const cl_event* events, cl_event* event) {
  return enqueue(&Api::clEnqueueFillBuffer, "clEnqueueFillBuffer", CL_MEM_OBJECT_ALLOCATION_FAILURE,
                 event, queue, memory, pattern, patternSize, offset, size, count, events);
}

cl_int clEnqueueWriteBuffer(cl_command_queue queue, cl_mem memory, cl_bool blocking,
                            std::size_t offset, std::size_t size, const void* from, cl_uint count,
                            const cl_event* events, cl_event* event) {
  const std::size_t arrives = Transfers::instance().written(memory, offset, size, from);
  if (arrives == 0) return CL_SUCCESS;
  return enqueue(&Api::clEnqueueWriteBuffer, "clEnqueueWriteBuffer", CL_INVALID_COMMAND_QUEUE,
                 event, queue, memory, blocking, offset, arrives, from, count, events);
}

cl_int clEnqueueReadBuffer(cl_command_queue queue, cl_mem memory, cl_bool blocking,
                           std::size_t offset, std::size_t size, void* to, cl_uint count,
                           const cl_event* events, cl_event* event) {
  const cl_int status =
      enqueue(&Api::clEnqueueReadBuffer, "clEnqueueReadBuffer", CL_INVALID_COMMAND_QUEUE, event,
              queue, memory, blocking, offset, size, to, count, events);
  if (status != CL_SUCCESS) return status;
  Transfers::instance().read(to, size);
  const Transfers::Late late = Transfers::instance().takeLate();
  if (late.to == nullptr) return status;
  return real().clEnqueueWriteBuffer(queue, late.to, CL_TRUE, late.offset, late.size, late.bytes, 0,
                                     nullptr, nullptr);
}

cl_program clCreateProgramWithSource(cl_context context, cl_uint count, const char** texts,
                                     const std::size_t* lengths, cl_int* status) {
  std::string source;
  for (cl_uint i = 0; i < count; ++i) source.append(texts[i], lengths[i]);
  source = editedSource(source, "OPENCL_FAULTS_EDIT");
  const char* text = source.data();
  const std::size_t length = source.size();
  return create(&Api::clCreateProgramWithSource, "clCreateProgramWithSource", CL_OUT_OF_HOST_MEMORY,
                "program", status, context, 1U, &text, &length);
}

cl_program clCreateProgramWithBinary(cl_context context, cl_uint count, const cl_device_id* devices,
                                     const std::size_t* lengths, const unsigned char** binaries,
                                     cl_int* ofBinary, cl_int* status) {
  return create(&Api::clCreateProgramWithBinary, "clCreateProgramWithBinary", CL_INVALID_BINARY,
                "program", status, context, count, devices, lengths, binaries, ofBinary);
}

cl_int clGetProgramInfo(cl_program program, cl_uint what, std::size_t size, void* value,
                        std::size_t* written) {
  return forward(&Api::clGetProgramInfo, "clGetProgramInfo", Kind::onDevice, CL_OUT_OF_RESOURCES,
                 program, what, size, value, written);
}

cl_int clBuildProgram(cl_program program, cl_uint count, const cl_device_id* devices,
                      const char* options, Api::BuildDone done, void* user) {
  if (const auto failure = failing("clBuildProgram", Kind::onDevice, CL_BUILD_PROGRAM_FAILURE)) {
    Plan::instance().refuseBuild(program);
    return *failure;
  }
  const auto fault = buildFaultOf(options);
  if (!fault)
    return real().clBuildProgram(program, count, devices, withMoreOptions(options).c_str(), done,
                                 user);
  if (fault->status) {
    Plan::instance().refuseBuild(program);
    return *fault->status;
  }
  return real().clBuildProgram(program, count, devices, miscompiling(options).c_str(), done, user);
}

cl_int clGetProgramBuildInfo(cl_program program, cl_device_id device, cl_uint what,
                             std::size_t size, void* value, std::size_t* written) {
  if (const auto failure = failing("clGetProgramBuildInfo", Kind::onDevice, CL_OUT_OF_RESOURCES))
    return *failure;
  if (Plan::instance().refusedBuild(program)) return answerOwnLog(size, value, written);
  return real().clGetProgramBuildInfo(program, device, what, size, value, written);
}

cl_int clReleaseProgram(cl_program program) {
  return release(&Api::clReleaseProgram, "clReleaseProgram", CL_OUT_OF_RESOURCES, "program",
                 program);
}

cl_kernel clCreateKernel(cl_program program, const char* name, cl_int* status) {
  return create(&Api::clCreateKernel, "clCreateKernel", CL_INVALID_KERNEL_NAME, "kernel", status,
                program, name);
}

cl_int clReleaseKernel(cl_kernel kernel) {
  return release(&Api::clReleaseKernel, "clReleaseKernel", CL_INVALID_KERNEL, "kernel", kernel);
}

cl_int clSetKernelArg(cl_kernel kernel, cl_uint index, std::size_t size, const void* value) {
  return forward(&Api::clSetKernelArg, "clSetKernelArg", Kind::onDevice, CL_INVALID_KERNEL, kernel,
                 index, size, value);
}

cl_int clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                              const std::size_t* offset, const std::size_t* global,
                              const std::size_t* local, cl_uint count, const cl_event* events,
                              cl_event* event) {
  return enqueue(&Api::clEnqueueNDRangeKernel, "clEnqueueNDRangeKernel", CL_INVALID_COMMAND_QUEUE,
                 event, queue, kernel, dimensions, offset, global, local, count, events);
}

cl_int clEnqueueMarkerWithWaitList(cl_command_queue queue, cl_uint count, const cl_event* events,
                                   cl_event* event) {
  return enqueue(&Api::clEnqueueMarkerWithWaitList, "clEnqueueMarkerWithWaitList",
                 CL_INVALID_COMMAND_QUEUE, event, queue, count, events);
}

cl_int clWaitForEvents(cl_uint count, const cl_event* events) {
  return forward(&Api::clWaitForEvents, "clWaitForEvents", Kind::onDevice,
                 CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, count, events);
}

cl_int clReleaseEvent(cl_event event) {
  return release(&Api::clReleaseEvent, "clReleaseEvent", CL_INVALID_EVENT, "event", event);
}

cl_int clFlush(cl_command_queue queue) {
  return forward(&Api::clFlush, "clFlush", Kind::onDevice, CL_INVALID_COMMAND_QUEUE, queue);
}

cl_int clFinish(cl_command_queue queue) {
  return forward(&Api::clFinish, "clFinish", Kind::onDevice, CL_INVALID_COMMAND_QUEUE, queue);
}

#pragma GCC visibility pop

}  // extern "C"

}  // namespace thalweg::opencl::faults
