// The passes for GPUs where rows have any number K of outputs: φ(XΘ + b) of every row, Σℓ, and a
// gradient in two kernels, residuals_outputs, which leaves δ of all outputs of the rows, and
// slopes_outputs, which makes of them the partials of Xᵀδ and Σδ.
//
// X is rows×n, row-major, n a multiple of PACK; y is rows×K, or rows×1 class numbers of softmax;
// see outputs.wide.h for the tiles. Host code cuts the rows into stretches that are still in the
// last-level cache when slopes_outputs reads them again. Its group g takes TILE_COLUMNS columns and
// SWEEP outputs, number g % blocks of such blocks, of every row of a part of the stretch, whose
// gradient it holds in registers, and adds it to row g / blocks of `partials`.

#define SWEEPS_OF(outputs) (((outputs) + SWEEP - 1) / SWEEP)
#define CHUNKS_OF(n) (((n) + TILE_COLUMNS - 1) / TILE_COLUMNS)

// z of all outputs of a tile's rows that there are: of its row r, output k at z[r·K + k]. Ends with
// a barrier.
INLINE_BARRIERS void tile_outputs(const PassArguments* pass, GLOBAL const real* X,
                                  GLOBAL const uint* indexes, GLOBAL const real* theta, ulong tile,
                                  LOCAL real* x, GLOBAL real* z) {
  const uint outputs = pass->outputs;
  const uint r = LOCAL_ID % TILE_ROWS;
  for (uint sweep = 0; sweep < outputs; sweep += SWEEP) {
    const uint first = dots_from(sweep);
    real own[DOTS];
    row_dots(&pass->rows, X, indexes, theta, tile, first, outputs, x, own);
    UNROLL
    for (uint k = 0; k < DOTS; ++k) {
      if (first + k < outputs) z[r * outputs + first + k] = own[k];
    }
    GROUP_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void predict_outputs(GLOBAL const real* X, GLOBAL const real* theta,
                                                    GLOBAL real* scratch, GLOBAL real* results,
                                                    const PassArguments pass) {
  LOCAL_ARRAY(real, x, TILE_REALS);
  const uint outputs = pass.outputs;
  GLOBAL real* z = scratch + (ulong)GROUP_ID * TILE_ROWS * outputs;
  for (ulong tile = (ulong)GROUP_ID * TILE_ROWS; tile < pass.rows.count;
       tile += (ulong)GROUP_COUNT * TILE_ROWS) {
    tile_outputs(&pass, X, (GLOBAL const uint*)0, theta, tile, x, z);
    const uint count = (uint)min((ulong)TILE_ROWS, pass.rows.count - tile);
    GLOBAL real* to = results + (pass.rows.firstLabel + tile) * outputs;
#ifdef SOFTMAX
    if (LOCAL_ID < count) {
      GLOBAL real* own = z + LOCAL_ID * outputs;
      const real rest = softmax_of(own, outputs, 1, (real)0).rest;
      for (uint k = 0; k < outputs; ++k) to[LOCAL_ID * outputs + k] = share_of(own, k, 1, rest);
    }
#else
    for (uint e = LOCAL_ID; e < count * outputs; e += GROUP_SIZE)
      to[e] = activate(z[e], pass.activation);
#endif
    // z is free again, of all of the group.
    GROUP_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void loss_outputs(GLOBAL const real* X, GLOBAL const real* y,
                                                 GLOBAL const real* weights,
                                                 GLOBAL const real* theta, GLOBAL const uint* state,
                                                 GLOBAL real* scratch, GLOBAL Sum* lossPartials,
                                                 const PassArguments pass) {
  LOCAL_ARRAY(real, x, TILE_REALS);
  LOCAL_ARRAY(Sum, sums, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;
  const uint outputs = pass.outputs;
  GLOBAL real* z = scratch + (ulong)GROUP_ID * TILE_ROWS * outputs;
  Sum total = sum_zero();
  for (ulong tile = (ulong)GROUP_ID * TILE_ROWS; tile < pass.rows.count;
       tile += (ulong)GROUP_COUNT * TILE_ROWS) {
    tile_outputs(&pass, X, (GLOBAL const uint*)0, theta, tile, x, z);
    total = sum_join(total,
                     tile_residuals(&pass, y, weights, (GLOBAL const uint*)0, tile, z, outputs, 1));
    GROUP_BARRIER();
  }
  total = group_sum(total, sums);
  if (LOCAL_ID == 0)
    lossPartials[GROUP_ID] = pass.accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}

KERNEL FIXED_GROUP(GROUP_SIZE) void residuals_outputs(
    GLOBAL const real* X, GLOBAL const real* y, GLOBAL const real* weights,
    GLOBAL const uint* indexes, GLOBAL const real* theta, GLOBAL const uint* state,
    GLOBAL real* residuals, GLOBAL Sum* lossPartials, const PassArguments pass) {
  LOCAL_ARRAY(real, x, TILE_REALS);
  LOCAL_ARRAY(Sum, sums, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;
  const uint outputs = pass.outputs;
  Sum total = sum_zero();
  for (ulong tile = (ulong)GROUP_ID * TILE_ROWS; tile < pass.rows.count;
       tile += (ulong)GROUP_COUNT * TILE_ROWS) {
    GLOBAL real* z = residuals + tile * outputs;
    tile_outputs(&pass, X, indexes, theta, tile, x, z);
    total = sum_join(total, tile_residuals(&pass, y, weights, indexes, tile, z, outputs, 1));
    LOCAL_BARRIER();
  }
  total = group_sum(total, sums);
  if (LOCAL_ID == 0)
    lossPartials[GROUP_ID] = pass.accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}

// δ of a sweep's outputs of a tile, 0 past the last row and the last output.
INLINE void load_residuals(GLOBAL const real* residuals, ulong tile, ulong end, uint sweep,
                           uint outputs, LOCAL real* to) {
  for (uint e = LOCAL_ID; e < TILE_ROWS * SWEEP; e += GROUP_SIZE) {
    const uint r = e / SWEEP;
    const uint k = e % SWEEP;
    const int present = tile + r < end && sweep + k < outputs;
    to[k * RESIDUALS_STRIDE + r] = present ? residuals[(tile + r) * outputs + sweep + k] : (real)0;
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void slopes_outputs(GLOBAL const real* X, GLOBAL const uint* indexes,
                                                   GLOBAL const uint* state,
                                                   GLOBAL const real* residuals,
                                                   GLOBAL real* partials,
                                                   const PassArguments pass) {
  LOCAL_ARRAY(real, x, TILE_REALS);
  LOCAL_ARRAY(real, by, SWEEP * RESIDUALS_STRIDE);
  if (state[STATE_HALT] != HALT_NONE) return;
  const RowSpan* span = &pass.rows;
  const uint outputs = pass.outputs;
  const uint chunks = CHUNKS_OF(span->n);
  const uint blocks = chunks * SWEEPS_OF(outputs);
  const uint block = (uint)GROUP_ID % blocks;
  const uint column = block % chunks * TILE_COLUMNS;
  const uint sweep = block / chunks * SWEEP;
  const uint part = (uint)GROUP_ID / blocks;
  const uint parts = (uint)GROUP_COUNT / blocks;
  const ulong tiles = (span->count + TILE_ROWS - 1) / TILE_ROWS;
  const ulong first = part * tiles / parts * TILE_ROWS;
  const ulong end = min((part + 1) * tiles / parts * TILE_ROWS, span->count);
  real gradient[OUTPUTS];
  real intercept[OUTPUTS];
  UNROLL
  for (uint k = 0; k < OUTPUTS; ++k) gradient[k] = intercept[k] = 0;
  for (ulong tile = first; tile < end; tile += TILE_ROWS) {
    load_residuals(residuals, tile, end, sweep, outputs, by);
    load_tile(span, X, indexes, tile, column, x);
    add_slopes(x, by, gradient, intercept);
    LOCAL_BARRIER();
  }
  write_slopes(gradient, intercept, column, span->n, sweep, outputs, pass.accumulate,
               partials + (ulong)part * pass.stride);
}
