// What the kernels are written in, for HIP C++: every name that OpenCL C and HIP C++ spell
// differently. Host code defines REAL_IS_DOUBLE for float64, and FLOAT64 where the device computes
// in float64 at all, which every HIP device does. Address spaces are the compiler's to find out.
// Contraction is off by option (-ffp-contract=off).

typedef unsigned int uint;
typedef unsigned long ulong;

#define KERNEL extern "C" __global__
#define INLINE static inline __device__
#define INLINE_BARRIERS static inline __device__ __attribute__((always_inline))
#define NOT_INLINE static __device__ __attribute__((noinline))
#define GLOBAL
#define LOCAL
#define LOCAL_ARRAY(type, name, count) __shared__ type name[count]
#define UNROLL _Pragma("unroll")
#define ALIGNED(bytes) __attribute__((aligned(bytes)))

// Work-items a group, where the kernel has a fixed number of them.
#define FIXED_GROUP(size) __launch_bounds__(size)
#define GROUP_ID ((uint)blockIdx.x)
#define GROUP_COUNT ((uint)gridDim.x)
#define LOCAL_ID ((uint)threadIdx.x)
#define LOCAL_COUNT ((uint)blockDim.x)

// The group's work-items meet; what they wrote to local or global memory is visible to all.
#define LOCAL_BARRIER() __syncthreads()
#define GROUP_BARRIER() __syncthreads()

#ifdef REAL_IS_DOUBLE
typedef double real;
#define SOFTPLUS_IS_EXP -37
#else
typedef float real;
#define SOFTPLUS_IS_EXP -15
#endif

// What one row has of each quantity.
typedef real value;
#define VALUE(number) ((real)(number))

// kernels/math/ tells these from fabs, fmax, exp and log1p: other devices have quicker forms.
#define is_negative(z) ((z) < VALUE(0))
INLINE value negative_magnitude(value z) { return -fabs(z); }
INLINE value positive_part(value z) { return is_negative(z) ? VALUE(0) : z; }  // NaN stays NaN
INLINE value exp_of_negative(value z) { return exp(z); }
INLINE value log1p_of_any(value x) { return log1p(x); }
