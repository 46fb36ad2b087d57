// The state of a run, on the device: what its kernels tell each other and, at the end of a chunk,
// the host.

#define STATE_HALT \
  0  // a HALT_ value; once it is set, kernels that are still enqueued change nothing
#define STATE_RECORDED 1  // losses recorded since the run began
#define STATE_STEP 2      // whether the step that belongs to the loss recorded last is to be taken

#define HALT_NONE 0
#define HALT_CONVERGED 1
#define HALT_DIVERGED 2

// The slot of the loss history that holds the loss recorded last, whatever was read back since; the
// slots before it are a ring.
#ifndef HISTORY_LAST
#define HISTORY_LAST 4096
#endif
