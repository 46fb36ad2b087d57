#pragma once

#include <string>

#include "block.h"

namespace emulator {

/// Runs every block of a launch, one after the other: each work-item on a stack of its own, so that
/// __syncthreads is a barrier and nothing less. Work-items run a wave at a time, the waves and the
/// items in them forwards and backwards by turns, so that code which relies on an order fails.
/// Returns what is wrong with the barriers, empty where nothing is.
using Entry = void (*)(emulated::Block* block, void** arguments);
std::string runBlocks(Entry kernel, void** arguments, unsigned int blocks, unsigned int blockSize,
                      int waveSize);

}  // namespace emulator
