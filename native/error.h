#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace thalweg {

/// Codes of API.md that native code can raise. `name()` gives the string that JavaScript sees.
enum class ErrorCode {
  invalidArgument,
  shape,
  notFinite,
  deviceNotFound,
  driverMissing,
  kernelBuild,
  outOfMemory,
  deviceLost,
  disposed,
  dtypeUnsupported,
  diverged,
  state,
  rank,
  file,
};

[[nodiscard]] const char* name(ErrorCode code) noexcept;

/// Facts that belong to some errors only; JavaScript sees those that are set.
struct ErrorDetails {
  std::optional<std::uint64_t> row{};
  std::optional<std::uint64_t> column{};
  std::string option{};
  std::string device{};
  std::string log{};
  std::string path{};
  std::optional<std::uint64_t> iteration{};
  std::optional<std::uint64_t> rank{};
  std::optional<double> lastLoss{};
  std::optional<double> largestStableLearningRate{};
};

/// A failure with a stable code: what was wrong, and what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, ErrorDetails details = {})
      : std::runtime_error(message), code_(code), details_(std::move(details)) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const ErrorDetails& details() const noexcept { return details_; }
  [[nodiscard]] ErrorDetails& details() noexcept { return details_; }

 private:
  ErrorCode code_;
  ErrorDetails details_;
};

/// Unwinds a job whose cancel flag was seen; never reaches JavaScript as an error of its own.
class Cancelled : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace thalweg
