// The gradient pass for GPUs where a row has more columns than a work-group holds in registers:
// partials of Xᵀδ, Σδ and Σℓ.
//
// X is rows×n, row-major, n a multiple of PACK; theta holds n weights and the intercept. A
// work-group takes ROWS rows at a time, all its work-items along the columns: one sweep for
// z = xᵀθ + b, δ, and a second sweep that finds the rows in the cache and adds δ·x to row p of
// `partials`, whose columns belong to one work-item each.

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_sweep(
    GLOBAL const real* X, GLOBAL const real* y, GLOBAL const real* weights,
    GLOBAL const uint* indexes, GLOBAL const real* theta, GLOBAL const uint* state,
    GLOBAL real* partials, GLOBAL Sum* lossPartials, const PassArguments pass) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, residuals, TILE_ROWS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const uint n = span->n;
  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  const real bias = theta[n];
  real intercept = 0;
  Sum total = sum_zero();
  int fresh = !pass.accumulate;
  for (ulong tile = (ulong)GROUP_ID * ROWS; tile < rowCount; tile += (ulong)GROUP_COUNT * ROWS) {
    const Label label = tile_label(span, y, weights, indexes, tile);
    GLOBAL const real* x[ROWS];
    rows_from(span, X, indexes, tile, rowCount, x);
    real z[ROWS];
    slice_dots(x, theta, 0, n, z);
    gather_dots(z, sums, parts);
    finish_tile(sums, parts, tile, rowCount, bias, label, pass.activation, pass.loss, residuals,
                &intercept, &total);
    slice_gradient(x, residuals, 0, n, fresh, partial);
    fresh = 0;
  }
  write_totals(intercept, total, pass.accumulate, scratch, partial + n, lossPartials + GROUP_ID);
}
