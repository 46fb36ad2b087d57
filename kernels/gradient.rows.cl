// The gradient pass for CPU devices: partials of Xᵀδ, Σδ and Σℓ, where z = Xθ + b and (ℓ, δ) is
// row_outcome(z, y).
//
// X is rows×n, row-major, any n; theta holds n weights and the intercept. Group p, one work-item,
// takes a contiguous block of the rows and adds to row p of `partials` (n columns, then Σδ) and to
// lossPartials[p]. ROWS rows at a time keep that many sums in vector registers while θ is loaded
// once, and are still in the first or second level cache when δ·x is added, so that memory is read
// once. No barriers: a CPU device would have to unroll its work-items around each. `rowLanes`
// belongs to the wide shape.

INLINE void add_rows(const Tile* tile, const real* residuals, uint n, int fresh,
                     GLOBAL real* partial) {
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes g = fresh ? splat((real)0) : load_lanes(partial + j);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) g = fma(load_lanes(tile->x[r] + j), splat(residuals[r]), g);
    store_lanes(g, partial + j);
  }
  for (; j < n; ++j) {
    real g = fresh ? (real)0 : partial[j];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) g = fma(tile->x[r][j], residuals[r], g);
    partial[j] = g;
  }
}

INLINE void clear(GLOBAL real* partial, uint n) {
  for (uint j = 0; j < n; ++j) partial[j] = 0;
}

KERNEL FIXED_GROUP(1) void gradient(GLOBAL const real* X, ulong firstRow, GLOBAL const real* y,
                                    ulong firstLabel, GLOBAL const uint* indexes, int byIndex,
                                    ulong rowCount, uint n, uint stride, uint rowLanes,
                                    GLOBAL const real* theta, int activation, int loss,
                                    GLOBAL const uint* state, int accumulate, GLOBAL real* partials,
                                    GLOBAL Sum* lossPartials) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const Range rows = group_rows(rowCount);

  GLOBAL real* partial = partials + (ulong)GROUP_ID * stride;
  int fresh = !accumulate;
  real intercept = fresh ? (real)0 : partial[n];
  Sum total = fresh ? sum_zero() : lossPartials[GROUP_ID];
  if (fresh && rows.first == rows.end) clear(partial, n);

  for (ulong row = rows.first; row < rows.end; row += ROWS) {
    const Tile tile = tile_at(X, firstRow, firstLabel, indexes, byIndex, row, rows.end, n);
    real z[ROWS];
    real residuals[ROWS];
    tile_dots(&tile, theta, n, z);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const Outcome at = row_outcome(z[r], y[tile.label[r]], activation, loss);
      const int there = r < tile.count;
      residuals[r] = there ? at.residual : (real)0;
      intercept += residuals[r];
      total = there ? sum_add(total, at.loss) : total;
    }
    add_rows(&tile, residuals, n, fresh, partial);
    fresh = 0;
  }
  partial[n] = intercept;
  lossPartials[GROUP_ID] = total;
}
