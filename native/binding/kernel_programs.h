#pragma once

#include <napi.h>

namespace thalweg::binding {

/// kernelPrograms({ shape, isa, groupSize, localBytes, float64 }): every program that a device of
/// these limits may compile, so that checks of the kernels need no list of their own;
/// lib/addon/native.ts types it.
[[nodiscard]] Napi::Value kernelPrograms(const Napi::CallbackInfo& info);

}  // namespace thalweg::binding
