#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "../device.h"

namespace thalweg::cpu {

struct Settings {
  std::size_t threads = 0;  ///< 0: as many as the process may run on
  std::string level;        ///< name of an instruction-set level; empty: the widest
};

[[nodiscard]] DeviceInfo describe(const Settings& settings);
[[nodiscard]] std::unique_ptr<Device> open(const Settings& settings);

}  // namespace thalweg::cpu
