// The gradient pass for GPUs and rows of n = COLUMNS columns, so few that a work-item takes whole
// rows: partials of Xᵀδ, Σδ and Σℓ, where z = Xθ + b and (ℓ, δ) is row_outcome(z, y).
//
// X is rows×COLUMNS, row-major; theta holds the weights and the intercept. Neighbouring work-items
// take neighbouring rows, ROWS of them GROUP_SIZE apart, so that a wave reads one piece of memory;
// n is known when the kernel is compiled, so that the row is loaded in the widest pieces there are.
// The gradient stays in registers until the group's rows are done, and no barrier stands between
// rows; then it is added up over the group, CHUNK columns at a time. Rows are
// reached with COLUMNS instead of the span's n, which is the same.

#ifndef COLUMNS
#define COLUMNS 8
#endif
#define CHUNK (GROUP_SIZE < 4 ? GROUP_SIZE : 4)
#define COLUMN_SUMS (GROUP_SIZE + 1)
#define COLUMN_PARTS (GROUP_SIZE < 16 ? GROUP_SIZE : 16)

// Adds each column over the work-items and writes it to the group's partial.
INLINE void write_columns(const real* g, int accumulate, LOCAL real* sums, LOCAL real* parts,
                          GLOBAL real* partial) {
  UNROLL
  for (uint first = 0; first < COLUMNS; first += CHUNK) {
    UNROLL
    for (uint c = 0; c < CHUNK; ++c) {
      sums[c * COLUMN_SUMS + LOCAL_ID] = first + c < COLUMNS ? g[first + c] : (real)0;
    }
    // Every work-item's sums are there before others add them up.
    LOCAL_BARRIER();
    for (uint p = LOCAL_ID; p < CHUNK * COLUMN_PARTS; p += GROUP_SIZE) {
      parts[p] = strided_sum(sums + p / COLUMN_PARTS * COLUMN_SUMS + p % COLUMN_PARTS,
                             GROUP_SIZE / COLUMN_PARTS, COLUMN_PARTS);
    }
    // All parts are there before they are added up; nobody reads the sums any more, so that the
    // next turn may write its own.
    LOCAL_BARRIER();
    if (LOCAL_ID < CHUNK && first + LOCAL_ID < COLUMNS) {
      const real sum = strided_sum(parts + LOCAL_ID * COLUMN_PARTS, COLUMN_PARTS, 1);
      GLOBAL real* column = partial + first + LOCAL_ID;
      *column = accumulate ? *column + sum : sum;
    }
    // Nothing here needs it, but PoCL 3.1 leaves out the last write of a loop that does not end so.
    LOCAL_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_narrow(
    GLOBAL const real* X, GLOBAL const real* y, GLOBAL const real* weights,
    GLOBAL const uint* indexes, GLOBAL const real* theta, GLOBAL const uint* state,
    GLOBAL real* partials, GLOBAL Sum* lossPartials, const PassArguments pass) {
  LOCAL_ARRAY(real, sums, CHUNK * COLUMN_SUMS);
  LOCAL_ARRAY(real, parts, CHUNK * COLUMN_PARTS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  real g[COLUMNS];
  UNROLL
  for (uint j = 0; j < COLUMNS; ++j) g[j] = 0;
  real intercept = 0;
  Sum total = sum_zero();
  for (ulong tile = (ulong)GROUP_ID * GROUP_SIZE * ROWS; tile < rowCount;
       tile += (ulong)GROUP_COUNT * GROUP_SIZE * ROWS) {
    real x[ROWS][COLUMNS];
    Label label[ROWS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      const ulong at = min(tile + r * GROUP_SIZE + LOCAL_ID, rowCount - 1);
      const ulong row = row_number(span, indexes, at);
      label[r] = label_of(span, y, weights, row, at);
      UNROLL
      for (uint j = 0; j < COLUMNS; j += PACK) load_pack(X + row * COLUMNS + j, x[r] + j);
    }
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      real z = theta[COLUMNS];
      UNROLL
      for (uint j = 0; j < COLUMNS; ++j) z = fma(x[r][j], theta[j], z);
      Outcome result = label_outcome(z, label[r].y, label[r].weight, pass.activation, pass.loss);
      if (tile + r * GROUP_SIZE + LOCAL_ID >= rowCount) result = outcome((real)0, (real)0);
      intercept += result.residual;
      total = sum_add(total, result.loss);
      UNROLL
      for (uint j = 0; j < COLUMNS; ++j) g[j] = fma(x[r][j], result.residual, g[j]);
    }
  }

  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  write_columns(g, pass.accumulate, sums, parts, partial);
  write_totals(intercept, total, pass.accumulate, scratch, partial + COLUMNS,
               lossPartials + GROUP_ID);
}
