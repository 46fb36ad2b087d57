#pragma once

#include "../device.h"
#include "../kernels/queue.h"

namespace thalweg::drivers {

/// Writes patterns to a device and reads them back, in a few sizes and places: a driver that loses
/// copies without a word (ROCm/hip 3314) would train on zeros. Throws deviceLost where what comes
/// back is not what was written.
void checkCopies(kernels::KernelQueue& queue, const DeviceInfo& info);

}  // namespace thalweg::drivers
