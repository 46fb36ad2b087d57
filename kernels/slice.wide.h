// What a work-group does with columns first … end − 1 of ROWS rows, both multiples of PACK: its
// work-items side by side, PACK neighbouring columns each.

// ROWS rows of the span from place `at` on; in place of those from `end` on, the one before it.
INLINE void rows_from(const RowSpan* span, GLOBAL const real* X, GLOBAL const uint* indexes,
                      ulong at, ulong end, GLOBAL const real** x) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) x[r] = row_at(span, X, indexes, min(at + r, end - 1));
}

// Every work-item's part of its rows' dots with θ, where ROW_LANES of them share a row.
INLINE void slice_dots(GLOBAL const real* const* x, GLOBAL const real* theta, uint first, uint end,
                       real* z) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) z[r] = 0;
  for (uint j = first + LOCAL_ID % ROW_LANES * PACK; j < end; j += ROW_LANES * PACK) {
    real t[PACK];
    load_pack(theta + j, t);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      real values[PACK];
      load_pack(x[r] + j, values);
      UNROLL
      for (uint i = 0; i < PACK; ++i) z[r] = fma(values[i], t[i], z[r]);
    }
  }
}

// Adds Σ residuals[r]·x[r] of PACK columns from j on to g.
INLINE void add_rows(GLOBAL const real* const* x, LOCAL const real* residuals, uint j, real* g) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    real values[PACK];
    load_pack(x[r] + j, values);
    UNROLL
    for (uint i = 0; i < PACK; ++i) g[i] = fma(values[i], residuals[r], g[i]);
  }
}

// Adds Σ residuals[r]·x[r] to `partial`, or puts it there where that is fresh.
INLINE void slice_gradient(GLOBAL const real* const* x, LOCAL const real* residuals, uint first,
                           uint end, int fresh, GLOBAL real* partial) {
  for (uint j = first + LOCAL_ID * PACK; j < end; j += GROUP_SIZE * PACK) {
    real g[PACK];
    UNROLL
    for (uint i = 0; i < PACK; ++i) g[i] = 0;
    if (!fresh) load_pack(partial + j, g);
    add_rows(x, residuals, j, g);
    store_pack(g, partial + j);
  }
}
