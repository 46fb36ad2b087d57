// When a run halts by itself, once for every device and the host, and the words in which the
// kernels of a run tell each other and, at the end of a chunk, the host.

// Why a run takes no more steps. Once it is set, kernels that are still enqueued change nothing.
enum { HALT_NONE, HALT_CONVERGED, HALT_DIVERGED };

// What each number of a run's state is.
enum {
  STATE_HALT,
  STATE_RECORDED,  // losses recorded since the run began
  STATE_STEP       // whether the step that belongs to the loss recorded last is to be taken
};

// The slot of the loss history that holds the loss recorded last, whatever was read back since; the
// slots before it are a ring.
enum { HISTORY_LAST = 4096 };

// Whether a run halts at `loss`, where `before` is the loss before it, if there is one.
INLINE uint halt_at(Sum loss, Sum before, int hasBefore, real tolerance) {
  if (!sum_is_finite(loss)) return HALT_DIVERGED;
  return hasBefore && sum_is_near(loss, before, tolerance) ? HALT_CONVERGED : HALT_NONE;
}

#ifndef HOST
// For a pass to begin with: whether the run has halted. It then leaves a loss that is not finite,
// on which no step follows: work-groups that step together cannot look at what one of them records.
INLINE int run_has_halted(GLOBAL const uint* state, GLOBAL Sum* lossPartials) {
  if (state[STATE_HALT] == HALT_NONE) return 0;
  if (GROUP_ID == 0 && LOCAL_ID == 0) lossPartials[0] = sum_divide(sum_zero(), sum_zero());
  return 1;
}
#endif
