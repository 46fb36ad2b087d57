#pragma once

#include <optional>
#include <string>

/// Variables that GPU drivers read once, when they start. `process.env` of a Node worker is a copy
/// that drivers never see, so they are set here, in the process's own environment.
namespace thalweg::drivers {

/// Called before a driver's library is loaded: from then on its variables can no longer be set.
void noteDriverLoad();

enum class VariableOutcome {
  set,     ///< it has the value now, and drivers will see it
  kept,    ///< the user has set it to another value, which is left alone
  tooLate  ///< a driver is loaded, and has read what there was before
};

/// Gives a variable a value where the user has given it none; an empty one counts as unset.
/// Linux only: elsewhere nothing is set, and the outcome is `kept`.
[[nodiscard]] VariableOutcome setDriverVariable(const std::string& name, const std::string& value);

/// What drivers see of a variable.
[[nodiscard]] std::optional<std::string> driverVariable(const std::string& name);

}  // namespace thalweg::drivers
