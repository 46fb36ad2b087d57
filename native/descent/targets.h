#pragma once

#include <string>

#include "../device/device.h"

namespace thalweg {

/// Refuses targets that the loss does not take. Throws Error invalidArgument with the place of the
/// first.
void checkTargets(const Objective& objective, const Matrix& y, const std::string& option = "y");

}  // namespace thalweg
