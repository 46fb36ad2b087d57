// PACK neighbouring columns of a row, loaded and stored together; n is a multiple of it.

#ifndef PACK
#define PACK 1
#endif

typedef struct ALIGNED(PACK * sizeof(real)) {
  real v[PACK];
} Pack;

// PACK neighbouring columns, loaded as the one struct that they are: NVIDIA's compiler makes PACK
// loads of a loop over its members.
INLINE void load_pack(GLOBAL const real* x, real* values) {
  const Pack pack = *(GLOBAL const Pack*)x;
  UNROLL
  for (uint i = 0; i < PACK; ++i) values[i] = pack.v[i];
}

INLINE void store_pack(const real* values, GLOBAL real* x) {
  Pack pack;
  UNROLL
  for (uint i = 0; i < PACK; ++i) pack.v[i] = values[i];
  *(GLOBAL Pack*)x = pack;
}
