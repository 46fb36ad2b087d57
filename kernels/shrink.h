// The proximal map of t·|·|, which l1 adds to a step: sign(v)·max(|v| − t, 0); t ≥ 0, NaN stays
// NaN.
INLINE real shrink(real v, real t) {
  if (v > t) return v - t;
  if (v < -t) return v + t;
  return v == v ? (real)0 : v;
}
