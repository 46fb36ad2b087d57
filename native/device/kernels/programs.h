#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../device.h"
#include "plan/sizes.h"
#include "plan/tiling.h"
#include "queue.h"

namespace thalweg::kernels {

/// The text of one program: files of kernels/ in order, and what is defined before them.
struct Source {
  std::vector<std::string_view> files;
  std::vector<std::string> defines;

  [[nodiscard]] auto operator<=>(const Source&) const = default;
};

[[nodiscard]] Source sourceOf(const ProgramKey& key, const KernelSizes& sizes, bool float64);

/// The kernels of one device: compiled once a program, whatever the sizes were meanwhile.
class Programs {
 public:
  Programs(KernelQueue& queue, const KernelSizes& sizes) : queue_(queue), sizes_(sizes) {}

  [[nodiscard]] const Kernel& kernel(const ProgramKey& key, const std::string& name);
  [[nodiscard]] const Kernel& kernel(Unit unit, Dtype dtype, const std::string& name) {
    return kernel({unit, dtype, {}}, name);
  }

  void sizesChanged() { programs_.clear(); }

 private:
  [[nodiscard]] Program& compiled(const ProgramKey& key);

  KernelQueue& queue_;
  const KernelSizes& sizes_;
  std::map<ProgramKey, Program*> programs_;
  std::map<Source, std::unique_ptr<Program>> compiled_;
};

}  // namespace thalweg::kernels
