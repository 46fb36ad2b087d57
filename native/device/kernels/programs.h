#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "../device.h"
#include "parameters.h"
#include "queue.h"

namespace thalweg::kernels {

/// What is compiled together, when its first kernel is asked for.
enum class Unit {
  gradient,
  gradientSweep,
  forward,
  update,
  sequential,
  sequentialThetaLocal,
  gather,
  gram
};

/// The kernels of one device: compiled once a unit and dtype.
class Programs {
 public:
  Programs(KernelQueue& queue, const Parameters& parameters)
      : queue_(queue), parameters_(parameters) {}

  [[nodiscard]] const Kernel& kernel(Unit unit, Dtype dtype, const std::string& name);

  /// Reals of θ (with the intercept) that Unit::sequentialThetaLocal has room for.
  [[nodiscard]] std::uint64_t thetaLocal(Dtype dtype) const noexcept {
    return parameters_.thetaLocalBytes / sizeOf(dtype);
  }

 private:
  static constexpr std::size_t units = 8;

  [[nodiscard]] std::unique_ptr<Program> compile(Unit unit, Dtype dtype) const;
  [[nodiscard]] std::vector<std::string> defines(Unit unit, Dtype dtype) const;

  KernelQueue& queue_;
  const Parameters& parameters_;
  std::array<std::array<std::unique_ptr<Program>, units>, 2> programs_{};
};

}  // namespace thalweg::kernels
