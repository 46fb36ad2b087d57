#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../library.h"

// The official headers' names for what handles point to, so that signatures can be compared with
// theirs.
struct _cl_platform_id;    // NOLINT(bugprone-reserved-identifier)
struct _cl_device_id;      // NOLINT(bugprone-reserved-identifier)
struct _cl_context;        // NOLINT(bugprone-reserved-identifier)
struct _cl_command_queue;  // NOLINT(bugprone-reserved-identifier)
struct _cl_mem;            // NOLINT(bugprone-reserved-identifier)
struct _cl_program;        // NOLINT(bugprone-reserved-identifier)
struct _cl_kernel;         // NOLINT(bugprone-reserved-identifier)
struct _cl_event;          // NOLINT(bugprone-reserved-identifier)

/// The part of OpenCL 1.2 that this project uses, declared here: no system header is needed to
/// build, and no driver to load the addon. scripts/check-driver-apis.mjs holds every line against
/// the official headers.
namespace thalweg::opencl {

using cl_int = std::int32_t;
using cl_uint = std::uint32_t;
using cl_ulong = std::uint64_t;
using cl_bool = cl_uint;
using cl_bitfield = cl_ulong;

using cl_platform_id = _cl_platform_id*;
using cl_device_id = _cl_device_id*;
using cl_context = _cl_context*;
using cl_command_queue = _cl_command_queue*;
using cl_mem = _cl_mem*;
using cl_program = _cl_program*;
using cl_kernel = _cl_kernel*;
using cl_event = _cl_event*;

inline constexpr cl_int CL_SUCCESS = 0;
inline constexpr cl_int CL_DEVICE_NOT_FOUND = -1;
inline constexpr cl_int CL_DEVICE_NOT_AVAILABLE = -2;
inline constexpr cl_int CL_MEM_OBJECT_ALLOCATION_FAILURE = -4;
inline constexpr cl_int CL_OUT_OF_RESOURCES = -5;
inline constexpr cl_int CL_OUT_OF_HOST_MEMORY = -6;
inline constexpr cl_int CL_BUILD_PROGRAM_FAILURE = -11;
inline constexpr cl_int CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST = -14;
inline constexpr cl_int CL_INVALID_COMMAND_QUEUE = -36;
inline constexpr cl_int CL_INVALID_BINARY = -42;
inline constexpr cl_int CL_INVALID_BUFFER_SIZE = -61;
/// Of the cl_khr_icd loader: no platform is installed.
inline constexpr cl_int CL_PLATFORM_NOT_FOUND_KHR = -1001;

inline constexpr cl_bool CL_FALSE = 0;
inline constexpr cl_bool CL_TRUE = 1;

inline constexpr cl_uint CL_PLATFORM_VERSION = 0x0901;
inline constexpr cl_uint CL_PLATFORM_NAME = 0x0902;

inline constexpr cl_bitfield CL_DEVICE_TYPE_CPU = 1 << 1;
inline constexpr cl_bitfield CL_DEVICE_TYPE_GPU = 1 << 2;
inline constexpr cl_bitfield CL_DEVICE_TYPE_ALL = 0xFFFFFFFF;

inline constexpr cl_uint CL_DEVICE_TYPE = 0x1000;
inline constexpr cl_uint CL_DEVICE_MAX_COMPUTE_UNITS = 0x1002;
inline constexpr cl_uint CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004;
inline constexpr cl_uint CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010;
inline constexpr cl_uint CL_DEVICE_GLOBAL_MEM_CACHE_SIZE = 0x101E;
inline constexpr cl_uint CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F;
inline constexpr cl_uint CL_DEVICE_LOCAL_MEM_SIZE = 0x1023;
inline constexpr cl_uint CL_DEVICE_AVAILABLE = 0x1027;
inline constexpr cl_uint CL_DEVICE_COMPILER_AVAILABLE = 0x1028;
inline constexpr cl_uint CL_DEVICE_NAME = 0x102B;
inline constexpr cl_uint CL_DEVICE_VENDOR = 0x102C;
inline constexpr cl_uint CL_DRIVER_VERSION = 0x102D;
inline constexpr cl_uint CL_DEVICE_VERSION = 0x102F;
inline constexpr cl_uint CL_DEVICE_EXTENSIONS = 0x1030;
inline constexpr cl_uint CL_DEVICE_DOUBLE_FP_CONFIG = 0x1032;
/// cl_amd_device_attribute_query: the card's name, where CL_DEVICE_NAME is its instruction set, and
/// where it stands.
inline constexpr cl_uint CL_DEVICE_TOPOLOGY_AMD = 0x4037;
inline constexpr cl_uint CL_DEVICE_BOARD_NAME_AMD = 0x4038;
/// cl_khr_pci_bus_info.
inline constexpr cl_uint CL_DEVICE_PCI_BUS_INFO_KHR = 0x410F;

inline constexpr cl_bitfield CL_MEM_READ_WRITE = 1 << 0;
inline constexpr cl_uint CL_PROGRAM_BINARY_SIZES = 0x1165;
inline constexpr cl_uint CL_PROGRAM_BINARIES = 0x1166;
inline constexpr cl_uint CL_PROGRAM_BUILD_LOG = 0x1183;

/// The driver's functions.
struct Api {
  using BuildDone = void (*)(cl_program, void*);
  using ContextError = void (*)(const char*, const void*, std::size_t, void*);

  cl_int (*clGetPlatformIDs)(cl_uint, cl_platform_id*, cl_uint*);
  cl_int (*clGetPlatformInfo)(cl_platform_id, cl_uint, std::size_t, void*, std::size_t*);
  cl_int (*clGetDeviceIDs)(cl_platform_id, cl_bitfield, cl_uint, cl_device_id*, cl_uint*);
  cl_int (*clGetDeviceInfo)(cl_device_id, cl_uint, std::size_t, void*, std::size_t*);

  cl_context (*clCreateContext)(const std::intptr_t*, cl_uint, const cl_device_id*, ContextError,
                                void*, cl_int*);
  cl_int (*clReleaseContext)(cl_context);
  cl_command_queue (*clCreateCommandQueue)(cl_context, cl_device_id, cl_bitfield, cl_int*);
  cl_int (*clReleaseCommandQueue)(cl_command_queue);

  cl_mem (*clCreateBuffer)(cl_context, cl_bitfield, std::size_t, void*, cl_int*);
  cl_int (*clReleaseMemObject)(cl_mem);
  cl_int (*clEnqueueFillBuffer)(cl_command_queue, cl_mem, const void*, std::size_t, std::size_t,
                                std::size_t, cl_uint, const cl_event*, cl_event*);
  cl_int (*clEnqueueWriteBuffer)(cl_command_queue, cl_mem, cl_bool, std::size_t, std::size_t,
                                 const void*, cl_uint, const cl_event*, cl_event*);
  cl_int (*clEnqueueReadBuffer)(cl_command_queue, cl_mem, cl_bool, std::size_t, std::size_t, void*,
                                cl_uint, const cl_event*, cl_event*);

  cl_program (*clCreateProgramWithSource)(cl_context, cl_uint, const char**, const std::size_t*,
                                          cl_int*);
  cl_program (*clCreateProgramWithBinary)(cl_context, cl_uint, const cl_device_id*,
                                          const std::size_t*, const unsigned char**, cl_int*,
                                          cl_int*);
  cl_int (*clGetProgramInfo)(cl_program, cl_uint, std::size_t, void*, std::size_t*);
  cl_int (*clBuildProgram)(cl_program, cl_uint, const cl_device_id*, const char*, BuildDone, void*);
  cl_int (*clGetProgramBuildInfo)(cl_program, cl_device_id, cl_uint, std::size_t, void*,
                                  std::size_t*);
  cl_int (*clReleaseProgram)(cl_program);
  cl_kernel (*clCreateKernel)(cl_program, const char*, cl_int*);
  cl_int (*clReleaseKernel)(cl_kernel);
  cl_int (*clSetKernelArg)(cl_kernel, cl_uint, std::size_t, const void*);

  cl_int (*clEnqueueNDRangeKernel)(cl_command_queue, cl_kernel, cl_uint, const std::size_t*,
                                   const std::size_t*, const std::size_t*, cl_uint, const cl_event*,
                                   cl_event*);
  cl_int (*clEnqueueMarkerWithWaitList)(cl_command_queue, cl_uint, const cl_event*, cl_event*);
  cl_int (*clWaitForEvents)(cl_uint, const cl_event*);
  cl_int (*clReleaseEvent)(cl_event);
  cl_int (*clFlush)(cl_command_queue);
  cl_int (*clFinish)(cl_command_queue);
};

/// Loads `library`, or libOpenCL.so.1 if empty.
[[nodiscard]] drivers::Loaded<Api> loadApi(const std::string& library);

}  // namespace thalweg::opencl
