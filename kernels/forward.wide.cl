// The passes for GPUs that need no gradient: φ(Xθ + b) of every row, and the partials of the loss
// Σℓ.
//
// X is rows×n, row-major, n a multiple of PACK; theta holds n weights and the intercept. A
// work-group takes every GROUP_COUNT-th tile of TILE_ROWS rows. As in the gradient pass a row
// belongs to one work-item where it is short, else to ROW_LANES side by side; nothing of it is
// kept, so that one program serves every n of a partition.
//
// Barriers a tile: none where ROW_LANES is 1, else those of the dots, one or two (see
// lanes.wide.h): a tile is finished while the dots of the next one go to another place.

// Rows that a work-item finishes.
#if ROW_LANES == 1
#define FINISHED ROWS
#else
#define FINISHED 1
#endif

// The dots of a tile: can be asked for with row_dot when it returns.
INLINE_BARRIERS void tile_dots(const RowSpan* span, GLOBAL const real* X, ulong tile,
                               GLOBAL const real* theta, LOCAL real* sums, LOCAL real* parts,
                               real* z) {
  GLOBAL const real* x[ROWS];
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const ulong at = min(tile + r * AT_ONCE + LOCAL_ID / ROW_LANES, span->count - 1);
    x[r] = row_of(span, X, span->first + at);
  }
  slice_dots(x, theta, 0, span->n, z);
#if ROW_LANES > 1
  gather_dots(z, sums, parts);
#endif
}

// xᵀθ of the row that this work-item finishes as its number f.
INLINE real row_dot(LOCAL const real* sums, LOCAL const real* parts, const real* z, uint f) {
#if ROW_LANES == 1
  return z[f];
#else
  return tile_dot(sums, parts, LOCAL_ID);
#endif
}

// Whether there is such a row.
INLINE int finishes(ulong tile, ulong rowCount, uint f) {
  const uint q = f * GROUP_SIZE + LOCAL_ID;
  return q < TILE_ROWS && tile + q < rowCount;
}

INLINE void predict_tile(LOCAL const real* sums, LOCAL const real* parts, const real* z, ulong tile,
                         ulong rowCount, real bias, int activation, GLOBAL real* outputs) {
  UNROLL
  for (uint f = 0; f < FINISHED; ++f) {
    if (finishes(tile, rowCount, f)) {
      outputs[tile + f * GROUP_SIZE + LOCAL_ID] =
          activate(row_dot(sums, parts, z, f) + bias, activation);
    }
  }
}

// `labels` and `weights` begin at those of the pass's first row.
INLINE Sum tile_loss(LOCAL const real* sums, LOCAL const real* parts, const real* z, ulong tile,
                     ulong rowCount, real bias, GLOBAL const real* labels,
                     GLOBAL const real* weights, int activation, int loss, Sum total) {
  UNROLL
  for (uint f = 0; f < FINISHED; ++f) {
    if (finishes(tile, rowCount, f)) {
      const ulong at = tile + f * GROUP_SIZE + LOCAL_ID;
      const real own = row_dot(sums, parts, z, f) + bias;
      const real weight = WEIGHTED ? weights[at] : (real)1;
      total = sum_add(total, label_outcome(own, labels[at], weight, activation, loss).loss);
    }
  }
  return total;
}

KERNEL FIXED_GROUP(GROUP_SIZE) void predict(GLOBAL const real* X, GLOBAL const real* theta,
                                            GLOBAL real* outputs, const PassArguments pass) {
  LOCAL_ARRAY(real, sums, ROW_LANES > 1 ? 2 * TILE_SUMS : 1);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  const RowSpan* span = &pass.rows;
  GLOBAL real* to = outputs + span->firstLabel;
  const ulong rowCount = span->count;
  const real bias = theta[span->n];
  const ulong step = (ulong)GROUP_COUNT * TILE_ROWS;
  ulong tile = (ulong)GROUP_ID * TILE_ROWS;
  uint place = 0;
  real z[ROWS];
  tile_dots(span, X, tile, theta, sums, parts, z);
  for (ulong next = tile + step; next < rowCount; next += step) {
    predict_tile(sums + place, parts, z, tile, rowCount, bias, pass.activation, to);
    tile = next;
    place = TILE_SUMS - place;
    tile_dots(span, X, tile, theta, sums + place, parts, z);
  }
  predict_tile(sums + place, parts, z, tile, rowCount, bias, pass.activation, to);
}

KERNEL FIXED_GROUP(GROUP_SIZE) void loss_sum(GLOBAL const real* X, GLOBAL const real* y,
                                             GLOBAL const real* weights, GLOBAL const real* theta,
                                             GLOBAL const uint* state, GLOBAL Sum* lossPartials,
                                             const PassArguments pass) {
  LOCAL_ARRAY(real, sums, ROW_LANES > 1 ? 2 * TILE_SUMS : 1);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;
  GLOBAL const real* labels = y + pass.rows.firstLabel;
  GLOBAL const real* counts = weights + pass.rows.firstWeight;
  const RowSpan* span = &pass.rows;
  const ulong rowCount = span->count;
  const real bias = theta[span->n];
  const ulong step = (ulong)GROUP_COUNT * TILE_ROWS;
  ulong tile = (ulong)GROUP_ID * TILE_ROWS;
  uint place = 0;
  real z[ROWS];
  Sum total = sum_zero();
  tile_dots(span, X, tile, theta, sums, parts, z);
  for (ulong next = tile + step; next < rowCount; next += step) {
    total = tile_loss(sums + place, parts, z, tile, rowCount, bias, labels, counts, pass.activation,
                      pass.loss, total);
    tile = next;
    place = TILE_SUMS - place;
    tile_dots(span, X, tile, theta, sums + place, parts, z);
  }
  total = tile_loss(sums + place, parts, z, tile, rowCount, bias, labels, counts, pass.activation,
                    pass.loss, total);
  total = group_sum(total, scratch);
  if (LOCAL_ID == 0)
    lossPartials[GROUP_ID] = pass.accumulate ? sum_join(lossPartials[GROUP_ID], total) : total;
}
