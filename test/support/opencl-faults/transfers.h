#pragma once

#include <cstddef>

#include "device/drivers/opencl/api.h"

namespace thalweg::opencl::faults {

/// What OPENCL_FAULTS_TRANSFERS makes of the bytes on their way, as `KIND NTH`: of the writes of a
/// KiB or more, zeros aside, the NTH is `lost`, `short` by its second half, or `late`, done after
/// the next read; of the reads every NTH comes with another lowest `bit`.
class Transfers {
 public:
  static Transfers& instance();

  /// How many bytes of a write are to be forwarded.
  [[nodiscard]] std::size_t written(cl_mem to, std::size_t offset, std::size_t size,
                                    const void* from);
  /// What a read gives; afterwards `late`, if it is set, wants to be written.
  void read(void* to, std::size_t size);

  struct Late {
    cl_mem to = nullptr;
    std::size_t offset = 0;
    std::size_t size = 0;
    const void* bytes = nullptr;
  };
  /// The write that was kept back, once.
  [[nodiscard]] Late takeLate();

 private:
  Transfers();

  struct State;
  State& state_;
};

}  // namespace thalweg::opencl::faults
