// The gradient pass for CPU devices: partials of Xᵀδ, Σδ and Σℓ, where z = Xθ + b and (ℓ, δ) is
// row_outcome(z, y).
//
// X is rows×n, row-major, any n; theta holds n weights and the intercept. Group p, one work-item,
// takes a contiguous block of the rows and adds to row p of `partials` (n columns, then Σδ) and to
// lossPartials[p]. ROWS rows at a time, from as many places of the block, keep that many sums in
// vector registers while θ is loaded once, and are still in cache when δ·x is added, so that memory
// is read once. No barriers: a CPU device would have to unroll its work-items around each.

INLINE void add_rows(const Tile* tile, const real* residuals, uint n, lanes mask, int fresh,
                     GLOBAL real* partial) {
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes g = fresh ? splat((real)0) : load_lanes(partial + j);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) g = fma(load_lanes(tile->x[r] + j), splat(residuals[r]), g);
    store_lanes(g, partial + j);
  }
  if (j < n && n > LANES) {
    if (fresh) {
      for (uint k = j; k < n; ++k) partial[k] = 0;
    }
    j = n - LANES;
    lanes g = load_lanes(partial + j);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      g = fma(load_lanes(tile->x[r] + j), splat(residuals[r]) * mask, g);
    }
    store_lanes(g, partial + j);
    j = n;
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

KERNEL FIXED_GROUP(1) void gradient(GLOBAL const real* X, GLOBAL const real* y,
                                    GLOBAL const real* weights, GLOBAL const uint* indexes,
                                    GLOBAL const real* theta, GLOBAL const uint* state,
                                    GLOBAL real* partials, GLOBAL Sum* lossPartials,
                                    const PassArguments pass) {
  if (run_has_halted(state, lossPartials)) return;
  const uint n = pass.rows.n;
  const Range rows = group_rows(pass.rows.count);
  const uint blockRows = block_rows(n);
  const lanes mask = tail_mask(n);

  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  int fresh = !pass.accumulate;
  real intercept = fresh ? (real)0 : partial[n];
  Sum total = fresh ? sum_zero() : lossPartials[GROUP_ID];
  if (fresh && rows.first == rows.end) clear(partial, n);

  for (ulong row = rows.first; row < rows.end; row += blockRows) {
    const uint count = (uint)min((ulong)blockRows, rows.end - row);
    lanes losses;
    lanes residualLanes;
    Tile tiles[LANES / ROWS];
    block_outcomes(&pass, X, y, weights, indexes, &rows, row, count, theta, mask, tiles, &losses,
                   &residualLanes);
    intercept += sum_lanes(residualLanes);
    total = sum_add(total, sum_lanes(losses));
    real residuals[LANES];
    store_lanes(residualLanes, residuals);
    for (uint r = 0; r < count; r += ROWS) {
      add_rows(&tiles[r / ROWS], residuals + r, n, mask, fresh, partial);
      fresh = 0;
    }
  }
  partial[n] = intercept;
  lossPartials[GROUP_ID] = total;
}
