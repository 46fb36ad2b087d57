// What the penalties add to a loss, l1·Σ|θⱼ| + l2/2·Σθⱼ², once for every device and the host. The
// intercept is never penalised.

INLINE int is_penalised(Penalties penalties) { return penalties.l1 != 0 || penalties.l2 != 0; }

// From Σ|θⱼ| and Σθⱼ².
INLINE Sum penalty(Penalties penalties, Sum sizes, Sum squares) {
  return sum_join(sum_scale(sizes, penalties.l1), sum_scale(squares, (real)0.5f * penalties.l2));
}

// gⱼ with the slope of the l2 term; that of l1, which has none at 0, steps take as a proximal map.
INLINE Sum penalised_slope(Penalties penalties, Sum slope, real weight) {
  return sum_add_product(slope, penalties.l2, weight);
}
