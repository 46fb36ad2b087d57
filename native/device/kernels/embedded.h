#pragma once

#include <string_view>

namespace thalweg {

// The text of a file of kernels/ as it was when the addon was built, by its path there
// ("math/step.h"). Null-terminated. Throws std::out_of_range for a name that native/build.json
// does not list.
std::string_view kernelSource(std::string_view fileName);

}  // namespace thalweg
