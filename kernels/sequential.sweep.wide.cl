// A chunk of small steps on GPUs, as sequential.wide.cl, where a row has more columns than a
// work-group holds in registers.
//
// The work-items of the one group stand along the columns and own them: a column's θ is read and
// written, in global memory, by one work-item alone, so that no barrier stands between a step and
// the next dots. One sweep over the columns does both: it takes the step of the batch that is done,
// whose rows it finds in the cache, and multiplies the next ROWS rows with the new θ. Barriers a
// tile of ROWS rows: two of its dots, one of its residuals.
//
// `rows` counts the rows of the chunk: they are indexes[first …] where `byIndex`, else rows first …
// of X; n is a multiple of PACK. `unused` belongs to the rows shape.

#ifndef BATCH
#define BATCH 1024
#endif

// A batch whose residuals are made: rows from `start` on.
typedef struct {
  ulong start;
  uint count;
} Done;

// Steps the columns of this work-item by the batch that is done, if any, and multiplies the rows x
// with them.
INLINE void step_and_multiply(GLOBAL const real* X, GLOBAL const uint* indexes, int byIndex,
                              ulong first, uint n, Done done, LOCAL const real* residuals,
                              real step, Shrinkage by, GLOBAL real* theta,
                              GLOBAL const real* const* x, real* z) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) z[r] = 0;
  for (uint j = LOCAL_ID * PACK; j < n; j += GROUP_SIZE * PACK) {
    real ahead[ROWS][PACK];
    real t[PACK];
    real g[PACK];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) load_pack(x[r] + j, ahead[r]);
    load_pack(theta + j, t);
    UNROLL
    for (uint i = 0; i < PACK; ++i) g[i] = 0;
    for (uint q = 0; q < done.count; ++q) {
      real values[PACK];
      load_pack(X + matrix_row(indexes, byIndex, first, done.start + q) * n + j, values);
      UNROLL
      for (uint i = 0; i < PACK; ++i) g[i] = fma(values[i], residuals[q], g[i]);
    }
    if (done.count > 0) {
      UNROLL
      for (uint i = 0; i < PACK; ++i) {
        t[i] = step_weight(t[i], g[i], step, by);
        theta[j + i] = t[i];
      }
    }
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      UNROLL
      for (uint i = 0; i < PACK; ++i) z[r] = fma(ahead[r][i], t[i], z[r]);
    }
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void sequential_sweep(GLOBAL const real* X, GLOBAL const real* y,
                                                     GLOBAL const uint* indexes, int byIndex,
                                                     ulong first, ulong rows, uint batchSize,
                                                     uint n, GLOBAL real* theta, int fitIntercept,
                                                     int activation, int loss, real l1, real l2,
                                                     real rate, GLOBAL const uint* state,
                                                     GLOBAL real* unused) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, residuals, BATCH + ROWS);
  if (state[STATE_HALT] != HALT_NONE) return;

  const Shrinkage by = shrinkage(rate, l1, l2);
  real bias = theta[n];
  Done done;
  done.start = 0;
  done.count = 0;
  ulong start = 0;
  uint offset = 0;
  // One turn more than there are tiles: the step of the last batch.
  for (int more = 1; more;) {
    more = start < rows;
    const uint count = more ? (uint)min((ulong)batchSize, rows - start) : 0;
    const ulong tile = start + offset;
    const real label = tile_label(y, indexes, byIndex, first, first, tile, rows);
    GLOBAL const real* x[ROWS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r)
      x[r] = X + matrix_row(indexes, byIndex, first, min(tile + r, rows - 1)) * n;
    const real step = rate / (real)max(done.count, 1U);
    real intercept = 0;
    for (uint q = 0; q < done.count; ++q) intercept += residuals[q];
    if (fitIntercept) bias = fma(-step, intercept, bias);
    real z[ROWS];
    step_and_multiply(X, indexes, byIndex, first, n, done, residuals, step, by, theta, x, z);
    gather_dots(z, sums, parts);
    real unusedIntercept = 0;
    Sum unusedTotal = sum_zero();
    finish_tile(sums, parts, tile, start + count, bias, label, activation, loss, residuals + offset,
                &unusedIntercept, &unusedTotal);
    offset += ROWS;
    done.start = start;
    done.count = offset >= batchSize ? count : 0;
    if (offset >= batchSize) {
      start += batchSize;
      offset = 0;
    }
  }
  MEET_GROUP();
  if (LOCAL_ID == 0) theta[n] = bias;
}
