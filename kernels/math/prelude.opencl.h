// What the kernels are written in, for OpenCL C 1.2: every name that OpenCL C and HIP C++ spell
// differently. Host code defines REAL_IS_DOUBLE for float64, FLOAT64 where the device computes
// in float64 at all, and ROWS_SHAPE for kernels in the shape that suits CPUs.

#pragma OPENCL FP_CONTRACT OFF
#ifdef FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#define KERNEL __kernel
#define INLINE static inline
// For functions with barriers that are called more than once: PoCL 3.1 does not see those of a
// function, two calls deep, that it leaves as it is.
#define INLINE_BARRIERS static inline __attribute__((always_inline))
#define NOT_INLINE static __attribute__((noinline))
#define GLOBAL __global
#define LOCAL __local
#define LOCAL_ARRAY(type, name, count) __local type name[count]
#define UNROLL _Pragma("unroll")
#define ALIGNED(bytes) __attribute__((aligned(bytes)))

// Work-items a group, where the kernel has a fixed number of them.
#define FIXED_GROUP(size) __attribute__((reqd_work_group_size(size, 1, 1)))
#define GROUP_ID ((uint)get_group_id(0))
#define GROUP_COUNT ((uint)get_num_groups(0))
#define LOCAL_ID ((uint)get_local_id(0))
#define LOCAL_COUNT ((uint)get_local_size(0))

// The group's work-items meet; what they wrote to local (LOCAL_BARRIER) or also to global memory is
// visible to all.
#define LOCAL_BARRIER() barrier(CLK_LOCAL_MEM_FENCE)
#define GROUP_BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

// `lanes`: as many reals as a CPU's vector units like to work on at once.
#ifdef REAL_IS_DOUBLE
typedef double real;
typedef double8 lanes;
#define LANES 8
#define SOFTPLUS_IS_EXP -37
#define load_lanes(pointer) vload8(0, pointer)
#define store_lanes(value, pointer) vstore8(value, 0, pointer)
// A value for each lane, from what `at` makes of its number.
#define EACH_LANE(at) (lanes)(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
#else
typedef float real;
typedef float16 lanes;
#define LANES 16
#define SOFTPLUS_IS_EXP -15
#define load_lanes(pointer) vload16(0, pointer)
#define store_lanes(value, pointer) vstore16(value, 0, pointer)
#define EACH_LANE(at)                                                                           \
  (lanes)(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11), \
          at(12), at(13), at(14), at(15))
#endif

// 32-bit words in a vector of the same size.
typedef uint16 word_lanes;
#define WORD_LANES 16
#define load_words(pointer) vload16(0, pointer)
#define store_words(value, pointer) vstore16(value, 0, pointer)

INLINE lanes splat(real number) { return (lanes)(number); }

// What one row has of each quantity, or as many rows as there are lanes.
#ifdef ROWS_SHAPE
typedef lanes value;
#define VALUE(number) splat((real)(number))
#else
typedef real value;
#define VALUE(number) ((real)(number))
#endif

// kernels/math/ tells these from fabs, fmax, exp and log1p: other devices have quicker forms.
#define is_negative(z) ((z) < VALUE(0))
INLINE value negative_magnitude(value z) { return -fabs(z); }
INLINE value positive_part(value z) { return is_negative(z) ? VALUE(0) : z; }  // NaN stays NaN
INLINE value exp_of_negative(value z) { return exp(z); }
INLINE value log1p_of_any(value x) { return log1p(x); }

INLINE real first_lane(lanes values) {
  real each[LANES];
  store_lanes(values, each);
  return each[0];
}

// The lanes' sum, added in halves.
INLINE real sum_lanes(lanes values) {
  real v[LANES];
  store_lanes(values, v);
  UNROLL
  for (uint reach = LANES / 2; reach > 0; reach /= 2) {
    UNROLL
    for (uint k = 0; k < reach; ++k) v[k] += v[k + reach];
  }
  return v[0];
}
