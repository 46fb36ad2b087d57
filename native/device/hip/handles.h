#pragma once

#include "../kernels/handle.h"
#include "api.h"

namespace thalweg::hip {

using StreamHandle = kernels::Handle<Api, hipStream_t, &Api::hipStreamDestroy>;
using MemoryHandle = kernels::Handle<Api, void*, &Api::hipFree>;
using ModuleHandle = kernels::Handle<Api, hipModule_t, &Api::hipModuleUnload>;
using EventHandle = kernels::Handle<Api, hipEvent_t, &Api::hipEventDestroy>;
using GraphHandle = kernels::Handle<Api, hipGraph_t, &Api::hipGraphDestroy>;
using GraphExecHandle = kernels::Handle<Api, hipGraphExec_t, &Api::hipGraphExecDestroy>;

}  // namespace thalweg::hip
