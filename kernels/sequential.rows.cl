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

INLINE lanes shrink_lanes(lanes v, real t) {
  const lanes magnitude = fabs(v) - splat(t);
  return copysign(fmax(magnitude, splat((real)0)), v) + (v - v);  // v − v: NaN stays NaN
}

INLINE void step_columns(GLOBAL const real* X, GLOBAL const uint* indexes, int byIndex, ulong first,
                         uint count, uint n, GLOBAL const real* residuals, real l1, real decay,
                         real rate, GLOBAL real* theta) {
  const real size = (real)count;
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes g = splat((real)0);
    for (uint i = 0; i < count; ++i) {
      const ulong row = byIndex ? (ulong)indexes[first + i] : first + i;
      g = fma(load_lanes(X + row * n + j), splat(residuals[i]), g);
    }
    const lanes moved =
        fma(splat(-rate), count == 1 ? g : g / splat(size), load_lanes(theta + j) * splat(decay));
    store_lanes(l1 == 0 ? moved : shrink_lanes(moved, rate * l1), theta + j);
  }
  for (; j < n; ++j) {
    real g = 0;
    for (uint i = 0; i < count; ++i) {
      const ulong row = byIndex ? (ulong)indexes[first + i] : first + i;
      g = fma(X[row * n + j], residuals[i], g);
    }
    const real moved = fma(-rate, g / size, theta[j] * decay);
    theta[j] = l1 == 0 ? moved : shrink(moved, rate * l1);
  }
}

KERNEL FIXED_GROUP(1) void sequential(GLOBAL const real* X, GLOBAL const real* y,
                                      GLOBAL const uint* indexes, int byIndex, ulong first,
                                      ulong rows, uint batchSize, uint n, GLOBAL real* theta,
                                      int fitIntercept, int activation, int loss, real l1, real l2,
                                      real rate, GLOBAL const uint* state, GLOBAL real* residuals) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const real decay = 1 - rate * l2;
  const lanes mask = tail_mask(n);
  for (ulong done = 0; done < rows; done += batchSize) {
    const ulong start = first + done;
    const uint count = (uint)min((ulong)batchSize, rows - done);
    real intercept = 0;
    const Range inOrder = {0, count, 0};
    for (uint i = 0; i < count; i += ROWS) {
      const Tile tile = tile_at(X, start, start, indexes, byIndex, &inOrder, i, count, n);
      real z[ROWS];
      tile_dots(&tile, theta, n, mask, z);
      for (uint r = 0; r < tile.count; ++r) {
        const real residual = row_outcome(z[r], y[tile.label[r]], activation, loss).residual;
        residuals[i + r] = residual;
        intercept += residual;
      }
    }
    step_columns(X, indexes, byIndex, start, count, n, residuals, l1, decay, rate, theta);
    if (fitIntercept) theta[n] = fma(-rate, intercept / (real)count, theta[n]);
  }
}
