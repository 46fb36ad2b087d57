// What follows a pass over the rows: the loss is recorded and judged, and θ takes its step.
//
//   L  = Σₚ lossPartialsₚ / m + l1·Σ|θⱼ| + l2/2·Σθⱼ²
//   θⱼ takes the step of math/step.h with gⱼ = Σₚ partialsₚⱼ / m;   b that with Σₚ partialsₚₙ / m
//
// partials holds one row of `stride` reals a group of the pass: n columns, then that of the
// intercept; theta holds n weights, then the intercept b. Partials are added in ascending order
// within a slice, slices in a fixed tree.
//
// A work-item sums BLOCK neighbouring columns: 1 on GPUs, where STEP_LANES neighbours read one line
// together and GROUP_SIZE / STEP_LANES slices of the partials hide the latency; a vector's width on
// CPU devices, whose groups are single work-items. Up to a few thousand columns one group does it
// all in one launch; beyond, `settle` is a launch of its own and the columns are spread over
// groups.

#ifndef STEP_LANES
#define STEP_LANES 32
#endif
#ifndef BLOCK
#define BLOCK 1
#endif

#define SLICES (GROUP_SIZE / STEP_LANES)

// Records the loss and decides, in work-item 0, whether the run goes on and whether the step is
// taken.
INLINE void record(Sum loss, real tolerance, GLOBAL uint* state, GLOBAL Sum* history) {
  const Sum before = history[HISTORY_LAST];
  const uint recorded = state[STATE_RECORDED];
  const int finite = sum_is_finite(loss);
  history[recorded % HISTORY_LAST] = loss;
  history[HISTORY_LAST] = loss;
  state[STATE_RECORDED] = recorded + 1;
  state[STATE_STEP] = finite ? 1 : 0;
  if (!finite) {
    state[STATE_HALT] = HALT_DIVERGED;
  } else if (recorded > 0 && sum_is_near(loss, before, tolerance)) {
    state[STATE_HALT] = HALT_CONVERGED;
  }
}

// Every work-item of the group takes part to the end: barriers stand in no branch, which some
// compilers get wrong.
INLINE void settle_group(GLOBAL const Sum* lossPartials, uint partialCount, ulong m,
                         GLOBAL const real* theta, uint n, real l1, real l2, real tolerance,
                         GLOBAL uint* state, GLOBAL Sum* history, LOCAL Sum* scratch) {
  const int live = state[STATE_HALT] == HALT_NONE;
  const uint penalised = l1 != 0 || l2 != 0 ? n : 0;
  Sum total = sum_zero();
  Sum sizes = sum_zero();
  Sum squares = sum_zero();
  for (uint p = LOCAL_ID; p < partialCount; p += GROUP_SIZE)
    total = sum_join(total, lossPartials[p]);
  for (uint j = LOCAL_ID; j < penalised; j += GROUP_SIZE) {
    sizes = sum_add(sizes, fabs(theta[j]));
    squares = sum_add_product(squares, theta[j], theta[j]);
  }
  total = sum_divide(group_sum(total, scratch), m);
  sizes = sum_scale(group_sum(sizes, scratch), l1);
  squares = sum_scale(group_sum(squares, scratch), (real)0.5f * l2);
  if (LOCAL_ID == 0) {
    if (live) record(sum_join(total, sum_join(sizes, squares)), tolerance, state, history);
    if (!live) state[STATE_STEP] = 0;
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void settle(GLOBAL const Sum* lossPartials, uint partialCount,
                                           ulong m, GLOBAL const real* theta, uint n, real l1,
                                           real l2, real tolerance, GLOBAL uint* state,
                                           GLOBAL Sum* history) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  settle_group(lossPartials, partialCount, m, theta, n, l1, l2, tolerance, state, history, scratch);
}

// The sums over the partials of columns first … first + BLOCK − 1, complete in the work-items of
// slice 0.
INLINE void column_sums(GLOBAL const real* partials, uint partialCount, uint stride, uint first,
                        LOCAL Sum* scratch, Sum* sums) {
  const uint slice = LOCAL_ID / STEP_LANES;
  for (uint k = 0; k < BLOCK; ++k) sums[k] = sum_zero();
  if (first < stride) {
    for (uint p = slice; p < partialCount; p += SLICES) {
      GLOBAL const real* partial = partials + (ulong)p * stride + first;
      UNROLL
      for (uint k = 0; k < BLOCK; ++k) sums[k] = sum_add(sums[k], partial[k]);
    }
  }
#if SLICES > 1
  for (uint k = 0; k < BLOCK; ++k) {
    scratch[LOCAL_ID] = sums[k];
    for (uint reach = SLICES / 2; reach > 0; reach /= 2) {
      LOCAL_BARRIER();
      if (slice < reach) {
        scratch[LOCAL_ID] = sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach * STEP_LANES]);
      }
    }
    sums[k] = scratch[LOCAL_ID];
    LOCAL_BARRIER();
  }
#endif
}

// The step of this group's columns, STEP_LANES·BLOCK at a time, if it is to be taken.
INLINE void step_columns(GLOBAL const real* partials, uint partialCount, uint stride,
                         ulong rowCount, GLOBAL real* theta, uint n, int fitIntercept, real l1,
                         real l2, real rate, int take, LOCAL Sum* scratch) {
  const uint columns = fitIntercept ? n + 1 : n;
  const Shrinkage by = shrinkage(rate, l1, l2);
  for (uint base = GROUP_ID * STEP_LANES * BLOCK; base < columns;
       base += GROUP_COUNT * STEP_LANES * BLOCK) {
    const uint first = base + LOCAL_ID % STEP_LANES * BLOCK;
    Sum sums[BLOCK];
    column_sums(partials, partialCount, stride, first, scratch, sums);
    const uint mine = take && LOCAL_ID < STEP_LANES ? BLOCK : 0;
    for (uint k = 0; k < mine && first + k < columns; ++k) {
      const uint j = first + k;
      const real weight = theta[j];
      const real mean = sum_value(sum_divide(sums[k], rowCount));
      theta[j] = j == n ? step_intercept(weight, mean, rate) : step_weight(weight, mean, rate, by);
    }
  }
}

// The step after a pass over rowCount rows. Where it is `settled`, the loss recorded last decides
// on it, else only whether the run still goes on.
KERNEL FIXED_GROUP(GROUP_SIZE) void take_step(GLOBAL const real* partials, uint partialCount,
                                              uint stride, ulong rowCount, GLOBAL real* theta,
                                              uint n, int fitIntercept, real l1, real l2, real rate,
                                              int settled, GLOBAL const uint* state) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  const int take = settled ? state[STATE_STEP] != 0 : state[STATE_HALT] == HALT_NONE;
  step_columns(partials, partialCount, stride, rowCount, theta, n, fitIntercept, l1, l2, rate, take,
               scratch);
}

// `settle` and `take_step` in one launch of one group.
KERNEL FIXED_GROUP(GROUP_SIZE) void settle_and_step(GLOBAL const real* partials,
                                                    GLOBAL const Sum* lossPartials,
                                                    uint partialCount, uint stride, ulong m,
                                                    GLOBAL real* theta, uint n, int fitIntercept,
                                                    real l1, real l2, real rate, real tolerance,
                                                    GLOBAL uint* state, GLOBAL Sum* history) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  settle_group(lossPartials, partialCount, m, theta, n, l1, l2, tolerance, state, history, scratch);
  MEET_GROUP();
  const int take = state[STATE_STEP] != 0;
  step_columns(partials, partialCount, stride, m, theta, n, fitIntercept, l1, l2, rate, take,
               scratch);
}

// The gradient as host code reads it: gⱼ without the l1 term, then that of the intercept.
KERNEL FIXED_GROUP(GROUP_SIZE) void reduce_gradient(GLOBAL const real* partials, uint partialCount,
                                                    uint stride, ulong m, GLOBAL const real* theta,
                                                    uint n, real l2, GLOBAL Sum* gradients) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  for (uint base = GROUP_ID * STEP_LANES * BLOCK; base < n + 1;
       base += GROUP_COUNT * STEP_LANES * BLOCK) {
    const uint first = base + LOCAL_ID % STEP_LANES * BLOCK;
    Sum sums[BLOCK];
    column_sums(partials, partialCount, stride, first, scratch, sums);
    const uint mine = LOCAL_ID < STEP_LANES ? BLOCK : 0;
    for (uint k = 0; k < mine && first + k < n + 1; ++k) {
      const Sum mean = sum_divide(sums[k], m);
      gradients[first + k] = first + k == n ? mean : sum_add_product(mean, l2, theta[first + k]);
    }
  }
}
