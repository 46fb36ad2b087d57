// What the passes for GPUs do where rows have K outputs: a work-group takes a tile of TILE_ROWS
// rows, a product of matrices small enough for its local memory.
//
// X is rows×n, row-major, n a multiple of PACK; theta holds the n weights of each output, output by
// output, then K intercepts. TILE_COLUMNS columns of a tile are copied to local memory, neighbours
// side by side, 128 bits a work-item where PACK allows. For z each row belongs to a work-item, for
// the gradient each column does, both SWEEP outputs at a time: work-items of another side have
// other outputs of the same rows or columns. Rows of the tile are a bank apart in local memory, so
// that both ways of reading it meet no other work-item, and what is read besides, θ or δ, is the
// same for all of a side.

#ifndef OUTPUTS
#define OUTPUTS 4  // of a work-item for the gradient
#endif

#ifdef REAL_IS_DOUBLE
#define MOST_COLUMNS 32
#else
#define MOST_COLUMNS 64
#endif
#define TILE_ROWS (GROUP_SIZE < 64 ? GROUP_SIZE : 64)
#define TILE_COLUMNS (GROUP_SIZE < MOST_COLUMNS ? GROUP_SIZE : MOST_COLUMNS)
#define ROW_SIDES (GROUP_SIZE / TILE_ROWS)
#define COLUMN_SIDES (GROUP_SIZE / TILE_COLUMNS)
#define SWEEP (COLUMN_SIDES * OUTPUTS)
// Outputs of a work-item for z.
#define DOTS (SWEEP / ROW_SIDES)

#define X_STRIDE (TILE_COLUMNS + 1)
#define TILE_REALS (TILE_ROWS * X_STRIDE)
// Of a work-item for a tile, and of them those that it has on their way at once.
#define TILE_LOADS (TILE_ROWS * TILE_COLUMNS / (GROUP_SIZE * PACK))
#define LOADS (TILE_LOADS < 8 ? TILE_LOADS : 8)
// Residuals of an output, a row's in the same place; groups of four are read at once.
#define ROWS_AT_ONCE (TILE_ROWS < 4 ? TILE_ROWS : 4)
#define RESIDUALS_STRIDE (TILE_ROWS + ROWS_AT_ONCE)

// Columns column … column + TILE_COLUMNS − 1 of the rows from place `tile` on, 0 past the last
// column; in place of rows past the last one that. Ends with a barrier.
INLINE_BARRIERS void load_tile(const RowSpan* span, GLOBAL const real* X,
                               GLOBAL const uint* indexes, ulong tile, uint column, LOCAL real* x) {
  const uint n = span->n;
  for (uint first = 0; first < TILE_LOADS; first += LOADS) {
    UNROLL
    for (uint load = 0; load < LOADS; ++load) {
      const uint e = ((first + load) * GROUP_SIZE + LOCAL_ID) * PACK;
      const uint r = e / TILE_COLUMNS;
      const uint c = e % TILE_COLUMNS;
      const uint j = column + c;
      real values[PACK];
      load_pack(row_at(span, X, indexes, min(tile + r, span->count - 1)) + min(j, n - PACK),
                values);
      UNROLL
      for (uint i = 0; i < PACK; ++i) x[r * X_STRIDE + c + i] = j < n ? values[i] : (real)0;
    }
  }
  LOCAL_BARRIER();
}

// z += the tile's columns times θ of outputs first … first + DOTS − 1, of the work-item's row; the
// last output stands in for those past it.
INLINE void add_dots(LOCAL const real* x, GLOBAL const real* theta, uint column, uint n, uint first,
                     uint outputs, real* z) {
  LOCAL const real* row = x + LOCAL_ID % TILE_ROWS * X_STRIDE;
  const uint width = min((uint)TILE_COLUMNS, n - column);
  GLOBAL const real* weights[DOTS];
  UNROLL
  for (uint k = 0; k < DOTS; ++k)
    weights[k] = theta + (ulong)min(first + k, outputs - 1) * n + column;
  for (uint c = 0; c < width; c += PACK) {
    UNROLL
    for (uint k = 0; k < DOTS; ++k) {
      real t[PACK];
      load_pack(weights[k] + c, t);
      UNROLL
      for (uint i = 0; i < PACK; ++i) z[k] = fma(row[c + i], t[i], z[k]);
    }
  }
}

// The first of the work-item's outputs for z in the sweep that begins at `sweep`.
INLINE uint dots_from(uint sweep) { return sweep + LOCAL_ID / TILE_ROWS * DOTS; }

// z of the work-item's row and the outputs from `first` on. Ends with a barrier.
INLINE_BARRIERS void row_dots(const RowSpan* span, GLOBAL const real* X, GLOBAL const uint* indexes,
                              GLOBAL const real* theta, ulong tile, uint first, uint outputs,
                              LOCAL real* x, real* z) {
  const uint n = span->n;
  UNROLL
  for (uint k = 0; k < DOTS; ++k) z[k] = theta[(ulong)n * outputs + min(first + k, outputs - 1)];
  for (uint column = 0; column < n; column += TILE_COLUMNS) {
    load_tile(span, X, indexes, tile, column, x);
    add_dots(x, theta, column, n, first, outputs, z);
    LOCAL_BARRIER();
  }
}

// gradient[k] += Σ x·δ over the tile's rows, of the work-item's column and the outputs of its side,
// and intercept[k] += Σδ. `residuals` holds those of a sweep.
INLINE void add_slopes(LOCAL const real* x, LOCAL const real* residuals, real* gradient,
                       real* intercept) {
  const uint c = LOCAL_ID % TILE_COLUMNS;
  LOCAL const real* by = residuals + LOCAL_ID / TILE_COLUMNS * OUTPUTS * RESIDUALS_STRIDE;
  for (uint r = 0; r < TILE_ROWS; r += ROWS_AT_ONCE) {
    real values[ROWS_AT_ONCE];
    UNROLL
    for (uint i = 0; i < ROWS_AT_ONCE; ++i) values[i] = x[(r + i) * X_STRIDE + c];
    UNROLL
    for (uint k = 0; k < OUTPUTS; ++k) {
      UNROLL
      for (uint i = 0; i < ROWS_AT_ONCE; ++i) {
        const real residual = by[k * RESIDUALS_STRIDE + r + i];
        gradient[k] = fma(values[i], residual, gradient[k]);
        intercept[k] += residual;
      }
    }
  }
}

// Writes the gradient of a column and the outputs of the work-item's side to the group's partial,
// or adds it to what stands there; the intercepts of those outputs as well where the column is the
// first.
INLINE void write_slopes(const real* gradient, const real* intercept, uint column, uint n,
                         uint sweep, uint outputs, int accumulate, GLOBAL real* partial) {
  const uint j = column + LOCAL_ID % TILE_COLUMNS;
  UNROLL
  for (uint k = 0; k < OUTPUTS; ++k) {
    const uint output = sweep + LOCAL_ID / TILE_COLUMNS * OUTPUTS + k;
    if (output < outputs && j < n) {
      GLOBAL real* to = partial + (ulong)output * n + j;
      *to = accumulate ? *to + gradient[k] : gradient[k];
      GLOBAL real* sum = partial + (ulong)outputs * n + output;
      if (j == 0) *sum = accumulate ? *sum + intercept[k] : intercept[k];
    }
  }
}

// z of the tile's rows becomes δ, 0 past the last row; returns the losses that the work-item has
// made. z of output k of row r stands at z[r·rowStride + k·outputStride]. A barrier lies before and
// after.
INLINE Sum tile_residuals(const PassArguments* pass, GLOBAL const real* y,
                          GLOBAL const real* weights, GLOBAL const uint* indexes, ulong tile,
                          SCRATCH real* z, uint rowStride, uint outputStride) {
  const RowSpan* span = &pass->rows;
  const uint outputs = pass->outputs;
  const uint count = (uint)min((ulong)TILE_ROWS, span->count - tile);
  Sum total = sum_zero();
#ifdef SOFTMAX
  if (LOCAL_ID < TILE_ROWS) {
    SCRATCH real* own = z + LOCAL_ID * rowStride;
    const int present = LOCAL_ID < count;
    const Label label = label_at(span, y, weights, indexes, present ? tile + LOCAL_ID : tile);
    const Softmax softmax = softmax_of(own, outputs, outputStride, label.y);
    for (uint k = 0; k < outputs; ++k) {
      const real share = share_of(own, k, outputStride, softmax.rest);
      const Outcome at =
          counted(outcome(softmax.loss, share_residual(share, label.y, k)), label.weight);
      own[k * outputStride] = present ? at.residual : (real)0;
      if (present && k == 0) total = sum_of(at.loss);
    }
  }
#else
  // Neighbours have neighbouring places of z.
  for (uint e = LOCAL_ID; e < TILE_ROWS * outputs; e += GROUP_SIZE) {
    const uint r = outputStride == 1 ? e / outputs : e % TILE_ROWS;
    const uint k = outputStride == 1 ? e % outputs : e / TILE_ROWS;
    SCRATCH real* own = z + r * rowStride + k * outputStride;
    Outcome at = outcome((real)0, (real)0);
    if (r < count) {
      const ulong row = span->byIndex ? row_number(span, indexes, tile + r) : 0;
      const real label = y[label_number(span, row, tile + r) * outputs + k];
      const real weight = WEIGHTED ? weights[weight_number(span, row, tile + r)] : (real)1;
      at = label_outcome(*own, label, weight, pass->activation, pass->loss);
    }
    *own = at.residual;
    total = sum_add(total, at.loss);
  }
#endif
  return total;
}
