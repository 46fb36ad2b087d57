// How θ moves, once for every device and every strategy: a plain step with the penalties,
//
//   θ ← S(θ·(1 − rate·l2) − rate·g, rate·l1),   S(v, t) = sign(v)·max(|v| − t, 0)
//
// for the mean gradient g of the losses alone. S is the proximal map of t·Σ|θⱼ| (Parikh and Boyd,
// "Proximal Algorithms", 2014, §6.5.2); the intercept steps without either. Who sums residuals over
// a batch may hand rate / rows and the sum instead of rate and g, or rate·δ and a row.
//
// As long as l1 is 0 a step is linear in θ and g, so that a device may take a few of them at once
// (native/device/cpu/step_group.h).

// What a step does besides the gradient's part.
typedef struct {
  real decay;      // 1 − rate·l2
  real threshold;  // rate·l1
} Shrinkage;

INLINE Shrinkage shrinkage(StepOptions options) {
  Shrinkage result;
  result.decay = 1 - options.rate * options.penalties.l2;
  result.threshold = options.rate * options.penalties.l1;
  return result;
}

INLINE int step_is_linear(Shrinkage by) { return by.threshold == 0; }

// S(v, t), t ≥ 0; NaN stays NaN.
INLINE value soft_threshold(value v, value t) {
  const value size = fabs(v) - t;
  return size <= VALUE(0) ? VALUE(0) : (is_negative(v) ? -size : size);
}

INLINE value step_weight(value weight, value g, value rate, Shrinkage by) {
  const value moved = fma(-rate, g, weight * by.decay);
  if (step_is_linear(by)) return moved;
  return soft_threshold(moved, VALUE(by.threshold));
}

INLINE value step_intercept(value intercept, value g, value rate) {
  return fma(-rate, g, intercept);
}

// The step of a weight by an optimiser that keeps moments of it, for the mean gradient g of the
// losses alone. Only adagrad's is a proximal one, which moves each weight at a rate of its own
// (Duchi, Hazan, Singer, §5): with the others l1 is 0.
INLINE value step_weight_by(value weight, value g, Moments* kept, StepOptions options,
                            Tempo tempo) {
  const Optimizer by = options.optimizer;
  const value decayed = by.weightDecay == 0 ? weight : weight * (1 - options.rate * by.weightDecay);
  const value moved = decayed - direction(g + weight * options.penalties.l2, kept, by, tempo);
  if (options.penalties.l1 == 0) return moved;
  const value rate = VALUE(tempo.rate) / (sqrt(kept->square) + by.epsilon);
  return soft_threshold(moved, rate * options.penalties.l1);
}

INLINE value step_intercept_by(value intercept, value g, Moments* kept, StepOptions options,
                               Tempo tempo) {
  return intercept - direction(g, kept, options.optimizer, tempo);
}
