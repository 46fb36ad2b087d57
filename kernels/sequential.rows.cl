// A chunk of small steps on CPU devices: stochastic descent and small mini-batches, in one launch.
//
//   for each batch of at most batchSize rows i, in order:
//     gⱼ = Σᵢ δᵢ·xᵢⱼ / |batch|;  θⱼ ← S(θⱼ·(1 − rate·l2) − rate·gⱼ, rate·l1);  b ← b − rate·Σᵢ δᵢ /
//     |batch|
//
// One work-item takes every step, since each depends on the one before; lanes run along the
// columns. A batch is read twice, the second time from cache. `rows` counts the rows of the chunk:
// they are indexes[first …] where `byIndex`, else rows first … of X. residuals has room for
// batchSize reals.

INLINE void step_columns(GLOBAL const real* X, GLOBAL const uint* indexes, int byIndex, ulong first,
                         uint count, uint n, GLOBAL const real* residuals, real rate, Shrinkage by,
                         GLOBAL real* theta) {
  const real size = (real)count;
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes g = splat((real)0);
    for (uint i = 0; i < count; ++i) {
      const ulong row = byIndex ? (ulong)indexes[first + i] : first + i;
      g = fma(load_lanes(X + row * n + j), splat(residuals[i]), g);
    }
    const lanes mean = count == 1 ? g : g / splat(size);
    store_lanes(step_weight(load_lanes(theta + j), mean, splat(rate), by), theta + j);
  }
  if (j == n) return;
  // What does not fill the lanes.
  real g[LANES];
  real weights[LANES];
  for (uint k = 0; k < LANES; ++k) {
    g[k] = 0;
    weights[k] = j + k < n ? theta[j + k] : (real)0;
    for (uint i = 0; i < count && j + k < n; ++i) {
      const ulong row = byIndex ? (ulong)indexes[first + i] : first + i;
      g[k] = fma(X[row * n + j + k], residuals[i], g[k]);
    }
    g[k] = g[k] / size;
  }
  store_lanes(step_weight(load_lanes(weights), load_lanes(g), splat(rate), by), weights);
  for (uint k = 0; j + k < n; ++k) theta[j + k] = weights[k];
}

KERNEL FIXED_GROUP(1) void sequential(GLOBAL const real* X, GLOBAL const real* y,
                                      GLOBAL const uint* indexes, int byIndex, ulong first,
                                      ulong rows, uint batchSize, uint n, GLOBAL real* theta,
                                      int fitIntercept, int activation, int loss, real l1, real l2,
                                      real rate, GLOBAL const uint* state, GLOBAL real* residuals) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const Shrinkage by = shrinkage(rate, l1, l2);
  const lanes mask = tail_mask(n);
  for (ulong done = 0; done < rows; done += batchSize) {
    const ulong start = first + done;
    const uint count = (uint)min((ulong)batchSize, rows - done);
    real intercept = 0;
    const Range inOrder = {0, count, 0};
    for (uint i = 0; i < count; i += ROWS) {
      const Tile tile = tile_at(X, start, start, indexes, byIndex, &inOrder, i, count, n);
      real z[LANES];
      real labels[LANES];
      store_lanes(splat((real)0), z);
      store_lanes(splat((real)0), labels);
      tile_dots(&tile, theta, n, mask, z);
      for (uint r = 0; r < tile.count; ++r) labels[r] = y[tile.label[r]];
      store_lanes(row_outcomes(load_lanes(z), load_lanes(labels), activation, loss).residual, z);
      for (uint r = 0; r < tile.count; ++r) {
        residuals[i + r] = z[r];
        intercept += z[r];
      }
    }
    step_columns(X, indexes, byIndex, start, count, n, residuals, rate, by, theta);
    if (fitIntercept) {
      const lanes mean = splat(intercept / (real)count);
      theta[n] = first_lane(step_intercept(splat(theta[n]), mean, splat(rate)));
    }
  }
}
