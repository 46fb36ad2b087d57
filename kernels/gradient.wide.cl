// The gradient pass for GPUs, n ≤ ROW_LANES·COLUMNS: partials of Xᵀδ, Σδ and Σℓ, where z = Xθ + b
// and (ℓ, δ) is row_outcome(z, y).
//
// X is rows×n, row-major, n a multiple of PACK; theta holds n weights and the intercept. A
// work-group takes every GROUP_COUNT-th tile of rows; group p writes row p of `partials` (n
// columns, then Σδ) and lossPartials[p]. ROW_LANES work-items share a row: each keeps COLUMNS
// columns of ROWS rows in registers from the dot to the accumulation, so that X is read once, and
// its columns of the gradient over all its rows, which the group adds up at the end. Of each
// ROW_LANES·PACK columns a work-item has PACK neighbours, one load of up to 128 bits.
//
// Columns beyond the last are loaded from the last ones, with θ = 0 there: no branch keeps the
// loads apart.

#ifndef COLUMNS
#define COLUMNS 8
#endif

#define PACKS (COLUMNS / PACK)

// The column that is number k of the work-item's.
INLINE uint column_of(uint lane, uint k) { return (k / PACK * ROW_LANES + lane) * PACK + k % PACK; }

// Adds the gradients of the rows that stand side by side, ROWS columns of each work-item at a time,
// and writes them to the group's partial.
INLINE void write_columns(const real* g, uint n, int accumulate, LOCAL real* sums,
                          GLOBAL real* partial) {
  UNROLL
  for (uint first = 0; first < COLUMNS; first += ROWS) {
    UNROLL
    for (uint c = 0; c < ROWS && first + c < COLUMNS; ++c) {
      sums[c * GROUP_SIZE + LOCAL_ID] = g[first + c];
    }
    LOCAL_BARRIER();
    for (uint e = LOCAL_ID; e < ROWS * ROW_LANES; e += GROUP_SIZE) {
      const uint lane = e % ROW_LANES;
      const uint k = first + e / ROW_LANES;
      const uint j = column_of(lane, k);
      if (k < COLUMNS && j < n) {
        const real sum = strided_sum(sums + e / ROW_LANES * GROUP_SIZE + lane, AT_ONCE, ROW_LANES);
        partial[j] = accumulate ? partial[j] + sum : sum;
      }
    }
    LOCAL_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient(GLOBAL const real* X, GLOBAL const real* y,
                                             GLOBAL const real* weights, GLOBAL const uint* indexes,
                                             GLOBAL const real* theta, GLOBAL const uint* state,
                                             GLOBAL real* partials, GLOBAL Sum* lossPartials,
                                             const PassArguments pass) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, residuals, TILE_ROWS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const uint n = span->n;
  const uint lane = LOCAL_ID % ROW_LANES;
  const uint slot = LOCAL_ID / ROW_LANES;
  const real bias = theta[n];
  uint offset[PACKS];
  real t[COLUMNS];
  real g[COLUMNS];
  UNROLL
  for (uint p = 0; p < PACKS; ++p) offset[p] = min(column_of(lane, p * PACK), n - PACK);
  UNROLL
  for (uint k = 0; k < COLUMNS; ++k) {
    const uint j = column_of(lane, k);
    t[k] = j < n ? theta[j] : (real)0;
    g[k] = 0;
  }
  real intercept = 0;
  Sum total = sum_zero();
  for (ulong tile = (ulong)GROUP_ID * TILE_ROWS; tile < rowCount;
       tile += (ulong)GROUP_COUNT * TILE_ROWS) {
    const Label label = tile_label(span, y, weights, indexes, tile);
    real x[ROWS][COLUMNS];
    real z[ROWS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const ulong at = min(tile + r * AT_ONCE + slot, rowCount - 1);
      GLOBAL const real* row = row_at(span, X, indexes, at);
      UNROLL
      for (uint p = 0; p < PACKS; ++p) load_pack(row + offset[p], x[r] + p * PACK);
    }
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      z[r] = 0;
      UNROLL
      for (uint k = 0; k < COLUMNS; ++k) z[r] = fma(x[r][k], t[k], z[r]);
    }
    gather_dots(z, sums, parts);
    finish_tile(sums, parts, tile, rowCount, bias, label, pass.activation, pass.loss, residuals,
                &intercept, &total);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const real residual = residuals[r * AT_ONCE + slot];
      UNROLL
      for (uint k = 0; k < COLUMNS; ++k) g[k] = fma(x[r][k], residual, g[k]);
    }
  }

  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  write_columns(g, n, pass.accumulate, sums, partial);
  write_totals(intercept, total, pass.accumulate, scratch, partial + n, lossPartials + GROUP_ID);
}
