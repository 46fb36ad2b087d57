// row_outcome of LANES rows at once, for CPU devices: the pairs that neurons mostly have in vector
// code, the others one by one.

INLINE lanes sigmoid_lanes(lanes z) {
  const lanes one = splat((real)1);
  return exp(fmin(z, splat((real)0))) / (one + exp(-fabs(z)));
}

INLINE void row_outcomes_singly(lanes z, lanes y, int activation, int loss, lanes* losses,
                                lanes* residuals) {
  real zs[LANES];
  real ys[LANES];
  store_lanes(z, zs);
  store_lanes(y, ys);
  for (uint r = 0; r < LANES; ++r) {
    const Outcome at = row_outcome(zs[r], ys[r], activation, loss);
    zs[r] = at.loss;
    ys[r] = at.residual;
  }
  *losses = load_lanes(zs);
  *residuals = load_lanes(ys);
}

INLINE void row_outcomes(lanes z, lanes y, int activation, int loss, lanes* losses,
                         lanes* residuals) {
  if (loss == LOSS_SQUARED && activation == ACTIVATION_LINEAR) {
    const lanes r = z - y;
    *losses = r * r;
    *residuals = r + r;
  } else if (loss == LOSS_LOG) {
    *losses = fma(-y, z, fmax(z, splat((real)0))) + log1p(exp(-fabs(z)));
    *residuals = sigmoid_lanes(z) - y;
  } else if (loss == LOSS_POISSON && activation == ACTIVATION_EXP) {
    const lanes output = exp(z);
    *losses = fma(-y, z, output);
    *residuals = output - y;
  } else {
    row_outcomes_singly(z, y, activation, loss, losses, residuals);
  }
}
