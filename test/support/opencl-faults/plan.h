#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "device/drivers/opencl/api.h"

namespace thalweg::opencl::faults {

/// What kind of call a function is, by which a lost device answers it or not.
enum class Kind { discovery, onDevice, release };

/// One failure to be: `FUNCTION:NTH`, then `=STATUS` for another than the function's fitting one,
/// then `+` for a device that is lost from that call on: everything done with it fails with
/// CL_DEVICE_NOT_AVAILABLE, but objects can be released; or `!` for a call that never returns
/// (OPENCL_FAULTS_HUNG names a file that is made when it begins); or `*` for one that crashes.
struct Fault {
  std::string function;
  std::uint64_t nth = 1;
  std::optional<cl_int> status{};
  bool lost = false;
  bool hangs = false;
  bool crashes = false;
};

/// Decides for every call whether it fails, counts calls, and counts the objects that live. Safe to
/// use from several threads.
class Plan {
 public:
  /// The one plan of this process: armed by OPENCL_FAULTS, and anew whenever the text in the file
  /// that OPENCL_FAULTS_CONTROL names changes, which also sets the counts of calls to 0.
  static Plan& instance();

  /// The status with which this call has to fail, or nothing where it is to be forwarded.
  [[nodiscard]] std::optional<cl_int> failing(const char* function, Kind kind, cl_int fitting);

  void created(const char* object, const void* handle);
  void released(const char* object, const void* handle);

  /// Whether the compiler's log is this library's own: the program's build was made to fail.
  [[nodiscard]] bool refusedBuild(const void* program);
  void refuseBuild(const void* program);

  /// Writes { failed, calls: { clFinish: 3, … }, live: { buffer: 2, … } } to the file that
  /// OPENCL_FAULTS_REPORT names, whole or not at all.
  void report();

 private:
  Plan();
  void arm(std::string_view text);
  void readControl();

  std::mutex mutex_;
  std::vector<Fault> faults_;
  std::map<std::string, std::uint64_t, std::less<>> calls_;
  std::map<std::string, std::set<const void*>, std::less<>> live_;
  std::set<const void*> refused_;
  std::uint64_t failed_ = 0;
  bool lost_ = false;
  int control_ = -1;
  std::string armed_;
};

}  // namespace thalweg::opencl::faults
