// The gradient pass for GPUs where rows have a few outputs K: partials of Xᵀδ and Σδ of each, and
// Σℓ.
//
// X is rows×n, row-major, n a multiple of PACK and at most CHUNKS·TILE_COLUMNS; K is at most SWEEP;
// y is rows×K, or rows×1 class numbers of softmax; see outputs.wide.h for the tiles. A work-group
// takes every GROUP_COUNT-th tile of rows: z, then δ of the tile stay in local memory, and the
// gradient in registers, CHUNKS·OUTPUTS of it a work-item, until all of the group's rows are done.
// With one chunk X is read once; with more of them the second time from cache.

#ifndef CHUNKS
#define CHUNKS 1
#endif

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_outputs(
    GLOBAL const real* X, GLOBAL const real* y, GLOBAL const real* weights,
    GLOBAL const uint* indexes, GLOBAL const real* theta, GLOBAL const uint* state,
    GLOBAL real* unused, GLOBAL real* partials, GLOBAL Sum* lossPartials,
    const PassArguments pass) {
  LOCAL_ARRAY(real, x, TILE_REALS);
  LOCAL_ARRAY(real, residuals, SWEEP * RESIDUALS_STRIDE);
  LOCAL_ARRAY(Sum, sums, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const RowSpan* span = &pass.rows;
  const uint n = span->n;
  const uint outputs = pass.outputs;
  const uint firstOutput = dots_from(0);
  real gradient[CHUNKS][OUTPUTS];
  real intercept[OUTPUTS];
  UNROLL
  for (uint k = 0; k < OUTPUTS; ++k) {
    intercept[k] = 0;
    UNROLL
    for (uint chunk = 0; chunk < CHUNKS; ++chunk) gradient[chunk][k] = 0;
  }
  Sum total = sum_zero();
  for (ulong tile = (ulong)GROUP_ID * TILE_ROWS; tile < span->count;
       tile += (ulong)GROUP_COUNT * TILE_ROWS) {
    real z[DOTS];
    row_dots(span, X, indexes, theta, tile, firstOutput, outputs, x, z);
    UNROLL
    for (uint k = 0; k < DOTS; ++k)
      residuals[(firstOutput + k) * RESIDUALS_STRIDE + LOCAL_ID % TILE_ROWS] = z[k];
    LOCAL_BARRIER();
    total = sum_join(
        total, tile_residuals(&pass, y, weights, indexes, tile, residuals, 1, RESIDUALS_STRIDE));
    LOCAL_BARRIER();
    UNROLL
    for (uint chunk = 0; chunk < CHUNKS; ++chunk) {
      if (chunk * TILE_COLUMNS < n) {
        if (CHUNKS > 1) load_tile(span, X, indexes, tile, chunk * TILE_COLUMNS, x);
        real more[OUTPUTS];
        UNROLL
        for (uint k = 0; k < OUTPUTS; ++k) more[k] = 0;
        add_slopes(x, residuals, gradient[chunk], chunk == 0 ? intercept : more);
        LOCAL_BARRIER();
      }
    }
  }
  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  UNROLL
  for (uint chunk = 0; chunk < CHUNKS; ++chunk) {
    write_slopes(gradient[chunk], intercept, chunk * TILE_COLUMNS, n, 0, outputs, pass.accumulate,
                 partial);
  }
  total = group_sum(total, sums);
  if (LOCAL_ID == 0)
    lossPartials[GROUP_ID] = pass.accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}
