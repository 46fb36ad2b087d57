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
  const uint recorded = state[STATE_RECORDED];
  const uint halt = halt_at(loss, history[HISTORY_LAST], recorded > 0, tolerance);
  history[recorded % HISTORY_LAST] = loss;
  history[HISTORY_LAST] = loss;
  state[STATE_RECORDED] = recorded + 1;
  state[STATE_STEP] = halt != HALT_DIVERGED;
  state[STATE_HALT] = halt;
}

// Every work-item of the group takes part to the end: barriers stand in no branch, which some
// compilers get wrong.
INLINE void settle_group(const StepArguments* step, GLOBAL const Sum* lossPartials,
                         GLOBAL const real* theta, GLOBAL uint* state, GLOBAL Sum* history,
                         LOCAL Sum* scratch) {
  const Penalties penalties = step->options.penalties;
  const uint penalised = is_penalised(penalties) ? step->n : 0;
  Sum total = sum_zero();
  Sum sizes = sum_zero();
  Sum squares = sum_zero();
  for (uint p = LOCAL_ID; p < step->partials; p += GROUP_SIZE)
    total = sum_join(total, lossPartials[p]);
  for (uint j = LOCAL_ID; j < penalised; j += GROUP_SIZE) {
    sizes = sum_add(sizes, fabs(theta[j]));
    squares = sum_add_product(squares, theta[j], theta[j]);
  }
  total = sum_divide(group_sum(total, scratch), step->rows);
  sizes = group_sum(sizes, scratch);
  squares = group_sum(squares, scratch);
  if (LOCAL_ID == 0) {
    const int live = state[STATE_HALT] == HALT_NONE;
    const Sum loss = sum_join(total, penalty(penalties, sizes, squares));
    if (live) record(loss, step->tolerance, state, history);
    if (!live) state[STATE_STEP] = 0;
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void settle(GLOBAL const Sum* lossPartials, GLOBAL const real* theta,
                                           GLOBAL uint* state, GLOBAL Sum* history,
                                           const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  settle_group(&step, lossPartials, theta, state, history, scratch);
}

// The sums over the partials of columns first … first + BLOCK − 1, complete in the work-items of
// slice 0.
INLINE void column_sums(const StepArguments* step, GLOBAL const real* partials, uint first,
                        LOCAL Sum* scratch, Sum* sums) {
  const uint slice = LOCAL_ID / STEP_LANES;
  for (uint k = 0; k < BLOCK; ++k) sums[k] = sum_zero();
  if (first < step->stride) {
    for (uint p = slice; p < step->partials; p += SLICES) {
      GLOBAL const real* partial = partials + (ulong)p * step->stride + first;
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
INLINE void step_columns(const StepArguments* step, GLOBAL const real* partials, GLOBAL real* theta,
                         int take, LOCAL Sum* scratch) {
  const uint n = step->n;
  const uint columns = step->fitIntercept ? n + 1 : n;
  const Shrinkage by = shrinkage(step->options);
  for (uint base = GROUP_ID * STEP_LANES * BLOCK; base < columns;
       base += GROUP_COUNT * STEP_LANES * BLOCK) {
    const uint first = base + LOCAL_ID % STEP_LANES * BLOCK;
    Sum sums[BLOCK];
    column_sums(step, partials, first, scratch, sums);
    const uint mine = take && LOCAL_ID < STEP_LANES ? BLOCK : 0;
    for (uint k = 0; k < mine && first + k < columns; ++k) {
      const uint j = first + k;
      const real weight = theta[j];
      const real mean = sum_value(sum_divide(sums[k], step->rows));
      theta[j] = j == n ? step_intercept(weight, mean, step->options.rate)
                        : step_weight(weight, mean, step->options.rate, by);
    }
  }
}

// The step after a pass. Where it is `settled`, the loss recorded last decides on it, else only
// whether the run still goes on.
KERNEL FIXED_GROUP(GROUP_SIZE) void take_step(GLOBAL const real* partials, GLOBAL real* theta,
                                              GLOBAL const uint* state, const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  const int take = step.settled ? state[STATE_STEP] != 0 : state[STATE_HALT] == HALT_NONE;
  step_columns(&step, partials, theta, take, scratch);
}

// `settle` and `take_step` in one launch of one group.
KERNEL FIXED_GROUP(GROUP_SIZE) void settle_and_step(GLOBAL const real* partials,
                                                    GLOBAL const Sum* lossPartials,
                                                    GLOBAL real* theta, GLOBAL uint* state,
                                                    GLOBAL Sum* history, const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  settle_group(&step, lossPartials, theta, state, history, scratch);
  MEET_GROUP();
  step_columns(&step, partials, theta, state[STATE_STEP] != 0, scratch);
}

// The gradient as host code reads it: gⱼ with the l2 term, without that of l1; then that of the
// intercept.
KERNEL FIXED_GROUP(GROUP_SIZE) void reduce_gradient(GLOBAL const real* partials,
                                                    GLOBAL const real* theta, GLOBAL Sum* gradients,
                                                    const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  const uint n = step.n;
  for (uint base = GROUP_ID * STEP_LANES * BLOCK; base < n + 1;
       base += GROUP_COUNT * STEP_LANES * BLOCK) {
    const uint first = base + LOCAL_ID % STEP_LANES * BLOCK;
    Sum sums[BLOCK];
    column_sums(&step, partials, first, scratch, sums);
    const uint mine = LOCAL_ID < STEP_LANES ? BLOCK : 0;
    for (uint k = 0; k < mine && first + k < n + 1; ++k) {
      const Sum mean = sum_divide(sums[k], step.rows);
      gradients[first + k] =
          first + k == n ? mean : penalised_slope(step.options.penalties, mean, theta[first + k]);
    }
  }
}
