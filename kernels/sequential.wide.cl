// A chunk of small steps on GPUs: stochastic descent and small mini-batches, in one launch, for
// rows that a work-group holds in registers (n ≤ ROW_LANES·COLUMNS).
//
//   for each batch of at most batchSize rows i, in order:
//     gⱼ = Σᵢ δᵢ·xᵢⱼ;  θⱼ ← S(θⱼ·(1 − rate·l2) − rate·gⱼ / |batch|, rate·l1);  b likewise, not
//     shrunk
//
// One work-group takes every step, since each depends on the one before, so that what counts is how
// long a step waits. ROW_LANES work-items share a row, AT_ONCE rows stand side by side, and each
// work-item keeps COLUMNS columns of ROWS of them in registers: TILE_ROWS rows are a tile, and a
// batch takes as many as it needs. X is read once. The rows after the next ones (for batches, the
// next ones) are asked for when a step begins and come while it is computed; their numbers were
// asked for a step before.
//
// Barriers a tile: for single rows (AT_ONCE = 1) those of the dot alone, none, one or two (see
// lanes.wide.h). Every work-item adds up the dot and makes the residual itself, θ stays in
// registers, and sums that are still being read are not written to, because they alternate between
// two places. For batches two more: one after which each work-item adds up its columns over the
// rows that stand side by side and steps them, and one after which all read θ from local memory.
//
// `rows` counts the rows of the chunk: they are indexes[first …] where `byIndex`, else rows first …
// of X. `unused` belongs to the rows shape.

#ifndef COLUMNS
#define COLUMNS 8
#endif

#define PACKS (COLUMNS / PACK)
// Where a slot leaves its part of a batch's gradient: its columns, then Σδ.
#define SLOT_SUMS (ROW_LANES * COLUMNS + 1)
#define CHAINS (COLUMNS < 4 ? COLUMNS : 4)

typedef struct {
  real x[ROWS][COLUMNS];
  real label[ROWS];
} Tile;

// Rows start + offset … of the chunk: the batch, and the tile in it.
typedef struct {
  ulong start;
  uint offset;
} Place;

typedef struct {
  GLOBAL const real* X;
  GLOBAL const real* y;
  GLOBAL const uint* indexes;
  int byIndex;
  ulong first;
  ulong rows;
  uint batchSize;
  uint n;
  int fitIntercept;
  int activation;
  int loss;
  Shrinkage by;
  real rate;
  real fullStep;  // rate over the size of a batch that is not short
} Chunk;

// What a work-item keeps from step to step.
typedef struct {
  real t[COLUMNS];
  real bias;
  real g[COLUMNS];
  real interceptGradient;
  real z[ROWS];
  Place at;          // of the tile that is worked on
  Place ahead;       // of the next one to ask for,
  ulong rows[ROWS];  // and this work-item's rows of it
} Descent;

// The column that is number k of a work-item's.
INLINE uint column_of(uint lane, uint k) { return (k / PACK * ROW_LANES + lane) * PACK + k % PACK; }

// The column whose sum has place e of a slot: n for the intercept, more for none.
INLINE uint place_column(uint e, uint n) {
  const uint j = column_of(e % ROW_LANES, e / ROW_LANES);
  if (e == SLOT_SUMS - 1) return n;
  return j < n ? j : n + 1;
}

INLINE Place place_after(const Chunk* chunk, Place place) {
  place.offset += TILE_ROWS;
  if (place.offset >= chunk->batchSize) {
    place.start += chunk->batchSize;
    place.offset = 0;
  }
  return place;
}

// Asks which rows of the matrix stand there; beyond the chunk, the last one again.
INLINE void name_rows(const Chunk* chunk, Descent* descent) {
  const ulong from = descent->ahead.start + descent->ahead.offset + LOCAL_ID / ROW_LANES;
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    descent->rows[r] = matrix_row(chunk->indexes, chunk->byIndex, chunk->first,
                                  min(from + r * AT_ONCE, chunk->rows - 1));
  }
}

// Asks for the rows that are named, and then for the names of those after them.
INLINE void fetch(const Chunk* chunk, Descent* descent, Tile* tile) {
  const uint lane = LOCAL_ID % ROW_LANES;
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const ulong row = descent->rows[r];
    tile->label[r] = chunk->y[row];
    UNROLL
    for (uint p = 0; p < PACKS; ++p) {
      const uint column = min(column_of(lane, p * PACK), chunk->n - PACK);
      load_pack(chunk->X + row * chunk->n + column, tile->x[r] + p * PACK);
    }
  }
  descent->ahead = place_after(chunk, descent->ahead);
  name_rows(chunk, descent);
}

// This work-item's part of the dots of its rows; those of a tile can be asked for with tile_z when
// it returns.
INLINE_BARRIERS void multiply(const Tile* tile, Descent* descent, LOCAL real* sums,
                              LOCAL real* parts) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    real chains[CHAINS];
    UNROLL
    for (uint c = 0; c < CHAINS; ++c) chains[c] = 0;
    UNROLL
    for (uint k = 0; k < COLUMNS; ++k)
      chains[k % CHAINS] = fma(tile->x[r][k], descent->t[k], chains[k % CHAINS]);
    real z = chains[0];
    UNROLL
    for (uint c = 1; c < CHAINS; ++c) z += chains[c];
    descent->z[r] = z;
  }
#if ROW_LANES > 1
  gather_dots(descent->z, sums, parts);
#endif
}

// values[0] + … + values[count − 1], in four chains, so that an addition waits for every fourth.
INLINE real chained_sum(LOCAL const real* values, uint count, uint stride) {
  if (count < 4) return strided_sum(values, count, stride);
  real chains[4];
  UNROLL
  for (uint c = 0; c < 4; ++c) chains[c] = 0;
  UNROLL
  for (uint i = 0; i < count; ++i) chains[i % 4] += values[i * stride];
  return (chains[0] + chains[1]) + (chains[2] + chains[3]);
}

// xᵀθ of this work-item's row r, after multiply.
INLINE real tile_z(const Descent* descent, LOCAL const real* sums, LOCAL const real* parts,
                   uint r) {
  const uint q = r * AT_ONCE + LOCAL_ID / ROW_LANES;
#if ROW_LANES == 1
  return descent->z[r];
#elif ROW_LANES > FOLD
  return chained_sum(parts + q * (PARTS + 1), PARTS, 1);
#else
  return chained_sum(sums + q * ROW_SUMS, ROW_LANES, 1);
#endif
}

// Rows of the batch that starts there; none beyond the chunk.
INLINE uint batch_rows(const Chunk* chunk, Place place) {
  if (place.start >= chunk->rows) return 0;
  return (uint)min((ulong)chunk->batchSize, chunk->rows - place.start);
}

// The residuals of the work-item's rows, and what they add to its columns of the gradient.
INLINE void accumulate(const Chunk* chunk, const Tile* tile, Descent* descent,
                       LOCAL const real* sums, LOCAL const real* parts) {
  const uint count = batch_rows(chunk, descent->at);
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const uint q = r * AT_ONCE + LOCAL_ID / ROW_LANES;
    const real z = tile_z(descent, sums, parts, r) + descent->bias;
    const Outcome result = row_outcome(z, tile->label[r], chunk->activation, chunk->loss);
    const real residual = descent->at.offset + q < count ? result.residual : (real)0;
    descent->interceptGradient += residual;
    UNROLL
    for (uint k = 0; k < COLUMNS; ++k) descent->g[k] = fma(tile->x[r][k], residual, descent->g[k]);
  }
}

INLINE void begin_batch(Descent* descent) {
  UNROLL
  for (uint k = 0; k < COLUMNS; ++k) descent->g[k] = 0;
  descent->interceptGradient = 0;
}

INLINE real moved_weight(const Chunk* chunk, real weight, real g, real step) {
  return step_weight(weight, g, step, chunk->by);
}

// Ends the work on a tile; takes the step where that was the last one of its batch.
INLINE_BARRIERS void end_tile(const Chunk* chunk, Descent* descent, LOCAL real* slots,
                              LOCAL real* weights) {
  const uint count = batch_rows(chunk, descent->at);
  const int ended = descent->at.offset + TILE_ROWS >= chunk->batchSize && count > 0;
  const real step = count == chunk->batchSize ? chunk->fullStep : chunk->rate / (real)count;
  const uint lane = LOCAL_ID % ROW_LANES;
#if AT_ONCE == 1
  if (ended) {
    UNROLL
    for (uint k = 0; k < COLUMNS; ++k) {
      const real moved = moved_weight(chunk, descent->t[k], descent->g[k], step);
      descent->t[k] = column_of(lane, k) < chunk->n ? moved : (real)0;
    }
    if (chunk->fitIntercept) descent->bias = fma(-step, descent->interceptGradient, descent->bias);
    begin_batch(descent);
  }
#else
  LOCAL real* own = slots + LOCAL_ID / ROW_LANES * SLOT_SUMS;
  if (ended) {
    UNROLL
    for (uint k = 0; k < COLUMNS; ++k) own[k * ROW_LANES + lane] = descent->g[k];
    if (lane == 0) own[SLOT_SUMS - 1] = descent->interceptGradient;
    begin_batch(descent);
  }
  LOCAL_BARRIER();
  for (uint e = LOCAL_ID; ended && e < SLOT_SUMS; e += GROUP_SIZE) {
    const real g = chained_sum(slots + e, AT_ONCE, SLOT_SUMS);
    const uint j = place_column(e, chunk->n);
    if (j < chunk->n) weights[e] = moved_weight(chunk, weights[e], g, step);
    if (j == chunk->n && chunk->fitIntercept) weights[e] = fma(-step, g, weights[e]);
  }
  LOCAL_BARRIER();
#endif
  descent->at = place_after(chunk, descent->at);
}

KERNEL FIXED_GROUP(GROUP_SIZE) void sequential(GLOBAL const real* X, GLOBAL const real* y,
                                               GLOBAL const uint* indexes, int byIndex, ulong first,
                                               ulong rows, uint batchSize, uint n,
                                               GLOBAL real* theta, int fitIntercept, int activation,
                                               int loss, real l1, real l2, real rate,
                                               GLOBAL const uint* state, GLOBAL real* unused) {
  LOCAL_ARRAY(real, sums, ROW_LANES > 1 ? 2 * TILE_SUMS : 1);
  LOCAL_ARRAY(real, parts, TILE_PARTS);
  LOCAL_ARRAY(real, slots, AT_ONCE > 1 ? AT_ONCE * SLOT_SUMS : 1);
  LOCAL_ARRAY(real, weights, AT_ONCE > 1 ? SLOT_SUMS : 1);
  if (state[STATE_HALT] != HALT_NONE) return;

  Chunk chunk;
  chunk.X = X;
  chunk.y = y;
  chunk.indexes = indexes;
  chunk.byIndex = byIndex;
  chunk.first = first;
  chunk.rows = rows;
  chunk.batchSize = batchSize;
  chunk.n = n;
  chunk.fitIntercept = fitIntercept;
  chunk.activation = activation;
  chunk.loss = loss;
  chunk.by = shrinkage(rate, l1, l2);
  chunk.rate = rate;
  chunk.fullStep = rate / (real)batchSize;

  const uint lane = LOCAL_ID % ROW_LANES;
  Descent descent;
  UNROLL
  for (uint k = 0; k < COLUMNS; ++k) {
    const uint j = column_of(lane, k);
    descent.t[k] = j < n ? theta[j] : (real)0;
  }
  descent.bias = theta[n];
  begin_batch(&descent);
  descent.at.start = 0;
  descent.at.offset = 0;
  descent.ahead = descent.at;
  name_rows(&chunk, &descent);
  // Tiles are counted so that plainly all work-items take as many turns.
  const uint tilesOfBatch = (batchSize + TILE_ROWS - 1) / TILE_ROWS;
  const ulong tiles = (rows + batchSize - 1) / batchSize * tilesOfBatch;
  Tile now;
  Tile ahead;
  fetch(&chunk, &descent, &now);
#if AT_ONCE == 1
  Tile next;
  fetch(&chunk, &descent, &next);
  multiply(&now, &descent, sums, parts);
  for (ulong tile = 0; tile < tiles; ++tile) {
    const uint turn = (uint)tile % 2;
    fetch(&chunk, &descent, &ahead);
    accumulate(&chunk, &now, &descent, sums + turn * TILE_SUMS, parts);
    end_tile(&chunk, &descent, slots, weights);
    now = next;
    multiply(&now, &descent, sums + (1 - turn) * TILE_SUMS, parts);
    next = ahead;
  }
#else
  for (uint e = LOCAL_ID; e < SLOT_SUMS; e += GROUP_SIZE) {
    const uint j = place_column(e, n);
    weights[e] = j <= n ? theta[j] : (real)0;
  }
  LOCAL_BARRIER();
  for (ulong tile = 0; tile < tiles; ++tile) {
    fetch(&chunk, &descent, &ahead);
    UNROLL
    for (uint k = 0; k < COLUMNS; ++k) descent.t[k] = weights[k * ROW_LANES + lane];
    descent.bias = weights[SLOT_SUMS - 1];
    multiply(&now, &descent, sums, parts);
    accumulate(&chunk, &now, &descent, sums, parts);
    end_tile(&chunk, &descent, slots, weights);
    now = ahead;
  }
#endif

  MEET_GROUP();
#if AT_ONCE == 1
  UNROLL
  for (uint k = 0; k < COLUMNS; ++k) {
    const uint j = column_of(lane, k);
    if (j < n) theta[j] = descent.t[k];
  }
  if (lane == 0) theta[n] = descent.bias;
#else
  for (uint e = LOCAL_ID; e < SLOT_SUMS; e += GROUP_SIZE) {
    const uint j = place_column(e, n);
    if (j <= n) theta[j] = weights[e];
  }
#endif
}
