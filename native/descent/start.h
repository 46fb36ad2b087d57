#pragma once

#include "descent.h"

namespace thalweg {

/// The options with what they leave to the data: as many classes as labels have, and zeros to start
/// at. Throws Error shape where θ, b, y or weights do not fit X and each other, and outOfMemory
/// where there is no room for so many weights.
[[nodiscard]] DescentOptions completed(DescentOptions options, const Data& data, Device& device);

}  // namespace thalweg
