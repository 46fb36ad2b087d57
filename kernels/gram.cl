// AᵀA of A = [X, 1, y], N = n + 1 + K columns for K targets a row, or AᵀWA where rows have weights:
// everything that linear neurons with squared loss need of the data.
//
// X is rows×n, row-major. A work-item takes TILE×TILE entries of the upper triangle over one slab
// of the rows, its sums in registers; gram_sum adds the slabs in order. Sums are float64, or
// compensated pairs without it, as the condition of AᵀA is the square of that of A. Products read X
// from cache TILE columns at a time.

#ifndef GROUP_SIZE
#define GROUP_SIZE 64
#endif
#ifndef TILE
#define TILE 4
#endif

// Columns first … first + TILE − 1 of one row of A; zeros beyond its end.
INLINE void load_columns(GLOBAL const real* x, GLOBAL const real* y, uint first, uint n, uint order,
                         real* values) {
  if (first + TILE <= n) {
    UNROLL
    for (uint k = 0; k < TILE; ++k) values[k] = x[first + k];
    return;
  }
  UNROLL
  for (uint k = 0; k < TILE; ++k) {
    const uint j = first + k;
    values[k] = j < n ? x[j] : j == n ? (real)1 : j < order ? y[j - n - 1] : (real)0;
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gram(GLOBAL const real* X, GLOBAL const real* y,
                                         GLOBAL const real* weights, GLOBAL Sum* partials,
                                         const GramArguments pass) {
  const RowSpan* span = &pass.rows;
  const uint n = span->n;
  const uint order = n + 1 + pass.targets;
  const uint side = (order + TILE - 1) / TILE;
  const ulong item = (ulong)GROUP_ID * GROUP_SIZE + LOCAL_ID;
  const uint left = (uint)(item % side) * TILE;
  const uint right = (uint)(item / side % side) * TILE;
  const ulong slab = item / side / side;
  if (slab >= pass.slabs || left > right) return;

  Sum sums[TILE][TILE];
  UNROLL
  for (uint a = 0; a < TILE; ++a) {
    UNROLL
    for (uint b = 0; b < TILE; ++b) sums[a][b] = sum_zero();
  }
  const ulong slabRows = (span->count + pass.slabs - 1) / pass.slabs;
  const ulong end = min((slab + 1) * slabRows, span->count);
  for (ulong row = slab * slabRows; row < end; ++row) {
    GLOBAL const real* x = row_of(span, X, span->first + row);
    GLOBAL const real* labels = y + (span->firstLabel + row) * pass.targets;
    const real weight = WEIGHTED ? weights[span->firstWeight + row] : (real)1;
    real u[TILE];
    real v[TILE];
    load_columns(x, labels, left, n, order, u);
    load_columns(x, labels, right, n, order, v);
    UNROLL
    for (uint a = 0; a < TILE; ++a) {
      const Sum weighed = sum_scale(sum_of(u[a]), weight);
      UNROLL
      for (uint b = 0; b < TILE; ++b) {
        sums[a][b] = WEIGHTED ? sum_add_scaled(sums[a][b], weighed, v[b])
                              : sum_add_product(sums[a][b], u[a], v[b]);
      }
    }
  }

  GLOBAL Sum* partial = partials + slab * order * order;
  UNROLL
  for (uint a = 0; a < TILE; ++a) {
    UNROLL
    for (uint b = 0; b < TILE; ++b) {
      if (left + a >= order || right + b >= order) continue;
      GLOBAL Sum* entry = partial + (ulong)(left + a) * order + right + b;
      *entry = pass.accumulate ? sum_join(*entry, sums[a][b]) : sums[a][b];
    }
  }
}

// Both triangles of the slabs' sum; entries below the diagonal are read above it.
KERNEL FIXED_GROUP(GROUP_SIZE) void gram_sum(GLOBAL const Sum* partials, GLOBAL Sum* result,
                                             const GramArguments pass) {
  const ulong order = (ulong)pass.rows.n + 1 + pass.targets;
  const ulong size = order * order;
  for (ulong i = (ulong)GROUP_ID * GROUP_SIZE + LOCAL_ID; i < size;
       i += (ulong)GROUP_COUNT * GROUP_SIZE) {
    const ulong row = i / order;
    const ulong column = i % order;
    const ulong from = row <= column ? i : column * order + row;
    Sum sum = partials[from];
    for (uint slab = 1; slab < pass.slabs; ++slab)
      sum = sum_join(sum, partials[slab * size + from]);
    result[i] = sum;
  }
}
