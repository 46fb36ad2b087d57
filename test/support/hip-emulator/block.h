#pragma once

namespace emulated {

struct Index {
  unsigned int x, y, z;
};

/// One block being run; the emulator switches between its work-items at barriers.
struct Block {
  Index thread;
  Index block;
  Index blockSize;
  Index gridSize;
  int waveSize;
  void (*meet)(Block* block, int line);
};

}  // namespace emulated
