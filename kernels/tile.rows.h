// ROWS rows at a time by one work-item, lanes along the columns: their pointers, and z = Xθ + b of
// all of them. Rows beyond the last repeat it, so that a short tile needs no code of its own.

#ifndef ROWS
#define ROWS 4
#endif

typedef struct {
  GLOBAL const real* x[ROWS];
  ulong label[ROWS];   // where the row's label stands,
  ulong weight[ROWS];  // and its weight
  uint count;          // rows of the tile that are there
} Tile;

typedef struct {
  ulong first;
  ulong end;
  ulong streamRows;  // rows of each of its streams; 0 where it has none
} Range;

// `count` rows in the order of the pass. The rows of a tile stand streamRows apart: ROWS long
// streams, each in pages of its own, which the processor fetches ahead; neighbours share a page,
// which it takes for one stream in disorder.
INLINE Range rows_in_streams(ulong first, ulong count) {
  Range range;
  range.first = first;
  range.end = first + count;
  range.streamRows = count / ROWS;
  return range;
}

// The contiguous block of whole tiles that belongs to this group.
INLINE Range group_rows(ulong rowCount) {
  const ulong tiles = (rowCount + ROWS - 1) / ROWS;
  const ulong rowsPerGroup = (tiles + GROUP_COUNT - 1) / GROUP_COUNT * ROWS;
  const ulong first = min(GROUP_ID * rowsPerGroup, rowCount);
  return rows_in_streams(first, min(rowsPerGroup, rowCount - first));
}

// Rows first … end − 1 of the range, first a multiple of ROWS into it.
INLINE Tile tile_at(const RowSpan* span, GLOBAL const real* X, GLOBAL const uint* indexes,
                    const Range* range, ulong first, ulong end) {
  Tile tile;
  tile.count = (uint)min((ulong)ROWS, end - first);
  const ulong stream = (first - range->first) / ROWS;
  const int streamed = stream < range->streamRows;
  const ulong start = streamed ? range->first + stream : first;
  const ulong step = streamed ? range->streamRows : 1;
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const ulong at = start + min(r, tile.count - 1) * step;
    const ulong row = row_number(span, indexes, at);
    tile.x[r] = row_of(span, X, row);
    tile.label[r] = label_number(span, row, at);
    tile.weight[r] = weight_number(span, row, at);
  }
  return tile;
}

// `values` with 0 in the lanes outside first … end − 1.
INLINE lanes only_lanes(lanes values, uint first, uint end) {
  real each[LANES];
  store_lanes(values, each);
  for (uint k = 0; k < LANES; ++k) each[k] = k >= first && k < end ? each[k] : (real)0;
  return load_lanes(each);
}

// 1 in the lanes that stand for the last n % LANES columns when the lanes end at column n, else 0:
// columns that do not fill the lanes are read together with some before them, which then count 0.
INLINE lanes tail_mask(uint n) { return only_lanes(splat((real)1), LANES - n % LANES, LANES); }

INLINE void tile_dots(const Tile* tile, GLOBAL const real* theta, uint n, lanes mask, real* z) {
  lanes sums[ROWS];
  UNROLL
  for (uint r = 0; r < ROWS; ++r) sums[r] = splat((real)0);
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    const lanes t = load_lanes(theta + j);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) sums[r] = fma(load_lanes(tile->x[r] + j), t, sums[r]);
  }
  if (j < n && n > LANES) {
    j = n - LANES;
    const lanes t = load_lanes(theta + j) * mask;
    UNROLL
    for (uint r = 0; r < ROWS; ++r) sums[r] = fma(load_lanes(tile->x[r] + j), t, sums[r]);
    j = n;
  }
  UNROLL
  for (uint r = 0; r < ROWS; ++r) z[r] = sum_lanes(sums[r]);
  for (; j < n; ++j) {
    UNROLL
    for (uint r = 0; r < ROWS; ++r) z[r] = fma(tile->x[r][j], theta[j], z[r]);
  }
  UNROLL
  for (uint r = 0; r < ROWS; ++r) z[r] += theta[n];
}

// Rows of a block: their residuals are computed LANES at once where the block's rows then still
// stand in the first level cache for their second read, else a tile at a time.
#ifndef BLOCK_BYTES
#define BLOCK_BYTES 16384
#endif

INLINE uint block_rows(uint n) { return n * LANES <= BLOCK_BYTES / sizeof(real) ? LANES : ROWS; }

// row_outcome of LANES rows: the pairs that neurons mostly have within the rows' loop.
INLINE Outcome row_outcomes(lanes z, lanes y, int activation, int loss) {
  if (activation == ACTIVATION_linear && loss == LOSS_squared)
    return outcome_of(z, y, ACTIVATION_linear, LOSS_squared);
  if (loss == LOSS_log) return outcome_of(z, y, ACTIVATION_sigmoid, LOSS_log);
  if (activation == ACTIVATION_exp && loss == LOSS_poisson)
    return outcome_of(z, y, ACTIVATION_exp, LOSS_poisson);
  return row_outcome(z, y, activation, loss);
}

// The labels of LANES rows.
typedef struct {
  real y[LANES];
  real weight[LANES];
} Labels;

INLINE Labels no_labels(void) {
  Labels labels;
  store_lanes(splat((real)0), labels.y);
  if (WEIGHTED) store_lanes(splat((real)0), labels.weight);
  return labels;
}

// Reads that of row k of the tile.
INLINE void read_label(const Tile* tile, uint k, GLOBAL const real* y, GLOBAL const real* weights,
                       uint lane, Labels* labels) {
  labels->y[lane] = y[tile->label[k]];
  if (WEIGHTED) labels->weight[lane] = weights[tile->weight[k]];
}

INLINE Outcome label_outcomes(lanes z, const Labels* labels, int activation, int loss) {
  const Outcome at = row_outcomes(z, load_lanes(labels->y), activation, loss);
  return WEIGHTED ? weighted_outcome(at, load_lanes(labels->weight)) : at;
}

// ℓ and δ of rows first … first + count − 1 of the range, count ≤ LANES; 0 for those up to LANES.
// tiles[k] gets the tile of rows first + k·ROWS ….
INLINE void block_outcomes(const PassArguments* pass, GLOBAL const real* X, GLOBAL const real* y,
                           GLOBAL const real* weights, GLOBAL const uint* indexes,
                           const Range* range, ulong first, uint count, GLOBAL const real* theta,
                           lanes mask, Tile* tiles, lanes* losses, lanes* residuals) {
  const RowSpan* span = &pass->rows;
  real z[LANES];
  Labels labels = no_labels();
  store_lanes(splat((real)0), z);
  for (uint r = 0; r < count; r += ROWS) {
    const Tile tile = tile_at(span, X, indexes, range, first + r, first + count);
    tiles[r / ROWS] = tile;
    tile_dots(&tile, theta, span->n, mask, z + r);
    UNROLL
    for (uint k = 0; k < ROWS; ++k) read_label(&tile, k, y, weights, r + k, &labels);
  }
  const Outcome at = label_outcomes(load_lanes(z), &labels, pass->activation, pass->loss);
  *losses = count < LANES ? only_lanes(at.loss, 0, count) : at.loss;
  *residuals = count < LANES ? only_lanes(at.residual, 0, count) : at.residual;
}
