#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace thalweg::drivers {

/// What a driver's function answers; 0 is a success in all of them.
using StatusNumber = std::int32_t;

/// What a status says besides that the call failed.
enum class Meaning {
  none,
  noMemory,       ///< there is none left, whatever the call was about
  noRoom,         ///< of a call that allocates: what it asked for is too much
  noRoomOrFault,  ///< of a call that allocates: that, or a kernel before it has failed
  lost,           ///< the device has failed: the call's own arguments have nothing to do with it
};

struct Status {
  StatusNumber number;
  const char* name;
  Meaning meaning = Meaning::none;
};

/// A back end's statuses, those that people meet, and what is said with them.
struct StatusTable {
  const char* title;           ///< 'OpenCL'
  const char* compiler;        ///< 'OpenCL compiler of', before a device's name
  const char* compilerAdvice;  ///< what to do where it rejects a kernel
  std::span<const Status> known;

  [[nodiscard]] Meaning meaningOf(StatusNumber number) const noexcept;
  /// The name of a status, with its number: 'CL_OUT_OF_RESOURCES (-5)'.
  [[nodiscard]] std::string describe(StatusNumber number) const;

 private:
  [[nodiscard]] const Status* find(StatusNumber number) const noexcept;
};

/// Turns a driver's answers into errors that name the device.
class Check {
 public:
  Check(const StatusTable& statuses, std::string deviceId, std::string deviceName)
      : statuses_(&statuses), id_(std::move(deviceId)), name_(std::move(deviceName)) {}

  /// Throws outOfMemory where `status` says that there is no room for `bytes`, else as `done`.
  void allocated(StatusNumber status, const char* function, std::uint64_t bytes) const;

  /// Throws deviceLost, or outOfMemory, unless `status` is a success: a call on a device that works
  /// has no other reason to fail.
  void done(StatusNumber status, const char* function) const;

  /// Whether a compiler refused a kernel. Throws where it failed for a reason of its own: no
  /// memory, or no device.
  [[nodiscard]] bool concernsKernel(StatusNumber status, const char* function) const;

  [[noreturn]] void outOfMemory(std::uint64_t bytes, const std::string& reason) const;
  [[noreturn]] void buildFailed(const std::string& what, const std::string& log) const;

 private:
  [[nodiscard]] std::string device() const { return name_ + " (" + id_ + ")"; }
  [[nodiscard]] std::string answer(StatusNumber status, const char* function) const;

  const StatusTable* statuses_;
  std::string id_;
  std::string name_;
};

}  // namespace thalweg::drivers
