// ROWS rows at a time by one work-item, lanes along the columns: their pointers, and z = Xθ + b of
// all of them. Rows beyond the last repeat it, so that a short tile needs no code of its own.

#ifndef ROWS
#define ROWS 4
#endif

typedef struct {
  GLOBAL const real* x[ROWS];
  ulong label[ROWS];  // where the row's label stands
  uint count;         // rows of the tile that are there
} Tile;

typedef struct {
  ulong first;
  ulong end;
} Range;

// The contiguous block of whole tiles that belongs to this group.
INLINE Range group_rows(ulong rowCount) {
  const ulong tiles = (rowCount + ROWS - 1) / ROWS;
  const ulong rowsPerGroup = (tiles + GROUP_COUNT - 1) / GROUP_COUNT * ROWS;
  Range range;
  range.first = min(GROUP_ID * rowsPerGroup, rowCount);
  range.end = min(range.first + rowsPerGroup, rowCount);
  return range;
}

// Rows first … end − 1 of the pass; `indexes` names the matrix's rows where `byIndex`.
INLINE Tile tile_at(GLOBAL const real* X, ulong firstRow, ulong firstLabel,
                    GLOBAL const uint* indexes, int byIndex, ulong first, ulong end, uint n) {
  Tile tile;
  tile.count = (uint)min((ulong)ROWS, end - first);
  UNROLL
  for (uint r = 0; r < ROWS; ++r) {
    const ulong at = first + min(r, tile.count - 1);
    const ulong row = byIndex ? (ulong)indexes[firstRow + at] : firstRow + at;
    tile.x[r] = X + row * n;
    tile.label[r] = byIndex ? row : firstLabel + at;
  }
  return tile;
}

INLINE void tile_dots(const Tile* tile, GLOBAL const real* theta, uint n, real* z) {
  lanes sums[ROWS];
  UNROLL
  for (uint r = 0; r < ROWS; ++r) sums[r] = splat((real)0);
  uint j = 0;
  for (; j + LANES <= n; j += LANES) {
    const lanes t = load_lanes(theta + j);
    UNROLL
    for (uint r = 0; r < ROWS; ++r) sums[r] = fma(load_lanes(tile->x[r] + j), t, sums[r]);
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
