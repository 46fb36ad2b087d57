#pragma once

#include <napi.h>

namespace thalweg::binding {

// (level, y, values, weights): a Float64Array or Float32Array each, or undefined for weights of 1,
// and the instruction-set level to add up with, '' for the widest.

/// cpu::ClassScores of the sums z, as a Float64Array in the order that these are declared in.
[[nodiscard]] Napi::Value classScores(const Napi::CallbackInfo& info);
/// cpu::ValueScores of outputs likewise. (…, unit, origin)
[[nodiscard]] Napi::Value valueScores(const Napi::CallbackInfo& info);

}  // namespace thalweg::binding
