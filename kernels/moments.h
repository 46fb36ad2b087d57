// What an optimiser keeps of weights (math/optimizers.h) lies behind them: theta holds n weights
// and the intercept, then as many first moments, second and third ones, `stride` reals apart. A
// step takes a value of them at a time, of which the first `present` are there.

#ifdef ROWS_SHAPE
INLINE lanes load_present(GLOBAL const real* from, uint present) {
  if (present == LANES) return load_lanes(from);
  real values[LANES];
  for (uint k = 0; k < LANES; ++k) values[k] = k < present ? from[k] : (real)0;
  return load_lanes(values);
}

INLINE void store_present(lanes values, GLOBAL real* to, uint present) {
  if (present == LANES) {
    store_lanes(values, to);
    return;
  }
  real each[LANES];
  store_lanes(values, each);
  for (uint k = 0; k < present; ++k) to[k] = each[k];
}
#else
#define load_present(from, present) (*(from))
#define store_present(value, to, present) (*(to) = (value))
#endif

// OPTIMIZER, the code of one, is known when a kernel is compiled: it holds the constants of no
// other.
INLINE Optimizer optimizer_of(StepOptions options) {
  Optimizer by = options.optimizer;
  by.name = OPTIMIZER;
  return by;
}

// Steps the weights at `weight`, or the intercept, along their mean gradient by an optimiser that
// keeps moments.
INLINE void step_by(GLOBAL real* weight, value mean, int isIntercept, uint present, uint stride,
                    StepOptions options, Tempo tempo) {
  options.optimizer = optimizer_of(options);
  const uint count = moments_of(options.optimizer);
  Moments kept;
  kept.velocity = count > 0 ? load_present(weight + stride, present) : VALUE(0);
  kept.square = count > 1 ? load_present(weight + 2 * stride, present) : VALUE(0);
  kept.third = count > 2 ? load_present(weight + 3 * stride, present) : VALUE(0);
  const value from = load_present(weight, present);
  const value to = isIntercept ? step_intercept_by(from, mean, &kept, options, tempo)
                               : step_weight_by(from, mean, &kept, options, tempo);
  store_present(to, weight, present);
  if (count > 0) store_present(kept.velocity, weight + stride, present);
  if (count > 1) store_present(kept.square, weight + 2 * stride, present);
  if (count > 2) store_present(kept.third, weight + 3 * stride, present);
}
