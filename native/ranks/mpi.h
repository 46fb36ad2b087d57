#pragma once

#include <memory>
#include <string>

#include "transport.h"
#include "world.h"

namespace thalweg {

/// The world of this process: MPI is started once, and ends with it.
struct StartedWorld {
  std::shared_ptr<World> world;
  std::string library;  ///< what the MPI library says of itself
};

/// Loads the bridge at that path and starts MPI with it; the second time, what the first has found.
/// Throws Error driverMissing where it cannot be loaded, and rank where MPI does not start.
[[nodiscard]] StartedWorld startMpi(const std::string& bridge);

/// What has been started, or nothing.
[[nodiscard]] std::shared_ptr<World> startedWorld();

/// The status that the process ends with: 0 lets the other ranks end in their own time, any other
/// ends them. What waits for them is given up at once where it is not 0.
void endMpiWith(int code);

}  // namespace thalweg
