#pragma once

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../device.h"
#include "parameters.h"
#include "queue.h"

namespace thalweg::kernels {

/// What is compiled together, when its first kernel is asked for.
enum class Unit {
  gradient,
  gradientNarrow,  ///< once for each number of columns
  gradientSweep,
  forward,
  update,
  sequential,
  sequentialThetaLocal,
  gather,
  gram,
};

/// What one program is compiled for.
struct ProgramKey {
  Unit unit;
  Dtype dtype;
  std::uint64_t columns = 0;  ///< the matrix's, where the unit depends on them

  [[nodiscard]] auto operator<=>(const ProgramKey&) const = default;
};

/// The text of one program: files of kernels/ in order, and what is defined before them.
struct Source {
  std::vector<std::string_view> files;
  std::vector<std::string> defines;
};

[[nodiscard]] Source sourceOf(const ProgramKey& key, const Parameters& parameters, bool float64);

/// Every program that a device with these parameters may compile.
[[nodiscard]] std::vector<ProgramKey> everyProgram(const Parameters& parameters, bool float64);

/// The kernels of one device: compiled once a program.
class Programs {
 public:
  Programs(KernelQueue& queue, const Parameters& parameters)
      : queue_(queue), parameters_(parameters) {}

  [[nodiscard]] const Kernel& kernel(const ProgramKey& key, const std::string& name);
  [[nodiscard]] const Kernel& kernel(Unit unit, Dtype dtype, const std::string& name) {
    return kernel({unit, dtype}, name);
  }

 private:
  KernelQueue& queue_;
  const Parameters& parameters_;
  std::map<ProgramKey, std::unique_ptr<Program>> programs_;
};

}  // namespace thalweg::kernels
