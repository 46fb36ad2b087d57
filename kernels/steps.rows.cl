// A chunk of small steps on CPU devices: stochastic descent and small mini-batches, in one launch.
//
//   for each batch of at most batchSize rows i, in order:
//     gⱼ = Σᵢ δᵢ·xᵢⱼ / |batch|;  θⱼ takes the step of math/step.h;  b likewise
//
// Where steps have a rate each, `rates` has them; else it is not read.
//
// One work-item takes every step, since each depends on the one before; lanes run along the
// columns. A batch is read twice, the second time from cache. residuals has room for batchSize
// reals.

// Steps the first `present` of neighbouring weights, or the intercept.
INLINE void step_value(GLOBAL real* weight, lanes mean, int isIntercept, uint present,
                       const StepsArguments* steps, StepOptions options, Shrinkage by,
                       Tempo tempo) {
  const lanes rate = splat(options.rate);
  if (OPTIMIZER != OPTIMIZER_sgd) {
    step_by(weight, mean, isIntercept, present, steps->stride, options, tempo);
  } else {
    const lanes from = load_present(weight, present);
    store_present(
        isIntercept ? step_intercept(from, mean, rate) : step_weight(from, mean, rate, by), weight,
        present);
  }
}

INLINE void step_columns(const RowSpan* batch, GLOBAL const real* X, GLOBAL const uint* indexes,
                         GLOBAL const real* residuals, const StepsArguments* steps,
                         StepOptions options, Shrinkage by, Tempo tempo, GLOBAL real* theta) {
  const uint n = batch->n;
  const uint count = (uint)batch->count;
  const real size = (real)count;
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    lanes g = splat((real)0);
    for (uint i = 0; i < count; ++i) {
      g = fma(load_lanes(row_at(batch, X, indexes, i) + j), splat(residuals[i]), g);
    }
    const lanes mean = count == 1 ? g : g / splat(size);
    step_value(theta + j, mean, 0, LANES, steps, options, by, tempo);
  }
  if (j == n) return;
  // What does not fill the lanes.
  real g[LANES];
  for (uint k = 0; k < LANES; ++k) {
    g[k] = 0;
    for (uint i = 0; i < count && j + k < n; ++i)
      g[k] = fma(row_at(batch, X, indexes, i)[j + k], residuals[i], g[k]);
    g[k] = g[k] / size;
  }
  step_value(theta + j, load_lanes(g), 0, n - j, steps, options, by, tempo);
}

KERNEL FIXED_GROUP(1) void steps(GLOBAL const real* X, GLOBAL const real* y,
                                 GLOBAL const real* weights, GLOBAL const uint* indexes,
                                 GLOBAL real* theta, GLOBAL const uint* state,
                                 GLOBAL real* residuals, GLOBAL const real* rates,
                                 const StepsArguments steps) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const uint n = steps.rows.n;
  StepOptions options = steps.options;
  const lanes mask = tail_mask(n);
  ulong taken = steps.taken;
  for (ulong done = 0; done < steps.rows.count; done += steps.batchSize) {
    const RowSpan batch = rows_of_span(&steps.rows, done, steps.batchSize);
    const uint count = (uint)batch.count;
    real intercept = 0;
    const Range inOrder = {0, count, 0};
    for (uint i = 0; i < count; i += ROWS) {
      const Tile tile = tile_at(&batch, X, indexes, &inOrder, i, count);
      real z[LANES];
      Labels labels = no_labels();
      store_lanes(splat((real)0), z);
      tile_dots(&tile, theta, n, mask, z);
      for (uint r = 0; r < tile.count; ++r) {
        read_label(&tile, r, y, weights, r, &labels);
        if (WEIGHTED) labels.weight[r] *= steps.weightScale;
      }
      const Outcome at = label_outcomes(load_lanes(z), &labels, steps.activation, steps.loss);
      store_lanes(at.residual, z);
      for (uint r = 0; r < tile.count; ++r) {
        residuals[i + r] = z[r];
        intercept += z[r];
      }
    }
    if (steps.scheduled) options.rate = rates[steps.firstRate + taken - steps.taken];
    const Shrinkage by = shrinkage(options);
    const Tempo tempo = tempo_of(optimizer_of(options), options.rate, taken);
    taken += 1;
    step_columns(&batch, X, indexes, residuals, &steps, options, by, tempo, theta);
    if (steps.fitIntercept)
      step_value(theta + n, splat(intercept / (real)count), 1, 1, &steps, options, by, tempo);
  }
}
