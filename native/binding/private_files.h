#pragma once

#include <napi.h>

#include <memory>

#include "jobs.h"

// Private files for JavaScript (PrivateFolder), on a thread of their own: a file system may be
// slow, or hang.

namespace thalweg::binding {

/// (folder, make): Promise<{ kind, why?, notWritable?, untrusted }>
[[nodiscard]] Napi::Value inspectFolder(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                        const Napi::CallbackInfo& info);
/// (folder, name, largest): Promise<string | undefined | null>, null where what is there does not
/// count
[[nodiscard]] Napi::Value readPrivate(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                      const Napi::CallbackInfo& info);
/// (folder, name, text): Promise<string>, which says why it is not written, or is empty
[[nodiscard]] Napi::Value writePrivate(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                       const Napi::CallbackInfo& info);

}  // namespace thalweg::binding
