// A tile of rows shared by a work-group: `rowLanes` work-items (a power of two) side by side along
// the columns of a row, GROUP_SIZE / rowLanes rows at once, ROWS times. Row r·(rows at once) + t of
// the tile belongs to the work-items with LOCAL_ID / rowLanes = t, so that neighbours read
// neighbouring rows.

#ifndef ROWS
#define ROWS 4
#endif
// Where tile_dots finds θ.
#ifndef THETA_SPACE
#define THETA_SPACE GLOBAL
#endif

typedef struct {
  uint lanes;   // work-items a row
  uint lane;    // this one's place among them
  uint atOnce;  // rows at once
  uint slot;    // this one's row among them
} Layout;

INLINE Layout layout_of(uint rowLanes) {
  Layout layout;
  layout.lanes = rowLanes;
  layout.lane = LOCAL_ID % rowLanes;
  layout.atOnce = GROUP_SIZE / rowLanes;
  layout.slot = LOCAL_ID / rowLanes;
  return layout;
}

INLINE ulong tile_rows(Layout layout) { return (ulong)layout.atOnce * ROWS; }

// Adds the row's lanes of sums[r·GROUP_SIZE + …] into that of lane 0, for every r; all have met
// when it returns.
INLINE void tile_sums(Layout layout, LOCAL real* sums) {
  for (uint reach = layout.lanes / 2; reach > 0; reach /= 2) {
    LOCAL_BARRIER();
    if (layout.lane < reach) {
      UNROLL
      for (uint r = 0; r < ROWS; ++r)
        sums[r * GROUP_SIZE + LOCAL_ID] += sums[r * GROUP_SIZE + LOCAL_ID + reach];
    }
  }
  LOCAL_BARRIER();
}

// The sum of row q of the tile, after tile_sums.
INLINE real tile_sum(Layout layout, LOCAL const real* sums, uint q) {
  return sums[q / layout.atOnce * GROUP_SIZE + q % layout.atOnce * layout.lanes];
}

// xᵀθ of the tile from row `tile` on, for any n: reads X through the cache.
INLINE void tile_dots(Layout layout, GLOBAL const real* X, GLOBAL const uint* indexes, int byIndex,
                      ulong firstRow, ulong tile, ulong rowCount, uint n,
                      THETA_SPACE const real* theta, LOCAL real* sums) {
  real z[ROWS];
  GLOBAL const real* x[ROWS];
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const ulong at = min(tile + r * layout.atOnce + layout.slot, rowCount - 1);
    x[r] = X + matrix_row(indexes, byIndex, firstRow, at) * n;
    z[r] = 0;
  }
  for (uint j = layout.lane; j < n; j += layout.lanes) {
    const real t = theta[j];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) z[r] = fma(x[r][j], t, z[r]);
  }
  UNROLL
  for (uint r = 0; r < ROWS; ++r) sums[r * GROUP_SIZE + LOCAL_ID] = z[r];
  tile_sums(layout, sums);
}

// δ and ℓ of the tile's rows from their sums: δ goes to residuals[q], and to the caller's running
// totals.
INLINE void tile_residuals(Layout layout, LOCAL const real* sums, GLOBAL const real* y,
                           GLOBAL const uint* indexes, int byIndex, ulong firstRow,
                           ulong firstLabel, ulong tile, ulong rowCount, real bias, int activation,
                           int loss, LOCAL real* residuals, real* intercept, Sum* total) {
  for (uint q = LOCAL_ID; q < layout.atOnce * ROWS; q += GROUP_SIZE) {
    const ulong at = tile + q;
    real residual = 0;
    if (at < rowCount) {
      const ulong label = byIndex ? (ulong)indexes[firstRow + at] : firstLabel + at;
      const Outcome result =
          row_outcome(tile_sum(layout, sums, q) + bias, y[label], activation, loss);
      residual = result.residual;
      *intercept += residual;
      *total = sum_add(*total, result.loss);
    }
    residuals[q] = residual;
  }
  LOCAL_BARRIER();
}
