#pragma once

#include "cpu/level.h"

namespace thalweg {

// As the inner loops of the CPU device read them, and whoever makes them.
using cpu::CodeColumn;
using cpu::SparseColumns;

}  // namespace thalweg
