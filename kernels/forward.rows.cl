// The passes for CPU devices that need no gradient: φ(Xθ + b) of every row, and the partials of the
// loss Σℓ.
//
// X is rows×n, row-major, any n; theta holds n weights and the intercept. Each group, one
// work-item, takes a contiguous block of the rows, ROWS at a time with lanes along the columns, as
// gradient.rows.cl does.

KERNEL FIXED_GROUP(1) void predict(GLOBAL const real* X, ulong firstRow, ulong rowCount, uint n,
                                   GLOBAL const real* theta, int activation, GLOBAL real* outputs) {
  const Range rows = group_rows(rowCount);
  const lanes mask = tail_mask(n);
  for (ulong row = rows.first; row < rows.end; row += ROWS) {
    const Tile tile = tile_at(X, firstRow, 0, (GLOBAL const uint*)0, 0, &rows, row, rows.end, n);
    real z[LANES];
    store_lanes(splat((real)0), z);
    tile_dots(&tile, theta, n, mask, z);
    store_lanes(activate(load_lanes(z), activation), z);
    for (uint r = 0; r < tile.count; ++r) outputs[tile.label[r]] = z[r];
  }
}

KERNEL FIXED_GROUP(1) void loss_sum(GLOBAL const real* X, ulong firstRow, GLOBAL const real* y,
                                    ulong firstLabel, ulong rowCount, uint n,
                                    GLOBAL const real* theta, int activation, int loss,
                                    GLOBAL const uint* state, int accumulate,
                                    GLOBAL Sum* lossPartials) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const Range rows = group_rows(rowCount);
  Sum total = accumulate ? lossPartials[GROUP_ID] : sum_zero();
  const lanes mask = tail_mask(n);
  for (ulong row = rows.first; row < rows.end; row += LANES) {
    const uint count = (uint)min((ulong)LANES, rows.end - row);
    lanes losses;
    lanes residuals;
    Tile tiles[LANES / ROWS];
    block_outcomes(X, y, firstRow, firstLabel, (GLOBAL const uint*)0, 0, &rows, row, count, n,
                   theta, mask, activation, loss, tiles, &losses, &residuals);
    total = sum_add(total, sum_lanes(losses));
  }
  lossPartials[GROUP_ID] = total;
}
