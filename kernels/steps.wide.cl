// A chunk of small steps on GPUs: stochastic descent and small mini-batches, in one launch.
//
//   for each batch of at most batchSize rows i, in order:
//     gⱼ = Σᵢ δᵢ·xᵢⱼ;  θⱼ takes the step of math/step.h with rate / |batch|, or by an optimiser
//     with gⱼ / |batch|;  b likewise
//
// One work-group takes every step, since each depends on the one before. ROW_LANES work-items share
// a row, AT_ONCE rows stand side by side, and TILE_ROWS of a batch are multiplied with θ at a time;
// their residuals meet in local memory. Then the rows are read again, from cache, for the gradient:
// where AT_ONCE is 1, once a batch, by work-items that step the columns they add up; else
// n ≤ ROW_LANES·PACK, and each keeps its columns over the rows of its slot, a tile at a time, and
// the slots are added up in local memory.
//
// Barriers: two or three a tile (see lanes.wide.h), then two a batch: θ was read by all before it
// is stepped, and is stepped before it is read.
//
// Where steps have a rate each, `rates` has them; else it is not read. n is a multiple of PACK.
// `unused` belongs to the rows shape.

#ifndef BATCH
#define BATCH 1024
#endif

// Where a slot leaves its part of a batch's gradient: its columns, then Σδ.
#define SLOT_SUMS (ROW_LANES * PACK + 1)
#define GROUP_SUMS (AT_ONCE * SLOT_SUMS)

INLINE void add_row(GLOBAL const real* x, real residual, real* g) {
  real values[PACK];
  load_pack(x, values);
  UNROLL
  for (uint i = 0; i < PACK; ++i) g[i] = fma(values[i], residual, g[i]);
}

// Steps a weight, or the intercept, along the sum of its gradient over a batch.
INLINE void step_sum(GLOBAL real* weight, real sum, int isIntercept, const StepsArguments* steps,
                     StepOptions options, real step, Shrinkage by, Tempo tempo, uint count) {
  if (OPTIMIZER != OPTIMIZER_sgd) {
    step_by(weight, sum / (real)count, isIntercept, 1, steps->stride, options, tempo);
  } else {
    *weight =
        isIntercept ? step_intercept(*weight, sum, step) : step_weight(*weight, sum, step, by);
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void steps(GLOBAL const real* X, GLOBAL const real* y,
                                          GLOBAL const real* weights, GLOBAL const uint* indexes,
                                          GLOBAL real* theta, GLOBAL const uint* state,
                                          GLOBAL real* unused, GLOBAL const real* rates,
                                          const StepsArguments steps) {
  LOCAL_ARRAY(real, sums, TILE_SUMS > GROUP_SUMS ? TILE_SUMS : GROUP_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, residuals, AT_ONCE == 1 ? BATCH + TILE_ROWS : TILE_ROWS);
  if (state[STATE_HALT] != HALT_NONE) return;

  const uint lane = LOCAL_ID % ROW_LANES;
  const uint slot = LOCAL_ID / ROW_LANES;
  const uint n = steps.rows.n;
  const uint column = min(lane * PACK, n - PACK);
  StepOptions options = steps.options;
  Shrinkage by = shrinkage(options);
  ulong taken = steps.taken;
  real fullStep = options.rate / (real)steps.batchSize;
  for (ulong done = 0; done < steps.rows.count; done += steps.batchSize) {
    const RowSpan batch = rows_of_span(&steps.rows, done, steps.batchSize);
    const uint count = (uint)batch.count;
    if (steps.scheduled) {
      options.rate = rates[steps.firstRate + taken - steps.taken];
      by = shrinkage(options);
      fullStep = options.rate / (real)steps.batchSize;
    }
    const real step = count == steps.batchSize ? fullStep : options.rate / (real)count;
    const Tempo tempo = tempo_of(optimizer_of(options), options.rate, taken);
    taken += 1;
    const real bias = theta[n];
    real g[PACK];
    UNROLL
    for (uint i = 0; i < PACK; ++i) g[i] = 0;
    real intercept = 0;
    for (uint tile = 0; tile < count; tile += TILE_ROWS) {
      LOCAL real* tileResiduals = residuals + (AT_ONCE == 1 ? tile : 0);
      Label label = tile_label(&batch, y, weights, indexes, tile);
      if (WEIGHTED) label.weight *= steps.weightScale;
      GLOBAL const real* x[ROWS];
      UNROLL
      for (uint r = 0; r < ROWS; ++r) {
        const uint at = min(tile + r * AT_ONCE + slot, count - 1);
        x[r] = row_at(&batch, X, indexes, at);
      }
      real z[ROWS];
      slice_dots(x, theta, 0, n, z);
      gather_dots(z, sums, parts);
      Sum unusedTotal = sum_zero();
      real unusedIntercept = 0;
      finish_tile(sums, parts, tile, count, bias, label, steps.activation, steps.loss,
                  tileResiduals, &unusedIntercept, &unusedTotal);
      if (AT_ONCE == 1) continue;
      UNROLL
      for (uint r = 0; r < ROWS; ++r) {
        const real residual = tileResiduals[r * AT_ONCE + slot];
        add_row(x[r] + column, residual, g);
        intercept += residual;
      }
    }
    if (AT_ONCE == 1) {
      MEET_GROUP();
      for (uint j = lane * PACK; j < n; j += ROW_LANES * PACK) {
        UNROLL
        for (uint i = 0; i < PACK; ++i) g[i] = 0;
        intercept = 0;
        for (uint q = 0; q < count; ++q) {
          add_row(row_at(&batch, X, indexes, q) + j, residuals[q], g);
          intercept += residuals[q];
        }
        for (uint i = 0; i < PACK; ++i) {
          step_sum(theta + j + i, g[i], 0, &steps, options, step, by, tempo, count);
        }
      }
      if (LOCAL_ID == 0 && steps.fitIntercept)
        step_sum(theta + n, intercept, 1, &steps, options, step, by, tempo, count);
    } else {
      LOCAL real* slotSums = sums + slot * SLOT_SUMS;
      UNROLL
      for (uint i = 0; i < PACK; ++i) slotSums[lane * PACK + i] = g[i];
      if (lane == 0) slotSums[SLOT_SUMS - 1] = intercept;
      MEET_GROUP();
      for (uint e = LOCAL_ID; e < SLOT_SUMS; e += GROUP_SIZE) {
        const real sum = strided_sum(sums + e, AT_ONCE, SLOT_SUMS);
        if (e < n) step_sum(theta + e, sum, 0, &steps, options, step, by, tempo, count);
        if (e == SLOT_SUMS - 1 && steps.fitIntercept)
          step_sum(theta + n, sum, 1, &steps, options, step, by, tempo, count);
      }
    }
    MEET_GROUP();
  }
}
