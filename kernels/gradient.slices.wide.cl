// The gradient pass for GPUs where few rows have many columns, in two launches over slices of the
// columns, so that the whole card has work: slice_dots leaves the parts of every row's dot, and
// slice_gradient makes δ of them and the partials of Xᵀδ, Σδ and Σℓ.
//
// X is rows×n, row-major, n and sliceColumns multiples of PACK; theta holds n weights and the
// intercept. Slice s is columns s·sliceColumns … (s + 1)·sliceColumns − 1, and dots holds `slices`
// reals a row. Group s + slices·c of slice_gradient takes slice s of the c-th block of the rows,
// makes the δ of CHUNK rows at a time, and adds to row c of `partials`, of which the block's groups
// have a slice each. Host code cuts the rows so that the second launch finds them in the last-level
// cache.

// Rows whose residuals are made at once.
#define CHUNK (GROUP_SIZE / ROWS * ROWS)

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_slice_dots(GLOBAL const real* X,
                                                        GLOBAL const uint* indexes,
                                                        GLOBAL const real* theta,
                                                        GLOBAL const uint* state, GLOBAL real* dots,
                                                        const PassArguments pass) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  if (state[STATE_HALT] != HALT_NONE) return;

  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const uint n = span->n;
  const uint slices = pass.slices;
  const uint slice = GROUP_ID % slices;
  const uint first = slice * pass.sliceColumns;
  const uint end = min(first + pass.sliceColumns, n);
  const ulong step = (ulong)(GROUP_COUNT / slices) * ROWS;
  for (ulong tile = (ulong)(GROUP_ID / slices) * ROWS; tile < rowCount; tile += step) {
    GLOBAL const real* x[ROWS];
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      x[r] = row_at(span, X, indexes, min(tile + r, rowCount - 1));
    }
    real z[ROWS];
    slice_dots(x, theta, first, end, z);
    gather_dots(z, sums, parts);
    if (LOCAL_ID < ROWS && tile + LOCAL_ID < rowCount) {
      dots[(tile + LOCAL_ID) * slices + slice] = tile_dot(sums, parts, LOCAL_ID);
    }
    LOCAL_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_slices(
    GLOBAL const real* X, GLOBAL const real* y, GLOBAL const uint* indexes,
    GLOBAL const real* theta, GLOBAL const uint* state, GLOBAL const real* dots,
    GLOBAL real* partials, GLOBAL Sum* lossPartials, const PassArguments pass) {
  LOCAL_ARRAY(real, residuals, CHUNK);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const uint n = span->n;
  const uint slices = pass.slices;
  const uint slice = GROUP_ID % slices;
  const uint block = GROUP_ID / slices;
  const uint first = slice * pass.sliceColumns;
  const uint end = min(first + pass.sliceColumns, n);
  const uint blocks = GROUP_COUNT / slices;
  const ulong blockRows = (rowCount + blocks - 1) / blocks;
  const ulong firstOfBlock = min(block * blockRows, rowCount);
  const ulong endOfBlock = min(firstOfBlock + blockRows, rowCount);
  GLOBAL real* partial = partials + (ulong)block * pass.stride;
  real intercept = 0;
  Sum total = sum_zero();
  int fresh = !pass.accumulate;
  for (ulong chunk = firstOfBlock; chunk < endOfBlock; chunk += CHUNK) {
    const ulong at = chunk + LOCAL_ID;
    Outcome result = outcome((real)0, (real)0);
    if (LOCAL_ID < CHUNK && at < endOfBlock) {
      real z = theta[n];
      for (uint s = 0; s < slices; ++s) z += dots[at * slices + s];
      result = row_outcome(z, label_at(span, y, indexes, at), pass.activation, pass.loss);
    }
    intercept += result.residual;
    total = sum_add(total, result.loss);
    LOCAL_BARRIER();
    if (LOCAL_ID < CHUNK) residuals[LOCAL_ID] = result.residual;
    LOCAL_BARRIER();
    const uint count = (uint)min((ulong)CHUNK, endOfBlock - chunk);
    for (uint row = 0; row < count; row += ROWS) {
      GLOBAL const real* x[ROWS];
      UNROLL
      for (uint r = 0; r < ROWS; ++r) {
        x[r] = row_at(span, X, indexes, min(chunk + row + r, endOfBlock - 1));
      }
      slice_gradient(x, residuals + row, first, end, fresh, partial);
      fresh = 0;
    }
  }
  for (uint j = fresh ? first + LOCAL_ID : end; j < end; j += GROUP_SIZE) partial[j] = 0;
  const Sum interceptSum = group_sum(sum_of(intercept), scratch);
  const Sum totalSum = group_sum(total, scratch);
  if (LOCAL_ID == 0 && slice == 0) {
    partial[n] = sum_value(pass.accumulate ? sum_add(interceptSum, partial[n]) : interceptSum);
    lossPartials[block] = pass.accumulate ? sum_join(lossPartials[block], totalSum) : totalSum;
  }
}
