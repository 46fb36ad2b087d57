#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
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

/// The kernels of one device: compiled once a unit, dtype and, for narrow rows, number of columns.
class Programs {
 public:
  Programs(KernelQueue& queue, const Parameters& parameters)
      : queue_(queue), parameters_(parameters) {}

  [[nodiscard]] const Kernel& kernel(Unit unit, Dtype dtype, const std::string& name,
                                     std::uint64_t columns = 0);

  /// Reals of θ (with the intercept) that Unit::sequentialThetaLocal has room for.
  [[nodiscard]] std::uint64_t thetaLocal(Dtype dtype) const noexcept {
    return parameters_.thetaLocalBytes / sizeOf(dtype);
  }

 private:
  /// Of what, in which dtype, for how many columns (0: any).
  using Key = std::tuple<Unit, Dtype, std::uint64_t>;

  [[nodiscard]] std::vector<std::string> defines(const Key& key) const;

  KernelQueue& queue_;
  const Parameters& parameters_;
  std::map<Key, std::unique_ptr<Program>> programs_;
};

}  // namespace thalweg::kernels
