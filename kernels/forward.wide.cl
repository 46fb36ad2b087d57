// The passes for GPUs that need no gradient: φ(Xθ + b) of every row, and the partials of the loss
// Σℓ.
//
// X is rows×n, row-major, any n; theta holds n weights and the intercept. A work-group takes every
// GROUP_COUNT-th tile of rows, `rowLanes` work-items along the columns of each.

KERNEL FIXED_GROUP(GROUP_SIZE) void predict(GLOBAL const real* X, ulong firstRow, ulong rowCount,
                                            uint n, uint rowLanes, GLOBAL const real* theta,
                                            int activation, GLOBAL real* outputs) {
  LOCAL_ARRAY(real, sums, GROUP_SIZE * ROWS);
  const Layout layout = layout_of(rowLanes);
  const ulong rows = tile_rows(layout);
  for (ulong tile = GROUP_ID * rows; tile < rowCount; tile += GROUP_COUNT * rows) {
    tile_dots(layout, X, (GLOBAL const uint*)0, 0, firstRow, tile, rowCount, n, theta, sums);
    for (uint q = LOCAL_ID; q < rows && tile + q < rowCount; q += GROUP_SIZE) {
      outputs[tile + q] = activate(tile_sum(layout, sums, q) + theta[n], activation);
    }
    LOCAL_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void loss_sum(GLOBAL const real* X, ulong firstRow,
                                             GLOBAL const real* y, ulong firstLabel, ulong rowCount,
                                             uint n, uint rowLanes, GLOBAL const real* theta,
                                             int activation, int loss, GLOBAL const uint* state,
                                             int accumulate, GLOBAL Sum* lossPartials) {
  LOCAL_ARRAY(real, sums, GROUP_SIZE * ROWS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;
  const Layout layout = layout_of(rowLanes);
  const ulong rows = tile_rows(layout);
  Sum total = sum_zero();
  for (ulong tile = GROUP_ID * rows; tile < rowCount; tile += GROUP_COUNT * rows) {
    tile_dots(layout, X, (GLOBAL const uint*)0, 0, firstRow, tile, rowCount, n, theta, sums);
    for (uint q = LOCAL_ID; q < rows && tile + q < rowCount; q += GROUP_SIZE) {
      const real z = tile_sum(layout, sums, q) + theta[n];
      total = sum_add(total, row_outcome(z, y[firstLabel + tile + q], activation, loss).loss);
    }
    LOCAL_BARRIER();
  }
  total = group_sum(total, scratch);
  if (LOCAL_ID == 0)
    lossPartials[GROUP_ID] = accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}
