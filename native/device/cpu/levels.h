#pragma once

#include <string>

#include "level.h"

namespace thalweg::cpu {

/// The widest level this processor runs, or the one named ('portable', 'x86_64_v2', 'x86_64_v3',
/// 'x86_64_v4'). Throws invalidArgument for a name that is unknown or that this processor cannot
/// run.
[[nodiscard]] const Level& selectLevel(const std::string& named = "");

}  // namespace thalweg::cpu
