// A chunk of small steps on GPUs: stochastic descent and small mini-batches, in one launch.
//
//   for each batch of at most batchSize rows i, in order:
//     gⱼ = Σᵢ δᵢ·xᵢⱼ / |batch|;  θⱼ ← S(θⱼ·(1 − rate·l2) − rate·gⱼ, rate·l1);  b ← b − rate·Σᵢ δᵢ /
//     |batch|
//
// One work-group takes every step, since each depends on the one before: rowLanes work-items a row
// for the dots, a column each for the step. θ lives in local memory where it fits (THETA_LOCAL
// reals, weights and intercept), a batch's residuals always (BATCH of them). `rows` counts the rows
// of the chunk: they are indexes[first …] where `byIndex`, else rows first … of X. `unused` belongs
// to the rows shape.

#ifndef BATCH
#define BATCH 1024
#endif

INLINE void step_columns(GLOBAL const real* X, GLOBAL const uint* indexes, int byIndex, ulong first,
                         uint count, uint n, uint columns, LOCAL const real* residuals, real l1,
                         real decay, real rate, THETA_SPACE real* theta) {
  const real size = (real)count;
  GROUP_BARRIER();
  for (uint j = LOCAL_ID; j < columns; j += GROUP_SIZE) {
    real g = 0;
    for (uint i = 0; i < count; ++i) {
      g = fma(j == n ? (real)1 : X[matrix_row(indexes, byIndex, first, i) * n + j], residuals[i],
              g);
    }
    const real moved = fma(-rate, g / size, j == n ? theta[j] : theta[j] * decay);
    theta[j] = j == n || l1 == 0 ? moved : shrink(moved, rate * l1);
  }
  GROUP_BARRIER();
}

KERNEL FIXED_GROUP(GROUP_SIZE) void sequential(GLOBAL const real* X, GLOBAL const real* y,
                                               GLOBAL const uint* indexes, int byIndex, ulong first,
                                               ulong rows, uint batchSize, uint n, uint rowLanes,
                                               GLOBAL real* theta, int fitIntercept, int activation,
                                               int loss, real l1, real l2, real rate,
                                               GLOBAL const uint* state, GLOBAL real* unused) {
  LOCAL_ARRAY(real, sums, GROUP_SIZE * ROWS);
  LOCAL_ARRAY(real, residuals, BATCH);
  if (state[STATE_HALT] != HALT_NONE) return;
#ifdef THETA_LOCAL
  LOCAL_ARRAY(real, weights, THETA_LOCAL);
  for (uint j = LOCAL_ID; j <= n; j += GROUP_SIZE) weights[j] = theta[j];
  LOCAL_BARRIER();
#else
  GLOBAL real* weights = theta;
#endif
  const Layout layout = layout_of(rowLanes);
  const real decay = 1 - rate * l2;
  real intercept = 0;
  Sum total = sum_zero();
  for (ulong done = 0; done < rows; done += batchSize) {
    const ulong start = first + done;
    const uint count = (uint)min((ulong)batchSize, rows - done);
    for (uint tile = 0; tile < count; tile += (uint)tile_rows(layout)) {
      tile_dots(layout, X, indexes, byIndex, start, tile, count, n, weights, sums);
      tile_residuals(layout, sums, y, indexes, byIndex, start, start, tile, count, weights[n],
                     activation, loss, residuals + tile, &intercept, &total);
    }
    step_columns(X, indexes, byIndex, start, count, n, fitIntercept ? n + 1 : n, residuals, l1,
                 decay, rate, weights);
  }
#ifdef THETA_LOCAL
  for (uint j = LOCAL_ID; j <= n; j += GROUP_SIZE) theta[j] = weights[j];
#endif
}
