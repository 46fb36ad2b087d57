#pragma once

#include <string>

#include "descent.h"

namespace thalweg {

/// What a call names where its descent, or its one pass, is to be.
struct StartNames {
  std::string theta = "initialTheta";
  std::string intercept = "initialIntercept";
};

/// The options with what they leave to the data: as many classes as labels have, and zeros to start
/// at. Throws Error shape where θ, b, y or weights do not fit X and each other, and outOfMemory
/// where there is no room for so many weights.
[[nodiscard]] DescentOptions completed(DescentOptions options, const Data& data, Device& device,
                                       const StartNames& names = {});

}  // namespace thalweg
