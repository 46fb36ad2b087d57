// The gradient pass for GPUs where n exceeds what a work-group holds in registers: partials of Xᵀδ,
// Σδ and Σℓ.
//
// X is rows×n, row-major; theta holds n weights and the intercept. A work-group takes ROWS rows at
// a time, all its work-items along the columns: one sweep for z = xᵀθ + b, a tree, δ, and a second
// sweep that finds the rows in the cache and adds δ·x to row p of `partials`, whose columns belong
// to one work-item each.

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_sweep(
    GLOBAL const real* X, ulong firstRow, GLOBAL const real* y, ulong firstLabel,
    GLOBAL const uint* indexes, int byIndex, ulong rowCount, uint n, uint stride, uint rowLanes,
    GLOBAL const real* theta, int activation, int loss, GLOBAL const uint* state, int accumulate,
    GLOBAL real* partials, GLOBAL Sum* lossPartials) {
  LOCAL_ARRAY(real, sums, GROUP_SIZE * ROWS);
  LOCAL_ARRAY(real, residuals, ROWS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;

  const Layout layout = layout_of(GROUP_SIZE);
  GLOBAL real* partial = partials + (ulong)GROUP_ID * stride;
  real intercept = 0;
  Sum total = sum_zero();
  int fresh = !accumulate;
  for (ulong tile = GROUP_ID * ROWS; tile < rowCount; tile += GROUP_COUNT * ROWS) {
    tile_dots(layout, X, indexes, byIndex, firstRow, tile, rowCount, n, theta, sums);
    tile_residuals(layout, sums, y, indexes, byIndex, firstRow, firstLabel, tile, rowCount,
                   theta[n], activation, loss, residuals, &intercept, &total);
    GLOBAL const real* x[ROWS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      x[r] = X + matrix_row(indexes, byIndex, firstRow, min(tile + r, rowCount - 1)) * n;
    }
    for (uint j = LOCAL_ID; j < n; j += GROUP_SIZE) {
      real g = fresh ? (real)0 : partial[j];
      UNROLL
      for (uint r = 0; r < ROWS; ++r) g = fma(x[r][j], residuals[r], g);
      partial[j] = g;
    }
    fresh = 0;
  }
  write_totals(intercept, total, accumulate, scratch, partial + n, lossPartials + GROUP_ID);
}
