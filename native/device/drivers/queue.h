#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "../kernels/code_cache.h"
#include "../kernels/queue.h"
#include "status.h"

namespace thalweg::drivers {

/// What the queues of all drivers do alike: they keep to limits, name their device in errors, and
/// keep compiled kernels on disk.
class DriverQueue : public kernels::KernelQueue {
 public:
  [[nodiscard]] const kernels::QueueLimits& limits() const noexcept final { return limits_; }
  [[nodiscard]] std::unique_ptr<kernels::Program> compile(
      std::span<const std::string_view> files, std::span<const std::string> defines) final;

 protected:
  struct Compiler {
    std::string prelude;   ///< the file of kernels/ that goes before all others
    std::string identity;  ///< what decides, besides source and options, what becomes of them
    std::vector<std::string> options;  ///< of every program
  };
  struct Source {
    std::string name;  ///< of its last file
    std::string text;
    std::vector<std::string> options;

    [[nodiscard]] std::string optionsText() const;
  };
  using Code = std::vector<std::byte>;
  struct Built {
    std::unique_ptr<kernels::Program> program;
    Code code;  ///< to be loaded again; empty where it is not wanted, or the driver has none
  };

  DriverQueue(Check check, const kernels::QueueLimits& limits, const std::string& cacheFolder,
              Compiler compiler)
      : check_(std::move(check)),
        limits_(limits),
        cache_(cacheFolder),
        compiler_(std::move(compiler)) {}

  /// Throws kernelBuild with the compiler's log.
  [[nodiscard]] virtual Built build(const Source& source, bool wantsCode) const = 0;
  /// nullptr where the driver refuses the code: it is of another card or version, or spoilt.
  [[nodiscard]] virtual std::unique_ptr<kernels::Program> load(const Code& code,
                                                               const Source& source) const = 0;

  [[nodiscard]] const Check& check() const noexcept { return check_; }

 private:
  Check check_;
  kernels::QueueLimits limits_;
  kernels::CodeCache cache_;
  Compiler compiler_;
};

}  // namespace thalweg::drivers
