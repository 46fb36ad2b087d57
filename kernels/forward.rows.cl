// The passes for CPU devices that need no gradient: φ(Xθ + b) of every row, and the partials of the
// loss Σℓ.
//
// X is rows×n, row-major, any n; theta holds n weights and the intercept. Each group, one
// work-item, takes a contiguous block of the rows, ROWS at a time with lanes along the columns, as
// gradient.rows.cl does.

KERNEL FIXED_GROUP(1) void predict(GLOBAL const real* X, GLOBAL const real* theta,
                                   GLOBAL real* outputs, const PassArguments pass) {
  const Range rows = group_rows(pass.rows.count);
  const lanes mask = tail_mask(pass.rows.n);
  for (ulong row = rows.first; row < rows.end; row += ROWS) {
    const Tile tile = tile_at(&pass.rows, X, (GLOBAL const uint*)0, &rows, row, rows.end);
    real z[LANES];
    store_lanes(splat((real)0), z);
    tile_dots(&tile, theta, pass.rows.n, mask, z);
    store_lanes(activate(load_lanes(z), pass.activation), z);
    for (uint r = 0; r < tile.count; ++r) outputs[tile.label[r]] = z[r];
  }
}

KERNEL FIXED_GROUP(1) void loss_sum(GLOBAL const real* X, GLOBAL const real* y,
                                    GLOBAL const real* weights, GLOBAL const real* theta,
                                    GLOBAL const uint* state, GLOBAL Sum* lossPartials,
                                    const PassArguments pass) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const Range rows = group_rows(pass.rows.count);
  Sum total = pass.accumulate ? lossPartials[GROUP_ID] : sum_zero();
  const lanes mask = tail_mask(pass.rows.n);
  for (ulong row = rows.first; row < rows.end; row += LANES) {
    const uint count = (uint)min((ulong)LANES, rows.end - row);
    lanes losses;
    lanes residuals;
    Tile tiles[LANES / ROWS];
    block_outcomes(&pass, X, y, weights, (GLOBAL const uint*)0, &rows, row, count, theta, mask,
                   tiles, &losses, &residuals);
    total = sum_add(total, sum_lanes(losses));
  }
  lossPartials[GROUP_ID] = total;
}
