#pragma once

#include <napi.h>

#include <memory>

#include "jobs.h"

// How lib/mpi reaches the ranks of this process; lib/addon/native.ts types these as NativeRanks.
// The calls that return a promise wait for all ranks, on a thread of their own.

namespace thalweg::binding {

/// startRanks(bridge): { rank, size, library }, as often as it is called.
[[nodiscard]] Napi::Value startRanks(const Napi::CallbackInfo& info);
/// endRanks(code): the status that the process ends with.
[[nodiscard]] Napi::Value endRanks(const Napi::CallbackInfo& info);

/// gatherFromRanks(text): a promise of the texts of all.
[[nodiscard]] Napi::Value gatherFromRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                          const Napi::CallbackInfo& info);
/// sumOverRanks(values): a promise of their sums.
[[nodiscard]] Napi::Value sumOverRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                       const Napi::CallbackInfo& info);
/// failBeforeRanks(message): resolves when all know.
[[nodiscard]] Napi::Value failBeforeRanks(Jobs& jobs, const std::shared_ptr<DeviceHost>& thread,
                                          const Napi::CallbackInfo& info);

}  // namespace thalweg::binding
