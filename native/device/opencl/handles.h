#pragma once

#include "../kernels/handle.h"
#include "api.h"

namespace thalweg::opencl {

using ContextHandle = kernels::Handle<Api, cl_context, &Api::clReleaseContext>;
using QueueHandle = kernels::Handle<Api, cl_command_queue, &Api::clReleaseCommandQueue>;
using MemoryHandle = kernels::Handle<Api, cl_mem, &Api::clReleaseMemObject>;
using ProgramHandle = kernels::Handle<Api, cl_program, &Api::clReleaseProgram>;
using KernelHandle = kernels::Handle<Api, cl_kernel, &Api::clReleaseKernel>;
using EventHandle = kernels::Handle<Api, cl_event, &Api::clReleaseEvent>;

}  // namespace thalweg::opencl
