#pragma once

#include <chrono>

namespace thalweg {

/// Waits until whoever reads standard output and standard error has taken what was written there,
/// or for so long. Where they are no pipes there is nothing to wait for.
void waitUntilOutputIsRead(std::chrono::milliseconds most) noexcept;

}  // namespace thalweg
