// Rows shared by ROW_LANES work-items (a power of two) of a group, where that is known when the
// kernel is compiled: GROUP_SIZE / ROW_LANES rows stand side by side, ROWS times over. Row q of a
// tile is number q / AT_ONCE of the work-items in slot q % AT_ONCE.
//
// A dot is added up in local memory: first in PARTS sums of parts a row, where it has more lanes
// than FOLD, then by one work-item, which also makes the row's loss and residual. That takes two or
// three barriers a tile, whatever a wave is; a tree would take one for each power of two. Rows of
// partial sums are a bank apart, so that neighbours do not wait for each other.

#ifndef ROW_LANES
#define ROW_LANES GROUP_SIZE
#endif
#ifndef ROWS
#define ROWS 4
#endif

#define AT_ONCE (GROUP_SIZE / ROW_LANES)
#define TILE_ROWS (AT_ONCE * ROWS)
// Lanes of a row whose sums one work-item adds up by itself.
#ifndef FOLD
#define FOLD 32
#endif
#define PARTS 16
#define ROW_SUMS (ROW_LANES + 1)
#define TILE_SUMS (TILE_ROWS * ROW_SUMS)
#if ROW_LANES > FOLD
#define TILE_PARTS (TILE_ROWS * (PARTS + 1))
#else
#define TILE_PARTS 1
#endif

// values[0] + values[stride] + …, in ascending order.
INLINE real strided_sum(LOCAL const real* values, uint count, uint stride) {
  real sum = 0;
  for (uint i = 0; i < count; ++i) sum += values[i * stride];
  return sum;
}

// Every work-item's part z[r] of the dots of its rows, gathered for tile_dot. What was read of
// `sums` and `parts` before was read before a barrier that all have passed.
INLINE_BARRIERS void gather_dots(const real* z, LOCAL real* sums, LOCAL real* parts) {
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    sums[(r * AT_ONCE + LOCAL_ID / ROW_LANES) * ROW_SUMS + LOCAL_ID % ROW_LANES] = z[r];
  }
  LOCAL_BARRIER();
#if ROW_LANES > FOLD
  for (uint p = LOCAL_ID; p < TILE_ROWS * PARTS; p += GROUP_SIZE) {
    parts[p / PARTS * (PARTS + 1) + p % PARTS] =
        strided_sum(sums + p / PARTS * ROW_SUMS + p % PARTS, ROW_LANES / PARTS, PARTS);
  }
  LOCAL_BARRIER();
#endif
}

// The dot of row q of the tile, after gather_dots.
INLINE real tile_dot(LOCAL const real* sums, LOCAL const real* parts, uint q) {
#if ROW_LANES > FOLD
  return strided_sum(parts + q * (PARTS + 1), PARTS, 1);
#else
  return strided_sum(sums + q * ROW_SUMS, ROW_LANES, 1);
#endif
}

// The label of the row that this work-item finishes, TILE_ROWS ≤ GROUP_SIZE: asked for before the
// row's columns, so that it is there when they are.
INLINE Label tile_label(const RowSpan* span, GLOBAL const real* y, GLOBAL const real* weights,
                        GLOBAL const uint* indexes, ulong tile) {
  const ulong at = tile + LOCAL_ID;
  const Label none = {0, 0};
  if (LOCAL_ID >= TILE_ROWS || at >= span->count) return none;
  return label_at(span, y, weights, indexes, at);
}

// δ of the tile's rows, 0 beyond the last one; δ and ℓ are added to the caller's running totals.
INLINE void finish_tile(LOCAL const real* sums, LOCAL const real* parts, ulong tile, ulong rowCount,
                        real bias, Label label, int activation, int loss, LOCAL real* residuals,
                        real* intercept, Sum* total) {
  if (LOCAL_ID < TILE_ROWS) {
    real residual = 0;
    if (tile + LOCAL_ID < rowCount) {
      const Outcome result = label_outcome(tile_dot(sums, parts, LOCAL_ID) + bias, label.y,
                                           label.weight, activation, loss);
      residual = result.residual;
      *intercept += residual;
      *total = sum_add(*total, result.loss);
    }
    residuals[LOCAL_ID] = residual;
  }
  LOCAL_BARRIER();
}
