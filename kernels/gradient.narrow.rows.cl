// The gradient pass for CPU devices and n = COLUMNS < 16: partials of Xᵀδ, Σδ and Σℓ, where
// z = Xθ + b and (ℓ, δ) is row_outcome(z, y).
//
// X is rows×COLUMNS, row-major; theta holds the weights and the intercept. Rows are too short for
// lanes along the columns, so that each lane has a row of its own: a column of LANES rows is one
// value, and the gradient stays in registers, a value a column, until the group's rows are done.
// COLUMNS is known at compile time, so that the rows' columns are loaded with constant offsets. The
// pass has LANES rows or more: a block that would reach beyond the group's rows starts earlier, and
// counts only its own.

#ifndef COLUMNS
#define COLUMNS 8
#endif

// Column `column` of LANES rows from x on.
INLINE lanes lanes_of_column(GLOBAL const real* x, uint column) {
#define VALUE_OF_ROW(r) x[(r)*COLUMNS + column]
  return EACH_LANE(VALUE_OF_ROW);
}

KERNEL FIXED_GROUP(1) void gradient_narrow(GLOBAL const real* X, GLOBAL const real* y,
                                           GLOBAL const real* weights, GLOBAL const uint* indexes,
                                           GLOBAL const real* theta, GLOBAL const uint* state,
                                           GLOBAL real* partials, GLOBAL Sum* lossPartials,
                                           const PassArguments pass) {
  if (run_has_halted(state, lossPartials)) return;
  const RowSpan* span = &pass.rows;
  const Range rows = group_rows(span->count);
  lanes g[COLUMNS];
  UNROLL
  for (uint j = 0; j < COLUMNS; ++j) g[j] = splat((real)0);
  lanes intercept = splat((real)0);
  Sum total = sum_zero();

  for (ulong row = rows.first; row < rows.end; row += LANES) {
    const ulong start = min(row, span->count - LANES);
    GLOBAL const real* first = X + (span->first + start) * COLUMNS;
    lanes x[COLUMNS];
    lanes z = splat(theta[COLUMNS]);
    UNROLL
    for (uint j = 0; j < COLUMNS; ++j) {
      x[j] = lanes_of_column(first, j);
      z = fma(x[j], splat(theta[j]), z);
    }
    Outcome at =
        row_outcomes(z, load_lanes(y + span->firstLabel + start), pass.activation, pass.loss);
    if (WEIGHTED) at = weighted_outcome(at, load_lanes(weights + span->firstWeight + start));
    if (row + LANES > rows.end) {
      at.loss = only_lanes(at.loss, (uint)(row - start), (uint)(rows.end - start));
      at.residual = only_lanes(at.residual, (uint)(row - start), (uint)(rows.end - start));
    }
    total = sum_add(total, sum_lanes(at.loss));
    intercept += at.residual;
    UNROLL
    for (uint j = 0; j < COLUMNS; ++j) g[j] = fma(x[j], at.residual, g[j]);
  }

  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  for (uint j = 0; j < COLUMNS; ++j) {
    partial[j] = sum_lanes(g[j]) + (pass.accumulate ? partial[j] : (real)0);
  }
  partial[COLUMNS] = sum_lanes(intercept) + (pass.accumulate ? partial[COLUMNS] : (real)0);
  lossPartials[GROUP_ID] = pass.accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}
