#include "error.h"

namespace thalweg {

const char* name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalidArgument: return "ERR_INVALID_ARGUMENT";
    case ErrorCode::shape: return "ERR_SHAPE";
    case ErrorCode::notFinite: return "ERR_NOT_FINITE";
    case ErrorCode::deviceNotFound: return "ERR_DEVICE_NOT_FOUND";
    case ErrorCode::driverMissing: return "ERR_DRIVER_MISSING";
    case ErrorCode::kernelBuild: return "ERR_KERNEL_BUILD";
    case ErrorCode::outOfMemory: return "ERR_OUT_OF_MEMORY";
    case ErrorCode::deviceLost: return "ERR_DEVICE_LOST";
    case ErrorCode::disposed: return "ERR_DISPOSED";
    case ErrorCode::dtypeUnsupported: return "ERR_DTYPE_UNSUPPORTED";
    case ErrorCode::diverged: return "ERR_DIVERGED";
    case ErrorCode::state: return "ERR_STATE";
    case ErrorCode::rank: return "ERR_RANK";
    case ErrorCode::file: return "ERR_FILE";
  }
  return "ERR_INVALID_ARGUMENT";
}

}  // namespace thalweg
