#pragma once

#include <napi.h>

namespace thalweg::binding {

/// (level, y, z, weights?): as many values each, of Float64Arrays or Float32Arrays, and the
/// instruction-set level to add up with, '' for the widest. A Float64Array of cpu::ClassScores, in
/// the order that these are declared in.
[[nodiscard]] Napi::Value classScores(const Napi::CallbackInfo& info);

}  // namespace thalweg::binding
