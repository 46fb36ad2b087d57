// Sums that keep more than a real: float64 where the device has it, else two float32 whose
// unevaluated sum is the value (Knuth's TwoSum, Dekker's FastTwoSum). Eight bytes either way; host
// code reads them back as such.

#ifdef FLOAT64

typedef double Sum;
INLINE Sum sum_of(real x) { return (double)x; }
INLINE Sum sum_add(Sum s, real x) { return s + (double)x; }
INLINE Sum sum_join(Sum a, Sum b) { return a + b; }
INLINE Sum sum_add_product(Sum s, real a, real b) { return fma((double)a, (double)b, s); }
INLINE Sum sum_scale(Sum s, real factor) { return s * (double)factor; }
INLINE Sum sum_add_scaled(Sum s, Sum a, real b) { return fma(a, (double)b, s); }
INLINE Sum sum_divide(Sum s, Sum by) { return s / by; }
INLINE real sum_value(Sum s) { return (real)s; }
INLINE int sum_is_finite(Sum s) { return isfinite(s) != 0; }
// |a − b| < tolerance·|b|
INLINE int sum_is_near(Sum a, Sum b, real tolerance) {
  return fabs(a - b) < (double)tolerance * fabs(b);
}

#else

typedef struct {
  float high;
  float low;
} Sum;

INLINE Sum sum_pair(float high, float low) {
  Sum s;
  s.high = high + low;
  s.low = low - (s.high - high);
  return s;
}

INLINE Sum sum_of(real x) {
  Sum s;
  s.high = x;
  s.low = 0.0f;
  return s;
}

INLINE Sum sum_join(Sum a, Sum b) {
  const float high = a.high + b.high;
  const float part = high - a.high;
  const float error = (a.high - (high - part)) + (b.high - part);
  return sum_pair(high, error + (a.low + b.low));
}

INLINE Sum sum_add(Sum s, real x) { return sum_join(s, sum_of(x)); }

INLINE Sum sum_add_product(Sum s, real a, real b) {
  Sum product;
  product.high = a * b;
  product.low = fma(a, b, -product.high);
  return sum_join(s, product);
}

INLINE Sum sum_scale(Sum s, real factor) {
  const float high = s.high * factor;
  return sum_pair(high, fma(s.low, factor, fma(s.high, factor, -high)));
}

INLINE Sum sum_add_scaled(Sum s, Sum a, real b) { return sum_join(s, sum_scale(a, b)); }

INLINE Sum sum_divide(Sum s, Sum by) {
  const float quotient = s.high / by.high;
  const float remainder = fma(-quotient, by.high, s.high) + fma(-quotient, by.low, s.low);
  return sum_pair(quotient, remainder / by.high);
}

INLINE real sum_value(Sum s) { return s.high + s.low; }
INLINE int sum_is_finite(Sum s) { return isfinite(s.high) && isfinite(s.low); }
INLINE int sum_is_near(Sum a, Sum b, real tolerance) {
  return fabs((a.high - b.high) + (a.low - b.low)) < tolerance * fabs(b.high);
}

#endif

INLINE Sum sum_zero(void) { return sum_of((real)0); }
