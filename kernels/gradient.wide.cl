// The gradient pass for GPUs, n ≤ rowLanes·COLUMNS: partials of Xᵀδ, Σδ and Σℓ, where z = Xθ + b
// and (ℓ, δ) is row_outcome(z, y).
//
// X is rows×n, row-major; theta holds n weights and the intercept. A work-group takes every
// GROUP_COUNT-th tile of rows; group p writes row p of `partials` (n columns, then Σδ) and
// lossPartials[p]. A work-item keeps its COLUMNS columns (lane, lane + rowLanes, …) of ROWS rows in
// registers from the dot to the accumulation, so that X is read once, and its columns of the
// gradient over all its rows, which the group adds up at the end.

#ifndef COLUMNS
#define COLUMNS 4
#endif

// Adds the `atOnce` rows' values of each column, and writes them to the group's partial.
INLINE void write_columns(Layout layout, const real* g, uint n, int accumulate, LOCAL real* scratch,
                          GLOBAL real* partial) {
  for (uint k = 0; k < COLUMNS; ++k) {
    LOCAL_BARRIER();
    scratch[LOCAL_ID] = g[k];
    for (uint reach = layout.atOnce / 2; reach > 0; reach /= 2) {
      LOCAL_BARRIER();
      if (layout.slot < reach) scratch[LOCAL_ID] += scratch[LOCAL_ID + reach * layout.lanes];
    }
    const uint j = layout.lane + k * layout.lanes;
    if (layout.slot == 0 && j < n)
      partial[j] = accumulate ? partial[j] + scratch[LOCAL_ID] : scratch[LOCAL_ID];
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient(GLOBAL const real* X, ulong firstRow,
                                             GLOBAL const real* y, ulong firstLabel,
                                             GLOBAL const uint* indexes, int byIndex,
                                             ulong rowCount, uint n, uint stride, uint rowLanes,
                                             GLOBAL const real* theta, int activation, int loss,
                                             GLOBAL const uint* state, int accumulate,
                                             GLOBAL real* partials, GLOBAL Sum* lossPartials) {
  LOCAL_ARRAY(real, sums, GROUP_SIZE * ROWS);
  LOCAL_ARRAY(real, residuals, GROUP_SIZE * ROWS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;

  const Layout layout = layout_of(rowLanes);
  real t[COLUMNS];
  real g[COLUMNS];
  UNROLL
  for (uint k = 0; k < COLUMNS; ++k) {
    const uint j = layout.lane + k * rowLanes;
    t[k] = j < n ? theta[j] : (real)0;
    g[k] = 0;
  }
  real intercept = 0;
  Sum total = sum_zero();
  for (ulong tile = GROUP_ID * tile_rows(layout); tile < rowCount;
       tile += GROUP_COUNT * tile_rows(layout)) {
    real x[ROWS][COLUMNS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const ulong at = min(tile + r * layout.atOnce + layout.slot, rowCount - 1);
      GLOBAL const real* row = X + matrix_row(indexes, byIndex, firstRow, at) * n;
      real z = 0;
      UNROLL
      for (uint k = 0; k < COLUMNS; ++k) {
        const uint j = layout.lane + k * rowLanes;
        x[r][k] = j < n ? row[j] : (real)0;
        z = fma(x[r][k], t[k], z);
      }
      sums[r * GROUP_SIZE + LOCAL_ID] = z;
    }
    tile_sums(layout, sums);
    tile_residuals(layout, sums, y, indexes, byIndex, firstRow, firstLabel, tile, rowCount,
                   theta[n], activation, loss, residuals, &intercept, &total);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const real residual = residuals[r * layout.atOnce + layout.slot];
      UNROLL
      for (uint k = 0; k < COLUMNS; ++k) g[k] = fma(x[r][k], residual, g[k]);
    }
  }

  GLOBAL real* partial = partials + (ulong)GROUP_ID * stride;
  write_columns(layout, g, n, accumulate, sums, partial);
  write_totals(intercept, total, accumulate, scratch, partial + n, lossPartials + GROUP_ID);
}
