// The gradient pass for GPUs where a row has more columns than a work-group holds, over slices of
// the columns, so that the whole card has work: gradient_slice_dots leaves the parts of every row's
// dot, and gradient_slices makes δ of them and the partials of Xᵀδ, Σδ and Σℓ. Host code cuts the
// rows into stretches that are still in the last-level cache when they are read again. Some groups
// of gradient_slices make the dots of the next stretch meanwhile, so that memory and cache are read
// at once, and each stretch is one launch.
//
// X is rows×n, row-major, n and sliceColumns multiples of PACK; theta holds n weights and the
// intercept. Slice s is columns s·sliceColumns … (s + 1)·sliceColumns − 1, and dots holds `slices`
// reals a row. Group s + slices·c takes slice s of the c-th part of the rows: of the dots, every
// c-th tile; of the gradient, a block, of which it makes the δ of CHUNK rows at a time and adds to
// row c of `partials`, of which the block's groups have a slice each.

// Rows whose residuals are made at once.
#define CHUNK (GROUP_SIZE / ROWS * ROWS)
// Of a row's dots, that a work-item asks for before it waits: its group waits for them.
#define DOTS_AT_ONCE 16

// What slice of the dots of `span` has part c of `count`.
INLINE_BARRIERS void dots_of(const RowSpan* span, uint c, uint count, const PassArguments* pass,
                             GLOBAL const real* X, GLOBAL const uint* indexes,
                             GLOBAL const real* theta, GLOBAL real* dots, LOCAL real* sums,
                             LOCAL real* parts) {
  const ulong rowCount = span->count;
  const uint slices = pass->slices;
  const uint slice = (uint)GROUP_ID % slices;
  const uint first = slice * pass->sliceColumns;
  const uint end = min(first + pass->sliceColumns, span->n);
  for (ulong tile = (ulong)c * ROWS; tile < rowCount; tile += (ulong)count * ROWS) {
    GLOBAL const real* x[ROWS];
    rows_from(span, X, indexes, tile, rowCount, x);
    real z[ROWS];
    slice_dots(x, theta, first, end, z);
    gather_dots(z, sums, parts);
    if (LOCAL_ID < ROWS && tile + LOCAL_ID < rowCount) {
      dots[(tile + LOCAL_ID) * slices + slice] = tile_dot(sums, parts, LOCAL_ID);
    }
    LOCAL_BARRIER();
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_slice_dots(GLOBAL const real* X,
                                                        GLOBAL const uint* indexes,
                                                        GLOBAL const real* theta,
                                                        GLOBAL const uint* state, GLOBAL real* dots,
                                                        const PassArguments pass) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  if (state[STATE_HALT] != HALT_NONE) return;
  dots_of(&pass.rows, (uint)GROUP_ID / pass.slices, (uint)GROUP_COUNT / pass.slices, &pass, X,
          indexes, theta, dots, sums, parts);
}

KERNEL FIXED_GROUP(GROUP_SIZE) void gradient_slices(GLOBAL const real* X, GLOBAL const real* y,
                                                    GLOBAL const real* weights,
                                                    GLOBAL const uint* indexes,
                                                    GLOBAL const real* theta,
                                                    GLOBAL const uint* state, GLOBAL real* dots,
                                                    GLOBAL real* partials, GLOBAL Sum* lossPartials,
                                                    const SlicesArguments arguments) {
  LOCAL_ARRAY(real, sums, TILE_SUMS);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, residuals, CHUNK);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;

  const PassArguments pass = arguments.pass;
  const uint slices = pass.slices;
  const uint blocks = (uint)GROUP_COUNT / slices - arguments.dotGroups;
  // In turns as long as there are both, since groups start in about that order.
  const uint c = (uint)GROUP_ID / slices;
  const uint turns = min(blocks, arguments.dotGroups);
  const int makesDots = c < 2 * turns ? c % 2 == 0 : blocks <= turns;
  const uint part = c < 2 * turns ? c / 2 : c - turns;
  if (makesDots) {
    dots_of(&arguments.next, part, arguments.dotGroups, &pass, X, indexes, theta,
            dots + arguments.nextDots, sums, parts);
    return;
  }
  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const uint n = span->n;
  const uint slice = (uint)GROUP_ID % slices;
  const uint first = slice * pass.sliceColumns;
  const uint end = min(first + pass.sliceColumns, n);
  const ulong blockRows = (rowCount + blocks - 1) / blocks;
  const ulong firstOfBlock = min(part * blockRows, rowCount);
  const ulong endOfBlock = min(firstOfBlock + blockRows, rowCount);
  GLOBAL real* partial = partials + (ulong)part * pass.stride;
  real intercept = 0;
  Sum total = sum_zero();
  int fresh = !pass.accumulate;
  for (ulong chunk = firstOfBlock; chunk < endOfBlock; chunk += CHUNK) {
    const ulong at = chunk + LOCAL_ID;
    Outcome result = outcome((real)0, (real)0);
    if (LOCAL_ID < CHUNK && at < endOfBlock) {
      real z = theta[n];
      for (uint s = 0; s < slices; s += DOTS_AT_ONCE) {
        real d[DOTS_AT_ONCE];
        UNROLL
        for (uint i = 0; i < DOTS_AT_ONCE; ++i) {
          d[i] = s + i < slices ? dots[arguments.firstDots + at * slices + s + i] : (real)0;
        }
        UNROLL
        for (uint i = 0; i < DOTS_AT_ONCE; ++i) z += d[i];
      }
      const Label label = label_at(span, y, weights, indexes, at);
      result = label_outcome(z, label.y, label.weight, pass.activation, pass.loss);
    }
    intercept += result.residual;
    total = sum_add(total, result.loss);
    LOCAL_BARRIER();
    if (LOCAL_ID < CHUNK) residuals[LOCAL_ID] = result.residual;
    LOCAL_BARRIER();
    const uint count = (uint)min((ulong)CHUNK, endOfBlock - chunk);
    // Every column over all of the rows, so that its sum is read and written once.
    for (uint j = first + LOCAL_ID * PACK; j < end; j += GROUP_SIZE * PACK) {
      real g[PACK];
      UNROLL
      for (uint i = 0; i < PACK; ++i) g[i] = 0;
      if (!fresh) load_pack(partial + j, g);
      for (uint row = 0; row < count; row += ROWS) {
        GLOBAL const real* x[ROWS];
        rows_from(span, X, indexes, chunk + row, endOfBlock, x);
        add_rows(x, residuals + row, j, g);
      }
      store_pack(g, partial + j);
    }
    fresh = 0;
  }
  for (uint j = fresh ? first + LOCAL_ID : end; j < end; j += GROUP_SIZE) partial[j] = 0;
  const Sum interceptSum = group_sum(sum_of(intercept), scratch);
  const Sum totalSum = group_sum(total, scratch);
  if (LOCAL_ID == 0 && slice == 0) {
    partial[n] = sum_value(pass.accumulate ? sum_add(interceptSum, partial[n]) : interceptSum);
    lossPartials[part] = pass.accumulate ? sum_join(lossPartials[part], totalSum) : totalSum;
  }
}
