// What kernels/math/ is written in, for C++ on the host. It is included within a class that has
// `real`, `value` (a vector of reals, or one), SOFTPLUS_IS_EXP, splat, and the functions of values
// that OpenCL C has by itself: exp, log, log1p, tanh, sqrt, fabs and fma, and expm1 of single
// reals, besides those that the other preludes define.

#define HOST
#define FLOAT64  // sums are float64
#define INLINE [[gnu::always_inline]] static inline
#define VALUE(number) splat(static_cast<real>(number))
