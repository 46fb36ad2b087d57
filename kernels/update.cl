// What follows a pass over the rows: the loss is recorded and judged, and θ takes its step.
//
//   L  = Σₚ lossPartialsₚ / w + l1·Σ|θⱼ| + l2/2·Σθⱼ²
//   θⱼ takes the step of math/step.h with gⱼ = Σₚ partialsₚⱼ / w;   b that with Σₚ partialsₚₙ / w
//
// for the weight w of the rows of the pass: m where they have none.
//
// partials holds one row of `stride` reals a group of the pass: n columns, then that of the
// intercept. stride is a multiple of STEP_LANES·BLOCK; theta holds n weights, then the intercept b,
// and room for `stride` reals. Of several outputs these are the weights of all of them, and then an
// intercept of each. Partials are added in ascending order within a slice, slices in a
// fixed tree.
//
// Next to a pass there is little to read here and much to wait for, so that these kernels are made
// of few waits. A group adds up STEP_LANES·BLOCK columns at a time, and on GPUs there is one for
// each so many: a work-item loads BLOCK neighbouring columns at once, of every SLICES-th partial,
// and asks for AT_ONCE of those before it adds up the first. On CPU devices a group is one
// work-item, BLOCK a vector's width, and a group takes as many columns as are worth it.

#ifndef BLOCK
#define BLOCK 4
#endif
#ifndef STEP_LANES
#define STEP_LANES 4
#endif
#ifndef AT_ONCE
#define AT_ONCE 8
#endif

#define SLICES (GROUP_SIZE / STEP_LANES)
#define GROUP_COLUMNS (STEP_LANES * BLOCK)
#define ITEM_COLUMNS ((GROUP_COLUMNS + GROUP_SIZE - 1) / GROUP_SIZE)
// Sums of a work-item: of its columns, or three of the loss.
#define SUMS (BLOCK > 3 ? BLOCK : 3)
#define SCRATCH (SUMS * GROUP_SIZE)

typedef struct ALIGNED(16) {
  real v[BLOCK];
} Block;

// Adds each of a work-item's sums over the work-items of its lane, those with the same LOCAL_ID
// modulo `lanes`: the k-th of lane i is then scratch[k·GROUP_SIZE + i].
INLINE_BARRIERS void join_lanes(const Sum* sums, uint lanes, LOCAL Sum* scratch) {
  UNROLL
  for (uint k = 0; k < SUMS; ++k) scratch[k * GROUP_SIZE + LOCAL_ID] = sums[k];
  for (uint reach = GROUP_SIZE / 2; reach >= lanes; reach /= 2) {
    MEET_LOCAL();
    if (LOCAL_ID < reach) {
      UNROLL
      for (uint k = 0; k < SUMS; ++k) {
        LOCAL Sum* mine = scratch + k * GROUP_SIZE + LOCAL_ID;
        mine[0] = sum_join(mine[0], mine[reach]);
      }
    }
  }
  MEET_LOCAL();
}

INLINE Sum weight_of_rows(const StepArguments* step) {
  return sum_add(sum_of(step->weight), step->weightRest);
}

// The loss, the same in every work-item of every group: adds in one order.
INLINE_BARRIERS Sum loss_of(const StepArguments* step, GLOBAL const Sum* lossPartials,
                            GLOBAL const real* theta, LOCAL Sum* scratch) {
  const Penalties penalties = step->options.penalties;
  const uint penalised = is_penalised(penalties) ? step->n : 0;
  const uint partials = step->losses;
  Sum sums[SUMS];
  UNROLL
  for (uint k = 0; k < SUMS; ++k) sums[k] = sum_zero();
  for (uint p = LOCAL_ID; p < partials; p += GROUP_SIZE * AT_ONCE) {
    Sum ahead[AT_ONCE];
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) {
      ahead[u] = lossPartials[min(p + u * GROUP_SIZE, partials - 1)];
    }
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) {
      sums[0] = sum_join(sums[0], p + u * GROUP_SIZE < partials ? ahead[u] : sum_zero());
    }
  }
  for (uint j = LOCAL_ID; j < penalised; j += GROUP_SIZE * AT_ONCE) {
    real ahead[AT_ONCE];
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) ahead[u] = theta[min(j + u * GROUP_SIZE, penalised - 1)];
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) {
      const real weight = j + u * GROUP_SIZE < penalised ? ahead[u] : (real)0;
      sums[1] = sum_add(sums[1], fabs(weight));
      sums[2] = sum_add_product(sums[2], weight, weight);
    }
  }
  join_lanes(sums, 1, scratch);
  const Sum loss = sum_join(sum_divide(scratch[0], weight_of_rows(step)),
                            penalty(penalties, scratch[GROUP_SIZE], scratch[2 * GROUP_SIZE]));
  MEET_LOCAL();
  return loss;
}

// Records the loss and decides whether the run goes on and whether the step is taken.
INLINE void record(Sum loss, real tolerance, GLOBAL uint* state, GLOBAL Sum* history) {
  const uint recorded = state[STATE_RECORDED];
  const uint halt = halt_at(loss, history[HISTORY_LAST], recorded > 0, tolerance);
  history[recorded % HISTORY_LAST] = loss;
  history[HISTORY_LAST] = loss;
  state[STATE_RECORDED] = recorded + 1;
  state[STATE_STEP] = halt != HALT_DIVERGED;
  state[STATE_HALT] = halt;
}

// Judges the loss, in one work-item of the last group, which alone reads and writes what is
// recorded.
INLINE void judge(Sum loss, real tolerance, GLOBAL uint* state, GLOBAL Sum* history) {
  if (GROUP_ID != GROUP_COUNT - 1 || LOCAL_ID != 0) return;
  const int live = state[STATE_HALT] == HALT_NONE;
  if (live) record(loss, tolerance, state, history);
  if (!live) state[STATE_STEP] = 0;
}

// In one group.
KERNEL FIXED_GROUP(GROUP_SIZE) void settle(GLOBAL const Sum* lossPartials, GLOBAL const real* theta,
                                           GLOBAL uint* state, GLOBAL Sum* history,
                                           const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, SCRATCH);
  judge(loss_of(&step, lossPartials, theta, scratch), step.tolerance, state, history);
}

// Those of partials p, p + SLICES, … that there are, else of the last.
INLINE void load_blocks(GLOBAL const real* from, uint stride, uint p, uint count, Block* blocks) {
  UNROLL
  for (uint u = 0; u < AT_ONCE; ++u) {
    blocks[u] = *(GLOBAL const Block*)(from + (ulong)min(p + u * SLICES, count - 1) * stride);
  }
}

// The sums over the partials of columns base … base + GROUP_COLUMNS − 1, to be asked for with
// column_sum. What was asked for before was so before a barrier that all have passed.
INLINE_BARRIERS void add_partials(const StepArguments* step, GLOBAL const real* partials, uint base,
                                  LOCAL Sum* scratch) {
  const uint count = step->partials;
  const uint slice = LOCAL_ID / STEP_LANES;
  GLOBAL const real* from = partials + base + LOCAL_ID % STEP_LANES * BLOCK;
  Sum sums[SUMS];
  UNROLL
  for (uint k = 0; k < SUMS; ++k) sums[k] = sum_zero();
  // The next blocks are asked for before these are added: else NVIDIA's compiler, to save
  // registers, asks for each when the one before has come.
  Block next[AT_ONCE];
  load_blocks(from, step->stride, slice, count, next);
  for (uint p = slice; p < count; p += SLICES * AT_ONCE) {
    Block blocks[AT_ONCE];
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) blocks[u] = next[u];
    load_blocks(from, step->stride, p + SLICES * AT_ONCE, count, next);
    UNROLL
    for (uint u = 0; u < AT_ONCE; ++u) {
      UNROLL
      for (uint k = 0; k < BLOCK; ++k) {
        sums[k] = sum_add(sums[k], p + u * SLICES < count ? blocks[u].v[k] : (real)0);
      }
    }
  }
  join_lanes(sums, STEP_LANES, scratch);
}

// That of column base + c.
INLINE Sum column_sum(LOCAL const Sum* scratch, uint c) {
  return scratch[c % BLOCK * GROUP_SIZE + c / BLOCK];
}

// The step of this group's columns, if it is to be taken.
INLINE_BARRIERS void step_columns(const StepArguments* step, GLOBAL const real* partials,
                                  GLOBAL real* theta, int take, ulong taken, LOCAL Sum* scratch) {
  const uint n = step->n;
  const uint columns = step->fitIntercept ? n + step->outputs : n;
  const Shrinkage by = shrinkage(step->options);
  const Tempo tempo = tempo_of(optimizer_of(step->options), step->options.rate, taken);
  for (uint base = GROUP_ID * GROUP_COLUMNS; base < columns; base += GROUP_COUNT * GROUP_COLUMNS) {
    real weights[ITEM_COLUMNS];  // asked for before the partials, so that they are there with those
    UNROLL
    for (uint i = 0; i < ITEM_COLUMNS; ++i) {
      const uint c = LOCAL_ID + i * GROUP_SIZE;
      weights[i] = c < GROUP_COLUMNS ? theta[base + c] : (real)0;
    }
    add_partials(step, partials, base, scratch);
    UNROLL
    for (uint i = 0; i < ITEM_COLUMNS; ++i) {
      const uint c = LOCAL_ID + i * GROUP_SIZE;
      const uint j = base + c;
      if (take && c < GROUP_COLUMNS && j < columns) {
        const real mean = sum_value(sum_divide(column_sum(scratch, c), weight_of_rows(step)));
        if (OPTIMIZER != OPTIMIZER_sgd) {
          step_by(theta + j, mean, j >= n, 1, step->stride, step->options, tempo);
        } else {
          theta[j] = j >= n ? step_intercept(weights[i], mean, step->options.rate)
                            : step_weight(weights[i], mean, step->options.rate, by);
        }
      }
    }
    MEET_LOCAL();
  }
}

// How many steps were taken before that of the loss recorded last.
INLINE ulong steps_before(const StepArguments* step, GLOBAL const uint* state) {
  return step->taken + state[STATE_RECORDED] - 1;
}

// The step after a pass. Where it is `settled`, the loss recorded last decides on it, else only
// whether the run still goes on.
KERNEL FIXED_GROUP(GROUP_SIZE) void take_step(GLOBAL const real* partials, GLOBAL real* theta,
                                              GLOBAL const uint* state, const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, SCRATCH);
  const int take = step.settled ? state[STATE_STEP] != 0 : state[STATE_HALT] == HALT_NONE;
  const ulong taken =
      OPTIMIZER != OPTIMIZER_sgd && step.settled ? steps_before(&step, state) : step.taken;
  step_columns(&step, partials, theta, take, taken, scratch);
}

// `settle` and `take_step` in one launch. No group can wait for what another records, so that each
// finds by itself whether the step is taken: where the loss is finite, which that of a run that has
// halted never is (see halting.h). On GPUs a group more than there are columns for has nothing to
// do but judge, which waits for memory twice. A penalised loss is one of θ, which other groups step
// meanwhile: with penalties it is one group, and so it is with an optimiser that asks how many
// steps were recorded.
KERNEL FIXED_GROUP(GROUP_SIZE) void settle_and_step(GLOBAL const real* partials,
                                                    GLOBAL const Sum* lossPartials,
                                                    GLOBAL real* theta, GLOBAL uint* state,
                                                    GLOBAL Sum* history, const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, SCRATCH);
  const Sum loss = loss_of(&step, lossPartials, theta, scratch);
  judge(loss, step.tolerance, state, history);
  MEET_GROUP();
  const ulong taken = OPTIMIZER == OPTIMIZER_sgd ? 0 : steps_before(&step, state);
  step_columns(&step, partials, theta, sum_is_finite(loss), taken, scratch);
}

// The gradient as host code reads it: gⱼ with the l2 term, without that of l1; then that of each
// intercept.
KERNEL FIXED_GROUP(GROUP_SIZE) void reduce_gradient(GLOBAL const real* partials,
                                                    GLOBAL const real* theta, GLOBAL Sum* gradients,
                                                    const StepArguments step) {
  LOCAL_ARRAY(Sum, scratch, SCRATCH);
  const uint n = step.n;
  const uint columns = n + step.outputs;
  for (uint base = GROUP_ID * GROUP_COLUMNS; base < columns; base += GROUP_COUNT * GROUP_COLUMNS) {
    add_partials(&step, partials, base, scratch);
    for (uint c = LOCAL_ID; c < GROUP_COLUMNS && base + c < columns; c += GROUP_SIZE) {
      const uint j = base + c;
      const Sum mean = sum_divide(column_sum(scratch, c), weight_of_rows(&step));
      gradients[j] = j >= n ? mean : penalised_slope(step.options.penalties, mean, theta[j]);
    }
    MEET_LOCAL();
  }
}
