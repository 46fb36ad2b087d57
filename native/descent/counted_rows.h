#pragma once

#include "../device/device.h"

namespace thalweg {

// How large the rows are that count: one of weight 0 is as if it were not there. X is read for it
// where there is one.

/// max |yᵢ|, of all outputs.
[[nodiscard]] double largestTarget(const Problem& problem);

/// max ‖xᵢ‖²; infinite or 0 where that is no double.
[[nodiscard]] double largestNormSquared(const Problem& problem);

/// max ‖xᵢ‖; a bound of it where its square is no double.
[[nodiscard]] double longestRow(const Problem& problem);

}  // namespace thalweg
